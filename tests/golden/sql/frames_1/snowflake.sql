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
    DATE_TRUNC('day', "fk_clock America/New_York") AS "fk_day_0 America/New_York wall"
  FROM "fk_clocks"
),

-- the instants at which the wall clock may have read so
"fk_instants" AS (
  SELECT
    "fk_walls".*,
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_0 America/New_York wall" - INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_0 America/New_York wall" - INTERVAL '1 DAY'))), "fk_day_0 America/New_York wall") AS "fk_day_0 America/New_York before",
    DATEADD(MICROSECOND, DATE_PART(EPOCH_MICROSECOND, ("fk_day_0 America/New_York wall" + INTERVAL '1 DAY')) - DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('UTC', 'America/New_York', ("fk_day_0 America/New_York wall" + INTERVAL '1 DAY'))), "fk_day_0 America/New_York wall") AS "fk_day_0 America/New_York after"
  FROM "fk_walls"
),

-- when the windows begin and end, as instants
"fk_asked" AS (
  SELECT
    "fk_instants".*,
    GREATEST(CASE WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_0 America/New_York before") = "fk_day_0 America/New_York wall" THEN "fk_day_0 America/New_York before" WHEN CONVERT_TIMEZONE('UTC', 'America/New_York', "fk_day_0 America/New_York after") = "fk_day_0 America/New_York wall" THEN "fk_day_0 America/New_York after" ELSE "fk_day_0 America/New_York before" END, TO_TIMESTAMP_NTZ('0001-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF6')) AS "fk_day_0 America/New_York"
  FROM "fk_instants"
),

-- payments: rows that can be known, in canonical order
"fk_payments by customer" AS (
  SELECT
    "customer",
    "merchant",
    "paid",
    "at" AS "fk_time",
    GREATEST("at", "known") AS "fk_known",
    row_number() OVER (PARTITION BY "customer" ORDER BY "at" ASC, "customer" ASC NULLS FIRST, "at" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "settled" ASC NULLS FIRST, "merchant" ASC NULLS FIRST, "known" ASC NULLS FIRST, "number" ASC NULLS FIRST) AS "fk_order"
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
),

-- frames_1@1.0: the stretches of time, of 5400000000 us each, that it may see
"frames_1@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, LEAST("fk_asked"."fk_as_of" - INTERVAL '1 DAY', "fk_asked"."fk_day_0 America/New_York")) / 5400000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 5400000000) + 1)) AS "fk_number"
),

-- frames_1@1.0: last_2h, last_1d, last_1h_before_1h, last_3600000001us_before_3599999999us, today (America/New_York)
"frames_1@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' THEN 1 END) AS "fk_1 count_rows last_2h",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_2 sum_double last_2h",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_3 last last_2h",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_4 first last_2h",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_5 count_distinct last_2h",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' THEN 1 END) AS "fk_6 count_rows last_1d",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_7 sum_double last_1d",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_8 last last_1d",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_9 first last_1d",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_10 count_distinct last_1d",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' THEN 1 END) AS "fk_26 count_rows last_1h_before_1h",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_27 sum_double last_1h_before_1h",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_28 last last_1h_before_1h",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_29 first last_1h_before_1h",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '1 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_30 count_distinct last_1h_before_1h",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' THEN 1 END) AS "fk_31 count_rows last_3600000001us_before_3599999999us",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_32 sum_double last_3600000001us_before_3599999999us",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_33 last last_3600000001us_before_3599999999us",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_34 first last_3600000001us_before_3599999999us",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '3599999999 MICROSECOND' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_35 count_distinct last_3600000001us_before_3599999999us",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" THEN 1 END) AS "fk_46 count_rows today",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_47 sum_double today",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_48 last today",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_49 first today",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_day_0 America/New_York" AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_50 count_distinct today"
  FROM "fk_asked"
  LEFT JOIN "frames_1@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 5400000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- frames_1@1.0: which rows are the 1 latest visible ones
"frames_1@1.0 picked last_1_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 1 AND 1
),

-- frames_1@1.0: last_1_rows (America/New_York)
"frames_1@1.0 last_1_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_11 count_rows last_1_rows",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_12 sum_double last_1_rows",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_13 last last_1_rows",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_14 first last_1_rows",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_15 count_distinct last_1_rows"
  FROM "fk_asked"
  LEFT JOIN "frames_1@1.0 picked last_1_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  GROUP BY "fk_asked"."fk_row"
),

-- frames_1@1.0: which rows are the 3 latest visible ones
"frames_1@1.0 picked last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 1 AND 3
),

