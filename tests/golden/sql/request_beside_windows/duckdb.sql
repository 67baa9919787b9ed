-- Training set: the spine's rows in their order, each answer as it was known then.
WITH
-- the questions: the spine's rows in their order, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER () AS "fk_row",
    make_timestamp(epoch_us("spine"."asked_at")) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id",
    CAST("fk_spine"."amount" AS DOUBLE) AS "amount"
  FROM "fk_spine"
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id" AS (
  SELECT
    "customer_id",
    "amount",
    "country",
    "happened" AS "fk_time",
    GREATEST("happened", "booked") AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "happened" ASC, "number" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      CAST("amount" AS DOUBLE) AS "amount",
      CAST("price" AS DECIMAL(10,2)) AS "price",
      CAST("country" AS VARCHAR) AS "country",
      CAST("paid" AS BOOLEAN) AS "paid",
      make_timestamp(epoch_us("happened")) AS "happened",
      make_timestamp(epoch_us("booked")) AS "booked",
      CAST("number" AS BIGINT) AS "number"
    FROM "payments"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "happened" IS NOT NULL AND "booked" IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY "customer_id", "happened", "number" ORDER BY "booked" ASC, "customer_id" ASC NULLS FIRST, "amount" ASC NULLS FIRST, "price" ASC NULLS FIRST, "country" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "happened" ASC NULLS FIRST, "booked" ASC NULLS FIRST, "number" ASC NULLS FIRST) = 1
),

-- ratio@1.0: the stretches of time, of 162000000000 us each, that it may see
"ratio@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    unnest(range(epoch_us("fk_asked"."fk_as_of" - INTERVAL 30 DAY) // 162000000000, epoch_us("fk_asked"."fk_as_of") // 162000000000 + 1)) AS "fk_stretch"
  FROM "fk_asked"
),

-- ratio@1.0: last_30d (UTC)
"ratio@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    AVG("fk_seen"."amount") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."amount" IS NOT NULL) AS "fk_1 avg_double last_30d"
  FROM "fk_asked"
  LEFT JOIN "ratio@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON epoch_us("fk_seen"."fk_time") // 162000000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- ratio@1.0: all_time (UTC)
"ratio@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    LAST("fk_seen"."country" ORDER BY "fk_seen"."fk_order") FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."country" IS NOT NULL) AS "fk_2 last all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- ratio@1.0: its answers
"ratio@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST(CASE WHEN "fk_windows"."fk_1 avg_double last_30d" <> 0 THEN "fk_asked"."amount" / "fk_windows"."fk_1 avg_double last_30d" END AS DOUBLE) AS "ratio",
    CAST("fk_asked"."fk_as_of" AS TIMESTAMP) AS "asked",
    CAST(CASE WHEN (CASE WHEN CONTAINS(TRIM(translate("fk_all_time"."fk_2 last all_time", ';`K', ';`K'), ' '), 'İ') THEN ARRAY_TO_STRING(LIST_TRANSFORM(STRING_SPLIT(TRIM(translate("fk_all_time"."fk_2 last all_time", ';`K', ';`K'), ' '), 'İ'), lambda part: LOWER(part)), 'İ') ELSE LOWER(TRIM(translate("fk_all_time"."fk_2 last all_time", ';`K', ';`K'), ' ')) END) IN ('gb', 'great britain', 'u''k') THEN 'GB' WHEN (CASE WHEN CONTAINS(TRIM(translate("fk_all_time"."fk_2 last all_time", ';`K', ';`K'), ' '), 'İ') THEN ARRAY_TO_STRING(LIST_TRANSFORM(STRING_SPLIT(TRIM(translate("fk_all_time"."fk_2 last all_time", ';`K', ';`K'), ' '), 'İ'), lambda part: LOWER(part)), 'İ') ELSE LOWER(TRIM(translate("fk_all_time"."fk_2 last all_time", ';`K', ';`K'), ' ')) END) IN ('us', 'usa', 'united states') THEN 'US' ELSE CAST(CASE WHEN "fk_all_time"."fk_2 last all_time" IS NOT NULL THEN 'elsewhere' END AS VARCHAR) END AS VARCHAR) AS "country"
  FROM "fk_asked"
  LEFT JOIN "ratio@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "ratio@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "ratio@1.0"."ratio" AS "ratio__ratio",
  "ratio@1.0"."asked" AS "ratio__asked",
  "ratio@1.0"."country" AS "ratio__country"
FROM "fk_spine"
LEFT JOIN "ratio@1.0" ON "ratio@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
