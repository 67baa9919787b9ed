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

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id" AS (
  SELECT
    "customer_id",
    "amount",
    "country",
    "happened",
    "paid",
    "price",
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

-- habits@1.0 all_time: the rows that each question meets
"habits@1.0 all_time met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."happened" AS "happened",
    "fk_seen"."paid" AS "paid",
    "fk_seen"."country" AS "country",
    "fk_seen"."price" AS "price",
    "fk_seen"."amount" AS "amount",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
),

-- habits@1.0 all_time: the orders that aggregates put their rows in
"habits@1.0 all_time ordered" AS (
  SELECT
    "fk_seen".*,
    row_number() OVER (PARTITION BY "fk_seen"."fk_row" ORDER BY "fk_seen"."price" ASC NULLS LAST, "fk_seen"."amount" DESC NULLS LAST, "fk_seen"."fk_order" ASC) AS "fk_order_4"
  FROM "habits@1.0 all_time met" AS "fk_seen"
),

-- habits@1.0: all_time (America/New_York)
"habits@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    MAX((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" AND "fk_seen"."happened" IS NOT NULL THEN "fk_seen"."happened" END)) AS "fk_1 max all_time",
    CASE WHEN COUNT((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."country" END)) > 0 THEN LISTAGG((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."country" END), ', ') WITHIN GROUP (ORDER BY "fk_seen"."fk_order_4") END AS "fk_4 string_agg all_time"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 all_time ordered" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- habits@1.0: the stretches of time, of 162000000000 us each, that it may see
"habits@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of" - INTERVAL '30 DAY') / 162000000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 162000000000) + 1)) AS "fk_number"
),

-- habits@1.0 windows: the rows that each question meets
"habits@1.0 windows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."happened" AS "happened",
    "fk_seen"."country" AS "country",
    "fk_seen"."amount" AS "amount",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "habits@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer_id" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 162000000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
),

-- habits@1.0 windows: the orders that aggregates put their rows in
"habits@1.0 windows ordered" AS (
  SELECT
    "fk_seen".*,
    row_number() OVER (PARTITION BY "fk_seen"."fk_row" ORDER BY "fk_seen"."amount" DESC NULLS LAST, "fk_seen"."fk_order" ASC) AS "fk_order_3"
  FROM "habits@1.0 windows met" AS "fk_seen"
),

-- habits@1.0: last_7d_before_7d, last_30d (America/New_York)
"habits@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    MIN((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '14 DAY' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '7 DAY' AND "fk_seen"."happened" IS NOT NULL THEN "fk_seen"."happened" END)) AS "fk_2 min last_7d_before_7d",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."country" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."fk_order_3" END) AS "fk_3 first last_30d"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 windows ordered" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- habits@1.0: its answers
"habits@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST(CAST(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") - DATE_PART(EPOCH_MICROSECOND, "fk_all_time"."fk_1 max all_time") AS FLOAT) / CAST(CASE 'hour' WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000 WHEN 'day' THEN 86400000000 ELSE 1 END AS FLOAT) AS FLOAT) AS "quiet",
    CAST(CAST(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") - DATE_PART(EPOCH_MICROSECOND, "fk_windows"."fk_2 min last_7d_before_7d") AS FLOAT) / CAST(CASE 'day' WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000 WHEN 'day' THEN 86400000000 ELSE 1 END AS FLOAT) AS FLOAT) AS "since",
    CAST("fk_windows"."fk_3 first last_30d" AS VARCHAR) AS "country_of_most",
    CAST("fk_all_time"."fk_4 string_agg all_time" AS VARCHAR) AS "told"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "habits@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "habits@1.0"."quiet" AS "habits__quiet",
  "habits@1.0"."since" AS "habits__since",
  "habits@1.0"."country_of_most" AS "habits__country_of_most",
  "habits@1.0"."told" AS "habits__told"
FROM "fk_spine"
LEFT JOIN "habits@1.0" ON "habits@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
-- not said: habits__trend: slope cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__faded: decay_sum cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__faded_price: decay_sum cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__countries: list_last cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__dearest_at: list_last cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__usual: top_k_double cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__price_before: lag cannot be said exactly in snowflake: not yet tried on snowflake
-- not said: habits__country_before: lag cannot be said exactly in snowflake: not yet tried on snowflake
