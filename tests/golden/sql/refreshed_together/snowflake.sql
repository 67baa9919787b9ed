-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_typed" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer" AS VARCHAR) AS "customer"
  FROM "fk_spine"
),

-- when the latest refreshes may have been, by the wall clock, the latest first
"fk_refresh_walls" AS (
  SELECT
    "fk_typed".*,
    DATE_TRUNC('day', CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_as_of") + INTERVAL '1 DAY') + INTERVAL '150 MINUTE' AS "fk_daily 02:30 America/New_York 0 wall",
    DATE_TRUNC('day', CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_as_of")) + INTERVAL '150 MINUTE' AS "fk_daily 02:30 America/New_York 1 wall",
    DATE_TRUNC('day', CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_as_of") - INTERVAL '1 DAY') + INTERVAL '150 MINUTE' AS "fk_daily 02:30 America/New_York 2 wall",
    DATE_TRUNC('day', CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_as_of") - INTERVAL '2 DAY') + INTERVAL '150 MINUTE' AS "fk_daily 02:30 America/New_York 3 wall"
  FROM "fk_typed"
),

-- the instants at which the wall clock may have read so
"fk_refresh_readings" AS (
  SELECT
    "fk_refresh_walls".*,
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 0 wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 0 wall" - INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 0 wall") AS "fk_daily 02:30 America/New_York 0 before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 0 wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 0 wall" + INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 0 wall") AS "fk_daily 02:30 America/New_York 0 after",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 1 wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 1 wall" - INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 1 wall") AS "fk_daily 02:30 America/New_York 1 before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 1 wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 1 wall" + INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 1 wall") AS "fk_daily 02:30 America/New_York 1 after",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 2 wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 2 wall" - INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 2 wall") AS "fk_daily 02:30 America/New_York 2 before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 2 wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 2 wall" + INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 2 wall") AS "fk_daily 02:30 America/New_York 2 after",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 3 wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 3 wall" - INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 3 wall") AS "fk_daily 02:30 America/New_York 3 before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_daily 02:30 America/New_York 3 wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_daily 02:30 America/New_York 3 wall" + INTERVAL '1 DAY'))), "fk_daily 02:30 America/New_York 3 wall") AS "fk_daily 02:30 America/New_York 3 after"
  FROM "fk_refresh_walls"
),

-- when the latest refreshes were due, as instants
"fk_refreshes" AS (
  SELECT
    "fk_refresh_readings".*,
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 0 before") = "fk_daily 02:30 America/New_York 0 wall" THEN "fk_daily 02:30 America/New_York 0 before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 0 after") = "fk_daily 02:30 America/New_York 0 wall" THEN "fk_daily 02:30 America/New_York 0 after" ELSE "fk_daily 02:30 America/New_York 0 before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_daily 02:30 America/New_York 0",
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 1 before") = "fk_daily 02:30 America/New_York 1 wall" THEN "fk_daily 02:30 America/New_York 1 before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 1 after") = "fk_daily 02:30 America/New_York 1 wall" THEN "fk_daily 02:30 America/New_York 1 after" ELSE "fk_daily 02:30 America/New_York 1 before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_daily 02:30 America/New_York 1",
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 2 before") = "fk_daily 02:30 America/New_York 2 wall" THEN "fk_daily 02:30 America/New_York 2 before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 2 after") = "fk_daily 02:30 America/New_York 2 wall" THEN "fk_daily 02:30 America/New_York 2 after" ELSE "fk_daily 02:30 America/New_York 2 before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_daily 02:30 America/New_York 2",
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 3 before") = "fk_daily 02:30 America/New_York 3 wall" THEN "fk_daily 02:30 America/New_York 3 before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_daily 02:30 America/New_York 3 after") = "fk_daily 02:30 America/New_York 3 wall" THEN "fk_daily 02:30 America/New_York 3 after" ELSE "fk_daily 02:30 America/New_York 3 before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_daily 02:30 America/New_York 3"
  FROM "fk_refresh_readings"
),

-- the last refresh at or before the moment of asking
"fk_refreshed" AS (
  SELECT
    "fk_refreshes".*,
    CASE WHEN "fk_daily 02:30 America/New_York 0" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 0" WHEN "fk_daily 02:30 America/New_York 1" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 1" WHEN "fk_daily 02:30 America/New_York 2" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 2" WHEN "fk_daily 02:30 America/New_York 3" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 3" END AS "fk_as_of daily 02:30 America/New_York"
  FROM "fk_refreshes"
),

-- the wall clock where it is asked
"fk_clocks" AS (
  SELECT
    "fk_refreshed".*,
    CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_as_of daily 02:30 America/New_York") AS "fk_clock America/New_York of daily 02:30 America/New_York"
  FROM "fk_refreshed"
),

-- when local units began, by the wall clock
"fk_walls" AS (
  SELECT
    "fk_clocks".*,
    DATE_TRUNC('day', "fk_clock America/New_York of daily 02:30 America/New_York") AS "fk_day_0 America/New_York of daily 02:30 America/New_York wall"
  FROM "fk_clocks"
),

-- the instants at which the wall clock may have read so
"fk_instants" AS (
  SELECT
    "fk_walls".*,
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_0 America/New_York of daily 02:30 America/New_York wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_0 America/New_York of daily 02:30 America/New_York wall" - INTERVAL '1 DAY'))), "fk_day_0 America/New_York of daily 02:30 America/New_York wall") AS "fk_day_0 America/New_York of daily 02:30 America/New_York before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_0 America/New_York of daily 02:30 America/New_York wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_0 America/New_York of daily 02:30 America/New_York wall" + INTERVAL '1 DAY'))), "fk_day_0 America/New_York of daily 02:30 America/New_York wall") AS "fk_day_0 America/New_York of daily 02:30 America/New_York after"
  FROM "fk_walls"
),

-- when the windows begin and end, as instants
"fk_asked" AS (
  SELECT
    "fk_instants".*,
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_0 America/New_York of daily 02:30 America/New_York before") = "fk_day_0 America/New_York of daily 02:30 America/New_York wall" THEN "fk_day_0 America/New_York of daily 02:30 America/New_York before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_0 America/New_York of daily 02:30 America/New_York after") = "fk_day_0 America/New_York of daily 02:30 America/New_York wall" THEN "fk_day_0 America/New_York of daily 02:30 America/New_York after" ELSE "fk_day_0 America/New_York of daily 02:30 America/New_York before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_day_0 America/New_York of daily 02:30 America/New_York"
  FROM "fk_instants"
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer" AS (
  SELECT
    "customer",
    "paid",
    "at" AS "fk_time",
    GREATEST("at", "known") AS "fk_known",
    row_number() OVER (PARTITION BY "customer" ORDER BY "at" ASC, "number" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer" AS VARCHAR) AS "customer",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "at"), 6) AS "at",
      CAST("paid" AS FLOAT) AS "paid",
      CAST("settled" AS BOOLEAN) AS "settled",
      CAST("merchant" AS VARCHAR) AS "merchant",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "known"), 6) AS "known",
      CAST("number" AS NUMBER(38,0)) AS "number"
    FROM "payments"
  ) AS "fk_typed_rows"
  WHERE "customer" IS NOT NULL AND "at" IS NOT NULL AND "known" IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY "customer", "at", "number" ORDER BY "known" ASC, "customer" ASC NULLS FIRST, "at" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "settled" ASC NULLS FIRST, "merchant" ASC NULLS FIRST, "known" ASC NULLS FIRST, "number" ASC NULLS FIRST) = 1
),

