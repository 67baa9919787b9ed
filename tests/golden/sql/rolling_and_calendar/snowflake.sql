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
"fk_typed" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id"
  FROM "fk_spine"
),

-- the wall clock where it is asked
"fk_clocks" AS (
  SELECT
    "fk_typed".*,
    CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_as_of") AS "fk_clock America/New_York"
  FROM "fk_typed"
),

-- when local units began, by the wall clock
"fk_walls" AS (
  SELECT
    "fk_clocks".*,
    DATE_TRUNC('day', "fk_clock America/New_York") AS "fk_day_0 America/New_York wall",
    DATEADD(DAY, -7, DATE_TRUNC('day', "fk_clock America/New_York")) AS "fk_day_7 America/New_York wall",
    DATE_TRUNC('month', "fk_clock America/New_York") AS "fk_month_0 America/New_York wall"
  FROM "fk_clocks"
),

-- the instants at which the wall clock may have read so
"fk_instants" AS (
  SELECT
    "fk_walls".*,
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_0 America/New_York wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_0 America/New_York wall" - INTERVAL '1 DAY'))), "fk_day_0 America/New_York wall") AS "fk_day_0 America/New_York before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_0 America/New_York wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_0 America/New_York wall" + INTERVAL '1 DAY'))), "fk_day_0 America/New_York wall") AS "fk_day_0 America/New_York after",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_7 America/New_York wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_7 America/New_York wall" - INTERVAL '1 DAY'))), "fk_day_7 America/New_York wall") AS "fk_day_7 America/New_York before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_7 America/New_York wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_7 America/New_York wall" + INTERVAL '1 DAY'))), "fk_day_7 America/New_York wall") AS "fk_day_7 America/New_York after",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_month_0 America/New_York wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_month_0 America/New_York wall" - INTERVAL '1 DAY'))), "fk_month_0 America/New_York wall") AS "fk_month_0 America/New_York before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_month_0 America/New_York wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_month_0 America/New_York wall" + INTERVAL '1 DAY'))), "fk_month_0 America/New_York wall") AS "fk_month_0 America/New_York after"
  FROM "fk_walls"
),

-- when the windows begin and end, as instants
"fk_asked" AS (
  SELECT
    "fk_instants".*,
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_0 America/New_York before") = "fk_day_0 America/New_York wall" THEN "fk_day_0 America/New_York before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_0 America/New_York after") = "fk_day_0 America/New_York wall" THEN "fk_day_0 America/New_York after" ELSE "fk_day_0 America/New_York before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_day_0 America/New_York",
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_7 America/New_York before") = "fk_day_7 America/New_York wall" THEN "fk_day_7 America/New_York before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_7 America/New_York after") = "fk_day_7 America/New_York wall" THEN "fk_day_7 America/New_York after" ELSE "fk_day_7 America/New_York before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_day_7 America/New_York",
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_month_0 America/New_York before") = "fk_month_0 America/New_York wall" THEN "fk_month_0 America/New_York before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_month_0 America/New_York after") = "fk_month_0 America/New_York wall" THEN "fk_month_0 America/New_York after" ELSE "fk_month_0 America/New_York before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_month_0 America/New_York"
  FROM "fk_instants"
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id, delay 5m" AS (
  SELECT
    "customer_id",
    "amount",
    "country",
    "paid",
    "happened" AS "fk_time",
    GREATEST("happened", "booked" + INTERVAL '5 MINUTE') AS "fk_known",
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

-- spend@1.0: the stretches of time, of 167400000000 us each, that it may see
"spend@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, LEAST("fk_asked"."fk_as_of" - INTERVAL '30 DAY', "fk_asked"."fk_day_7 America/New_York", "fk_asked"."fk_month_0 America/New_York")) / 167400000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 167400000000) + 1)) AS "fk_number"
),

-- spend@1.0: last_30d, calendar_7d, month_to_date, last_7d_before_7d (America/New_York)
"spend@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND ("fk_seen"."amount" > CAST('-100.0' AS FLOAT)) AND "fk_seen"."amount" IS NOT NULL THEN "fk_seen"."amount" END)) AS "fk_1 sum_double last_30d",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_7 America/New_York" AND "fk_seen"."fk_time" < "fk_asked"."fk_day_0 America/New_York" AND ("fk_seen"."amount" > CAST('-100.0' AS FLOAT)) THEN 1 END) AS "fk_2 count_rows calendar_7d",
    AVG((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_month_0 America/New_York" AND (("fk_seen"."amount" > CAST('-100.0' AS FLOAT)) AND "fk_seen"."paid") AND "fk_seen"."amount" IS NOT NULL THEN "fk_seen"."amount" END)) AS "fk_3 avg_double month_to_date",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '14 DAY' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '7 DAY' AND ("fk_seen"."amount" > CAST('-100.0' AS FLOAT)) AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."country" END)) AS "fk_5 count_distinct last_7d_before_7d"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 167400000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: which rows are the 3 latest visible ones
"spend@1.0 picked last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 1 AND 3
),

-- spend@1.0: last_3_rows (America/New_York)
"spend@1.0 last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."amount" > CAST('-100.0' AS FLOAT)) AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."country" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."amount" > CAST('-100.0' AS FLOAT)) AND "fk_seen"."country" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_4 last last_3_rows"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 picked last_3_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: its answers
"spend@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 sum_double last_30d" AS FLOAT) AS "spend_30d",
    CAST("fk_windows"."fk_2 count_rows calendar_7d" AS NUMBER(38,0)) AS "payments_7d",
    CAST("fk_windows"."fk_3 avg_double month_to_date" AS FLOAT) AS "mean_paid",
    CAST("fk_last_3_rows"."fk_4 last last_3_rows" AS VARCHAR) AS "country",
    CAST("fk_windows"."fk_5 count_distinct last_7d_before_7d" AS NUMBER(38,0)) AS "countries_before"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "spend@1.0 last_3_rows" AS "fk_last_3_rows" ON "fk_last_3_rows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "spend@1.0"."spend_30d" AS "spend__spend_30d",
  "spend@1.0"."payments_7d" AS "spend__payments_7d",
  "spend@1.0"."mean_paid" AS "spend__mean_paid",
  "spend@1.0"."country" AS "spend__country",
  "spend@1.0"."countries_before" AS "spend__countries_before"
FROM "fk_spine"
LEFT JOIN "spend@1.0" ON "spend@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
-- not said: spend__span: subtract_decimal cannot be said exactly in snowflake: not yet tried on snowflake