-- frames_1@1.0: last_3_rows (America/New_York)
"frames_1@1.0 last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_16 count_rows last_3_rows",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_17 sum_double last_3_rows",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_18 last last_3_rows",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_19 first last_3_rows",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_20 count_distinct last_3_rows"
  FROM "fk_asked"
  LEFT JOIN "frames_1@1.0 picked last_3_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  GROUP BY "fk_asked"."fk_row"
),

-- frames_1@1.0: all_time, all_time_before_2h (America/New_York)
"frames_1@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_21 count_rows all_time",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_22 sum_double all_time",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_23 last all_time",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_24 first all_time",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_25 count_distinct all_time",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' THEN 1 END) AS "fk_41 count_rows all_time_before_2h",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_42 sum_double all_time_before_2h",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_43 last all_time_before_2h",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_44 first all_time_before_2h",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_45 count_distinct all_time_before_2h"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- frames_1@1.0: which rows are the 2 latest visible ones that precede the latest 1
"frames_1@1.0 picked last_2_rows_before_1" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 2 AND 3
),

-- frames_1@1.0: last_2_rows_before_1 (America/New_York)
"frames_1@1.0 last_2_rows_before_1" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_36 count_rows last_2_rows_before_1",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_37 sum_double last_2_rows_before_1",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_38 last last_2_rows_before_1",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_39 first last_2_rows_before_1",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_40 count_distinct last_2_rows_before_1"
  FROM "fk_asked"
  LEFT JOIN "frames_1@1.0 picked last_2_rows_before_1" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  GROUP BY "fk_asked"."fk_row"
),