-- refreshed_0@1.0: all_time (America/New_York)
"refreshed_0@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_1 count_rows all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of daily 02:30 America/New_York"
  GROUP BY "fk_asked"."fk_row"
),

-- refreshed_0@1.0: the stretches of time, of 5400000000 us each, that it may see
"refreshed_0@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, LEAST("fk_asked"."fk_as_of daily 02:30 America/New_York" - INTERVAL '1 DAY', "fk_asked"."fk_day_0 America/New_York of daily 02:30 America/New_York")) / 5400000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of daily 02:30 America/New_York") / 5400000000) + 1)) AS "fk_number"
),

-- refreshed_0@1.0: last_1d, today (America/New_York)
"refreshed_0@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of daily 02:30 America/New_York" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_2 sum_double last_1d",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York of daily 02:30 America/New_York" THEN 1 END) AS "fk_3 count_rows today"
  FROM "fk_asked"
  LEFT JOIN "refreshed_0@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 5400000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of daily 02:30 America/New_York"
  GROUP BY "fk_asked"."fk_row"
),

-- refreshed_0@1.0: its answers
"refreshed_0@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_asked"."fk_as_of daily 02:30 America/New_York" AS TIMESTAMP_NTZ(6)) AS "asked",
    CAST("fk_all_time"."fk_1 count_rows all_time" AS NUMBER(38,0)) AS "rows",
    CAST("fk_windows"."fk_2 sum_double last_1d" AS FLOAT) AS "sum",
    CAST("fk_windows"."fk_3 count_rows today" AS NUMBER(38,0)) AS "today"
  FROM "fk_asked"
  LEFT JOIN "refreshed_0@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "refreshed_0@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
),

-- built@1.0: its answers
"built@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("refreshed_0@1.0"."sum" AS FLOAT) AS "twice",
    CAST("fk_asked"."fk_as_of" AS TIMESTAMP_NTZ(6)) AS "now"
  FROM "fk_asked"
  LEFT JOIN "refreshed_0@1.0" AS "refreshed_0@1.0" ON "refreshed_0@1.0"."fk_row" = "fk_asked"."fk_row"
),

-- frames@1.0: all_time (America/New_York)
"frames@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_1 count_rows all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- frames@1.0: its answers
"frames@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_all_time"."fk_1 count_rows all_time" AS NUMBER(38,0)) AS "rows"
  FROM "fk_asked"
  LEFT JOIN "frames@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "refreshed_0@1.0"."asked" AS "refreshed_0__asked",
  "refreshed_0@1.0"."rows" AS "refreshed_0__rows",
  "refreshed_0@1.0"."sum" AS "refreshed_0__sum",
  "refreshed_0@1.0"."today" AS "refreshed_0__today",
  "built@1.0"."twice" AS "built__twice",
  "built@1.0"."now" AS "built__now",
  "frames@1.0"."rows" AS "frames__rows"
FROM "fk_spine"
LEFT JOIN "refreshed_0@1.0" ON "refreshed_0@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "built@1.0" ON "built@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "frames@1.0" ON "frames@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
