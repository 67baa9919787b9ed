-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer_id" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id"
  FROM "fk_spine"
),

-- addresses: rows that can be known, in canonical order
"fk_addresses by customer_id" AS (
  SELECT
    "customer_id",
    "street",
    "since" AS "fk_time",
    "since" AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "since" ASC, "customer_id" ASC NULLS FIRST, "since" ASC NULLS FIRST, "street" ASC NULLS FIRST, "moved" ASC NULLS FIRST, "checked" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "since"), 6) AS "since",
      CAST("street" AS VARCHAR) AS "street",
      CAST("moved" AS DATE) AS "moved",
      CAST("checked" AS BOOLEAN) AS "checked"
    FROM "addresses"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "since" IS NOT NULL
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

-- address@1.0: the latest visible row of the key
"address@1.0 latest" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen".*
  FROM "fk_asked"
  INNER JOIN (
    SELECT
      "fk_asked"."fk_row",
      MAX("fk_seen"."fk_order") AS "fk_order"
    FROM "fk_asked"
    INNER JOIN "fk_addresses by customer_id" AS "fk_seen"
      ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
      AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
    GROUP BY "fk_asked"."fk_row"
  ) AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_addresses by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
),

-- address@1.0: its answers
"address@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_latest"."street" AS VARCHAR) AS "street"
  FROM "fk_asked"
  LEFT JOIN "address@1.0 latest" AS "fk_latest" ON "fk_latest"."fk_row" = "fk_asked"."fk_row"
),

-- spend@1.0: the stretches of time, of 162000000000 us each, that it may see
"spend@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of" - INTERVAL '30 DAY') / 162000000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 162000000000) + 1)) AS "fk_number"
),

-- spend@1.0: last_30d (UTC)
"spend@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL THEN "fk_seen"."amount" END)) AS "fk_1 sum_double last_30d"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 162000000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: its answers
"spend@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 sum_double last_30d" AS FLOAT) AS "total"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
),

-- both@1.0: its answers
"both@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("spend@1.0"."total" * CAST('2.0' AS FLOAT) AS FLOAT) AS "twice",
    CAST("address@1.0"."street" || '!' AS VARCHAR) AS "shouted"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0" AS "spend@1.0" ON "spend@1.0"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "address@1.0" AS "address@1.0" ON "address@1.0"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "spend@1.0"."total" AS "spend__total",
  "address@1.0"."street" AS "address__street",
  "both@1.0"."twice" AS "both__twice",
  "both@1.0"."shouted" AS "both__shouted"
FROM "fk_spine"
LEFT JOIN "address@1.0" ON "address@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "spend@1.0" ON "spend@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "both@1.0" ON "both@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