-- frames_1@1.0: its answers
"frames_1@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 count_rows last_2h" AS NUMBER(38,0)) AS "rows_last_2h",
    CAST("fk_windows"."fk_2 sum_double last_2h" AS FLOAT) AS "sum_last_2h",
    CAST("fk_windows"."fk_3 last last_2h" AS FLOAT) AS "last_last_2h",
    CAST("fk_windows"."fk_4 first last_2h" AS VARCHAR) AS "first_last_2h",
    CAST("fk_windows"."fk_5 count_distinct last_2h" AS NUMBER(38,0)) AS "shops_last_2h",
    CAST("fk_windows"."fk_6 count_rows last_1d" AS NUMBER(38,0)) AS "rows_last_1d",
    CAST("fk_windows"."fk_7 sum_double last_1d" AS FLOAT) AS "sum_last_1d",
    CAST("fk_windows"."fk_8 last last_1d" AS FLOAT) AS "last_last_1d",
    CAST("fk_windows"."fk_9 first last_1d" AS VARCHAR) AS "first_last_1d",
    CAST("fk_windows"."fk_10 count_distinct last_1d" AS NUMBER(38,0)) AS "shops_last_1d",
    CAST("fk_last_1_rows"."fk_11 count_rows last_1_rows" AS NUMBER(38,0)) AS "rows_last_1_rows",
    CAST("fk_last_1_rows"."fk_12 sum_double last_1_rows" AS FLOAT) AS "sum_last_1_rows",
    CAST("fk_last_1_rows"."fk_13 last last_1_rows" AS FLOAT) AS "last_last_1_rows",
    CAST("fk_last_1_rows"."fk_14 first last_1_rows" AS VARCHAR) AS "first_last_1_rows",
    CAST("fk_last_1_rows"."fk_15 count_distinct last_1_rows" AS NUMBER(38,0)) AS "shops_last_1_rows",
    CAST("fk_last_3_rows"."fk_16 count_rows last_3_rows" AS NUMBER(38,0)) AS "rows_last_3_rows",
    CAST("fk_last_3_rows"."fk_17 sum_double last_3_rows" AS FLOAT) AS "sum_last_3_rows",
    CAST("fk_last_3_rows"."fk_18 last last_3_rows" AS FLOAT) AS "last_last_3_rows",
    CAST("fk_last_3_rows"."fk_19 first last_3_rows" AS VARCHAR) AS "first_last_3_rows",
    CAST("fk_last_3_rows"."fk_20 count_distinct last_3_rows" AS NUMBER(38,0)) AS "shops_last_3_rows",
    CAST("fk_all_time"."fk_21 count_rows all_time" AS NUMBER(38,0)) AS "rows_all_time",
    CAST("fk_all_time"."fk_22 sum_double all_time" AS FLOAT) AS "sum_all_time",
    CAST("fk_all_time"."fk_23 last all_time" AS FLOAT) AS "last_all_time",
    CAST("fk_all_time"."fk_24 first all_time" AS VARCHAR) AS "first_all_time",
    CAST("fk_all_time"."fk_25 count_distinct all_time" AS NUMBER(38,0)) AS "shops_all_time",
    CAST("fk_windows"."fk_26 count_rows last_1h_before_1h" AS NUMBER(38,0)) AS "rows_last_1h_before_1h",
    CAST("fk_windows"."fk_27 sum_double last_1h_before_1h" AS FLOAT) AS "sum_last_1h_before_1h",
    CAST("fk_windows"."fk_28 last last_1h_before_1h" AS FLOAT) AS "last_last_1h_before_1h",
    CAST("fk_windows"."fk_29 first last_1h_before_1h" AS VARCHAR) AS "first_last_1h_before_1h",
    CAST("fk_windows"."fk_30 count_distinct last_1h_before_1h" AS NUMBER(38,0)) AS "shops_last_1h_before_1h",
    CAST("fk_windows"."fk_31 count_rows last_3600000001us_before_3599999999us" AS NUMBER(38,0)) AS "rows_last_3600000001us_before_3599999999us",
    CAST("fk_windows"."fk_32 sum_double last_3600000001us_before_3599999999us" AS FLOAT) AS "sum_last_3600000001us_before_3599999999us",
    CAST("fk_windows"."fk_33 last last_3600000001us_before_3599999999us" AS FLOAT) AS "last_last_3600000001us_before_3599999999us",
    CAST("fk_windows"."fk_34 first last_3600000001us_before_3599999999us" AS VARCHAR) AS "first_last_3600000001us_before_3599999999us",
    CAST("fk_windows"."fk_35 count_distinct last_3600000001us_before_3599999999us" AS NUMBER(38,0)) AS "shops_last_3600000001us_before_3599999999us",
    CAST("fk_last_2_rows_before_1"."fk_36 count_rows last_2_rows_before_1" AS NUMBER(38,0)) AS "rows_last_2_rows_before_1",
    CAST("fk_last_2_rows_before_1"."fk_37 sum_double last_2_rows_before_1" AS FLOAT) AS "sum_last_2_rows_before_1",
    CAST("fk_last_2_rows_before_1"."fk_38 last last_2_rows_before_1" AS FLOAT) AS "last_last_2_rows_before_1",
    CAST("fk_last_2_rows_before_1"."fk_39 first last_2_rows_before_1" AS VARCHAR) AS "first_last_2_rows_before_1",
    CAST("fk_last_2_rows_before_1"."fk_40 count_distinct last_2_rows_before_1" AS NUMBER(38,0)) AS "shops_last_2_rows_before_1",
    CAST("fk_all_time"."fk_41 count_rows all_time_before_2h" AS NUMBER(38,0)) AS "rows_all_time_before_2h",
    CAST("fk_all_time"."fk_42 sum_double all_time_before_2h" AS FLOAT) AS "sum_all_time_before_2h",
    CAST("fk_all_time"."fk_43 last all_time_before_2h" AS FLOAT) AS "last_all_time_before_2h",
    CAST("fk_all_time"."fk_44 first all_time_before_2h" AS VARCHAR) AS "first_all_time_before_2h",
    CAST("fk_all_time"."fk_45 count_distinct all_time_before_2h" AS NUMBER(38,0)) AS "shops_all_time_before_2h",
    CAST("fk_windows"."fk_46 count_rows today" AS NUMBER(38,0)) AS "rows_today",
    CAST("fk_windows"."fk_47 sum_double today" AS FLOAT) AS "sum_today",
    CAST("fk_windows"."fk_48 last today" AS FLOAT) AS "last_today",
    CAST("fk_windows"."fk_49 first today" AS VARCHAR) AS "first_today",
    CAST("fk_windows"."fk_50 count_distinct today" AS NUMBER(38,0)) AS "shops_today"
  FROM "fk_asked"
  LEFT JOIN "frames_1@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "frames_1@1.0 last_1_rows" AS "fk_last_1_rows" ON "fk_last_1_rows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "frames_1@1.0 last_3_rows" AS "fk_last_3_rows" ON "fk_last_3_rows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "frames_1@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "frames_1@1.0 last_2_rows_before_1" AS "fk_last_2_rows_before_1" ON "fk_last_2_rows_before_1"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "frames_1@1.0"."rows_last_2h" AS "frames_1__rows_last_2h",
  "frames_1@1.0"."sum_last_2h" AS "frames_1__sum_last_2h",
  "frames_1@1.0"."last_last_2h" AS "frames_1__last_last_2h",
  "frames_1@1.0"."first_last_2h" AS "frames_1__first_last_2h",
  "frames_1@1.0"."shops_last_2h" AS "frames_1__shops_last_2h",
  "frames_1@1.0"."rows_last_1d" AS "frames_1__rows_last_1d",
  "frames_1@1.0"."sum_last_1d" AS "frames_1__sum_last_1d",
  "frames_1@1.0"."last_last_1d" AS "frames_1__last_last_1d",
  "frames_1@1.0"."first_last_1d" AS "frames_1__first_last_1d",
  "frames_1@1.0"."shops_last_1d" AS "frames_1__shops_last_1d",
  "frames_1@1.0"."rows_last_1_rows" AS "frames_1__rows_last_1_rows",
  "frames_1@1.0"."sum_last_1_rows" AS "frames_1__sum_last_1_rows",
  "frames_1@1.0"."last_last_1_rows" AS "frames_1__last_last_1_rows",
  "frames_1@1.0"."first_last_1_rows" AS "frames_1__first_last_1_rows",
  "frames_1@1.0"."shops_last_1_rows" AS "frames_1__shops_last_1_rows",
  "frames_1@1.0"."rows_last_3_rows" AS "frames_1__rows_last_3_rows",
  "frames_1@1.0"."sum_last_3_rows" AS "frames_1__sum_last_3_rows",
  "frames_1@1.0"."last_last_3_rows" AS "frames_1__last_last_3_rows",
  "frames_1@1.0"."first_last_3_rows" AS "frames_1__first_last_3_rows",
  "frames_1@1.0"."shops_last_3_rows" AS "frames_1__shops_last_3_rows",
  "frames_1@1.0"."rows_all_time" AS "frames_1__rows_all_time",
  "frames_1@1.0"."sum_all_time" AS "frames_1__sum_all_time",
  "frames_1@1.0"."last_all_time" AS "frames_1__last_all_time",
  "frames_1@1.0"."first_all_time" AS "frames_1__first_all_time",
  "frames_1@1.0"."shops_all_time" AS "frames_1__shops_all_time",
  "frames_1@1.0"."rows_last_1h_before_1h" AS "frames_1__rows_last_1h_before_1h",
  "frames_1@1.0"."sum_last_1h_before_1h" AS "frames_1__sum_last_1h_before_1h",
  "frames_1@1.0"."last_last_1h_before_1h" AS "frames_1__last_last_1h_before_1h",
  "frames_1@1.0"."first_last_1h_before_1h" AS "frames_1__first_last_1h_before_1h",
  "frames_1@1.0"."shops_last_1h_before_1h" AS "frames_1__shops_last_1h_before_1h",
  "frames_1@1.0"."rows_last_3600000001us_before_3599999999us" AS "frames_1__rows_last_3600000001us_before_3599999999us",
  "frames_1@1.0"."sum_last_3600000001us_before_3599999999us" AS "frames_1__sum_last_3600000001us_before_3599999999us",
  "frames_1@1.0"."last_last_3600000001us_before_3599999999us" AS "frames_1__last_last_3600000001us_before_3599999999us",
  "frames_1@1.0"."first_last_3600000001us_before_3599999999us" AS "frames_1__first_last_3600000001us_before_3599999999us",
  "frames_1@1.0"."shops_last_3600000001us_before_3599999999us" AS "frames_1__shops_last_3600000001us_before_3599999999us",
  "frames_1@1.0"."rows_last_2_rows_before_1" AS "frames_1__rows_last_2_rows_before_1",
  "frames_1@1.0"."sum_last_2_rows_before_1" AS "frames_1__sum_last_2_rows_before_1",
  "frames_1@1.0"."last_last_2_rows_before_1" AS "frames_1__last_last_2_rows_before_1",
  "frames_1@1.0"."first_last_2_rows_before_1" AS "frames_1__first_last_2_rows_before_1",
  "frames_1@1.0"."shops_last_2_rows_before_1" AS "frames_1__shops_last_2_rows_before_1",
  "frames_1@1.0"."rows_all_time_before_2h" AS "frames_1__rows_all_time_before_2h",
  "frames_1@1.0"."sum_all_time_before_2h" AS "frames_1__sum_all_time_before_2h",
  "frames_1@1.0"."last_all_time_before_2h" AS "frames_1__last_all_time_before_2h",
  "frames_1@1.0"."first_all_time_before_2h" AS "frames_1__first_all_time_before_2h",
  "frames_1@1.0"."shops_all_time_before_2h" AS "frames_1__shops_all_time_before_2h",
  "frames_1@1.0"."rows_today" AS "frames_1__rows_today",
  "frames_1@1.0"."sum_today" AS "frames_1__sum_today",
  "frames_1@1.0"."last_today" AS "frames_1__last_today",
  "frames_1@1.0"."first_today" AS "frames_1__first_today",
  "frames_1@1.0"."shops_today" AS "frames_1__shops_today"
FROM "fk_spine"
LEFT JOIN "frames_1@1.0" ON "frames_1@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
