-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer_id" ASC, "spine"."amount" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id",
    CAST("fk_spine"."amount" AS FLOAT) AS "amount"
  FROM "fk_spine"
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id" AS (
  SELECT
    "customer_id",
    "amount",
    "happened" AS "fk_time",
    GREATEST("happened", "booked") AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "happened" ASC, "number" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      CAST("amount" AS FLOAT) AS "amount",
      CAST("price" AS NUMBER(10,2)) AS "price",
      CAST("country" AS VARCHAR) AS "country",
      CAST("paid" AS BOOLEAN) AS "paid",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "happened"), 6) AS "happened",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "booked"), 6) AS "booked",
      CAST("number" AS NUMBER(38,0)) AS "number"
    FROM "payments"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "happened" IS NOT NULL AND "booked" IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY "customer_id", "happened", "number" ORDER BY "booked" ASC, "customer_id" ASC NULLS FIRST, "amount" ASC NULLS FIRST, "price" ASC NULLS FIRST, "country" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "happened" ASC NULLS FIRST, "booked" ASC NULLS FIRST, "number" ASC NULLS FIRST) = 1
),

-- ratio@1.0: the stretches of time, of 162000000000 us each, that it may see
"ratio@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of" - INTERVAL '30 DAY') / 162000000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 162000000000) + 1)) AS "fk_number"
),

-- ratio@1.0: last_30d (UTC)
"ratio@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    AVG((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL THEN "fk_seen"."amount" END)) AS "fk_1 avg_double last_30d"
  FROM "fk_asked"
  LEFT JOIN "ratio@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 162000000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- ratio@1.0: its answers
"ratio@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_asked"."amount" / NULLIF("fk_windows"."fk_1 avg_double last_30d", 0) AS FLOAT) AS "ratio",
    CAST("fk_asked"."fk_as_of" AS TIMESTAMP_NTZ(6)) AS "asked"
  FROM "fk_asked"
  LEFT JOIN "ratio@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "ratio@1.0"."ratio" AS "ratio__ratio",
  "ratio@1.0"."asked" AS "ratio__asked"
FROM "fk_spine"
LEFT JOIN "ratio@1.0" ON "ratio@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
-- not said: ratio__country: a vocabulary cannot be said exactly in snowflake: it has no word for Unicode NFC
