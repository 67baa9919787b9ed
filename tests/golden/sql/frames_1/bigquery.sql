-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of BigQuery; it has not been run there.
-- TIMESTAMP columns are read in the zone of the session: UTC unless set otherwise.
-- No column has a collation.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
`fk_spine` AS (
  SELECT
    row_number() OVER (ORDER BY `spine`.`customer` ASC, `spine`.`asked_at` ASC) AS `fk_row`,
    CAST(`spine`.`asked_at` AS DATETIME) AS `fk_as_of`,
    `spine`.*
  FROM `spine`
),

-- what is asked with, typed
`fk_typed` AS (
  SELECT
    `fk_spine`.`fk_row`,
    `fk_spine`.`fk_as_of`,
    CAST(`fk_spine`.`customer` AS STRING) AS `customer`
  FROM `fk_spine`
),

-- the wall clock where it is asked
`fk_clocks` AS (
  SELECT
    `fk_typed`.*,
    DATETIME(TIMESTAMP(`fk_as_of`, 'UTC'), 'America/New_York') AS `fk_clock_America_New_York_b4eb9e433909`
  FROM `fk_typed`
),

-- when local units began, by the wall clock
`fk_walls` AS (
  SELECT
    `fk_clocks`.*,
    DATETIME_TRUNC(`fk_clock_America_New_York_b4eb9e433909`, day) AS `fk_day_0_America_New_York_wall_317ca14fbc38`
  FROM `fk_clocks`
),

-- the instants at which the wall clock may have read so
`fk_instants` AS (
  SELECT
    `fk_walls`.*,
    DATETIME_SUB(`fk_day_0_America_New_York_wall_317ca14fbc38`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_0_America_New_York_wall_317ca14fbc38` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_0_America_New_York_wall_317ca14fbc38` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_0_America_New_York_before_5535ffc2a041`,
    DATETIME_SUB(`fk_day_0_America_New_York_wall_317ca14fbc38`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_0_America_New_York_wall_317ca14fbc38` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_0_America_New_York_wall_317ca14fbc38` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_0_America_New_York_after_f75a6c61b9b7`
  FROM `fk_walls`
),

-- when the windows begin and end, as instants
`fk_asked` AS (
  SELECT
    `fk_instants`.*,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_day_0_America_New_York_before_5535ffc2a041`, 'UTC'), 'America/New_York') = `fk_day_0_America_New_York_wall_317ca14fbc38` THEN `fk_day_0_America_New_York_before_5535ffc2a041` WHEN DATETIME(TIMESTAMP(`fk_day_0_America_New_York_after_f75a6c61b9b7`, 'UTC'), 'America/New_York') = `fk_day_0_America_New_York_wall_317ca14fbc38` THEN `fk_day_0_America_New_York_after_f75a6c61b9b7` ELSE `fk_day_0_America_New_York_before_5535ffc2a041` END, DATETIME '0001-01-01 00:00:00') AS `fk_day_0_America_New_York_ab991f8803f1`
  FROM `fk_instants`
),

-- payments: rows that can be known, in canonical order
`fk_payments_by_customer_44ec1d37d950` AS (
  SELECT
    `customer`,
    `merchant`,
    `paid`,
    `at` AS `fk_time`,
    GREATEST(`at`, `known`) AS `fk_known`,
    row_number() OVER (PARTITION BY `customer` ORDER BY `at` ASC, `customer` ASC NULLS FIRST, `at` ASC NULLS FIRST, IS_NAN(`paid`) ASC NULLS FIRST, `paid` ASC NULLS FIRST, `settled` ASC NULLS FIRST, `merchant` ASC NULLS FIRST, `known` ASC NULLS FIRST, `number` ASC NULLS FIRST) AS `fk_order`
  FROM (
    SELECT
      CAST(`customer` AS STRING) AS `customer`,
      CAST(`at` AS DATETIME) AS `at`,
      CAST(`paid` AS FLOAT64) AS `paid`,
      CAST(`settled` AS BOOL) AS `settled`,
      CAST(`merchant` AS STRING) AS `merchant`,
      CAST(`known` AS DATETIME) AS `known`,
      CAST(`number` AS INT64) AS `number`
    FROM `payments`
  ) AS `fk_typed_rows`
  WHERE `customer` IS NOT NULL AND `at` IS NOT NULL AND `known` IS NOT NULL
),

-- frames_1@1.0: the stretches of time, of 5400000000 us each, that it may see
`frames_1_1_0_stretches_848ca1cec53f` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(LEAST(`fk_asked`.`fk_as_of` - INTERVAL 1 DAY, `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1`), DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000))) AS `fk_number`
),

-- frames_1@1.0: last_2h, last_1d, last_1h_before_1h, last_3600000001us_before_3599999999us, today (America/New_York)
`frames_1_1_0_windows_8e159950ff5c` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR THEN 1 END) AS `fk_1_count_rows_last_2h_4c905e1d4223`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_2_sum_double_last_2h_84da3d005ac1`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_3_last_last_2h_aac49a46833d`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_4_first_last_2h_9e8cafa9d6df`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_5_count_distinct_last_2h_a038a0f59cd9`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_6_median_last_2h_d4adff5aeac3`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY THEN 1 END) AS `fk_7_count_rows_last_1d_1ba7f4d0a196`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_8_sum_double_last_1d_47d8ad9d531b`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_9_last_last_1d_30527a7c1280`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_10_first_last_1d_3aa3e4a41fee`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_11_count_distinct_last_1d_21285df7d27d`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_12_median_last_1d_6324b8068937`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR THEN 1 END) AS `fk_31_count_rows_last_1h_before_1h_e9b017446121`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_32_sum_double_last_1h_before_1h_1ff8f341d071`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_33_last_last_1h_before_1h_5d8bb623d6cb`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_34_first_last_1h_before_1h_73295336a677`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_35_count_distinct_last_1h_before_1h_ab7513008aa0`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 1 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_36_median_last_1h_before_1h_c5412cbcf31d`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND THEN 1 END) AS `fk_37_count_rows_last_3600000001us_before_3599999999us_b45616b25f1d`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_38_sum_double_last_3600000001us_before_3599999999us_a99d49451b1d`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_39_last_last_3600000001us_before_3599999999us_709130235d94`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_40_first_last_3600000001us_before_3599999999us_dd777e1ef3ba`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_41_count_distinct_last_3600000001us_before_3599999999us_366e92569ca9`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 3599999999 MICROSECOND AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_42_median_last_3600000001us_before_3599999999us_21755dd17532`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` THEN 1 END) AS `fk_55_count_rows_today_5bf9bcaab61d`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_56_sum_double_today_7b16766ed063`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_57_last_today_7e955f99dee7`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_58_first_today_d7afb08edcf3`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_59_count_distinct_today_7748516dbb3a`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_60_median_today_6eea2eb819e0`
  FROM `fk_asked`
  LEFT JOIN `frames_1_1_0_stretches_848ca1cec53f` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- frames_1@1.0: which rows are the 1 latest visible ones
`frames_1_1_0_picked_last_1_rows_96096ee522af` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 1 AND 1
),

-- frames_1@1.0: last_1_rows (America/New_York)
`frames_1_1_0_last_1_rows_d25eb92862bb` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_13_count_rows_last_1_rows_b2648e1ec60b`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_14_sum_double_last_1_rows_cc5185697c48`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_15_last_last_1_rows_650c6a00ab17`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_16_first_last_1_rows_d8547a51b40e`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_17_count_distinct_last_1_rows_050868e8afd8`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_18_median_last_1_rows_c8cc96151350`
  FROM `fk_asked`
  LEFT JOIN `frames_1_1_0_picked_last_1_rows_96096ee522af` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  GROUP BY `fk_asked`.`fk_row`
),

-- frames_1@1.0: which rows are the 3 latest visible ones
`frames_1_1_0_picked_last_3_rows_5d9ae6cf8f63` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 1 AND 3
),

-- frames_1@1.0: last_3_rows (America/New_York)
`frames_1_1_0_last_3_rows_3c0099ad1d36` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_19_count_rows_last_3_rows_4fc5fc9e8f4f`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_20_sum_double_last_3_rows_4b5c4e93d617`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_21_last_last_3_rows_bd48a12d70f5`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_22_first_last_3_rows_588353625c4b`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_23_count_distinct_last_3_rows_ae1a5bcc30c1`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_24_median_last_3_rows_1ff003afd8ec`
  FROM `fk_asked`
  LEFT JOIN `frames_1_1_0_picked_last_3_rows_5d9ae6cf8f63` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  GROUP BY `fk_asked`.`fk_row`
),

-- frames_1@1.0: all_time, all_time_before_2h (America/New_York)
`frames_1_1_0_all_time_f2585df0b86c` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_25_count_rows_all_time_6f6427763a2b`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_26_sum_double_all_time_b1c8b44fb9d8`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_27_last_all_time_b18af6718f96`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_28_first_all_time_734af8831f5d`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_29_count_distinct_all_time_d1ca406227f1`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_30_median_all_time_69e2d1fcde82`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR THEN 1 END) AS `fk_49_count_rows_all_time_before_2h_3657dc455059`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_50_sum_double_all_time_before_2h_6cee36c26a4f`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_51_last_all_time_before_2h_cd89c82f60ae`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_52_first_all_time_before_2h_46c0d510989f`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_53_count_distinct_all_time_before_2h_0d74742a2d83`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_54_median_all_time_before_2h_26b33f231d8d`
  FROM `fk_asked`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- frames_1@1.0: which rows are the 2 latest visible ones that precede the latest 1
`frames_1_1_0_picked_last_2_rows_before_1_c15c20f7e135` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 2 AND 3
),

-- frames_1@1.0: last_2_rows_before_1 (America/New_York)
`frames_1_1_0_last_2_rows_before_1_05e3e9dfca3b` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_43_count_rows_last_2_rows_before_1_9e79709093ec`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_44_sum_double_last_2_rows_before_1_389dd8ec3eaf`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_45_last_last_2_rows_before_1_75369b2e12bf`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_46_first_last_2_rows_before_1_7d9ea4f1d827`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_47_count_distinct_last_2_rows_before_1_8bc04fc97b0d`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_48_median_last_2_rows_before_1_71f344f6e35b`
  FROM `fk_asked`
  LEFT JOIN `frames_1_1_0_picked_last_2_rows_before_1_c15c20f7e135` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  GROUP BY `fk_asked`.`fk_row`
),

-- frames_1@1.0: its answers
`frames_1_1_0_10090c99f535` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_windows`.`fk_1_count_rows_last_2h_4c905e1d4223` AS INT64) AS `rows_last_2h`,
    CAST(`fk_windows`.`fk_2_sum_double_last_2h_84da3d005ac1` AS FLOAT64) AS `sum_last_2h`,
    CAST(`fk_windows`.`fk_3_last_last_2h_aac49a46833d` AS FLOAT64) AS `last_last_2h`,
    CAST(`fk_windows`.`fk_4_first_last_2h_9e8cafa9d6df` AS STRING) AS `first_last_2h`,
    CAST(`fk_windows`.`fk_5_count_distinct_last_2h_a038a0f59cd9` AS INT64) AS `shops_last_2h`,
    CAST(`fk_windows`.`fk_6_median_last_2h_d4adff5aeac3` AS FLOAT64) AS `middle_last_2h`,
    CAST(`fk_windows`.`fk_7_count_rows_last_1d_1ba7f4d0a196` AS INT64) AS `rows_last_1d`,
    CAST(`fk_windows`.`fk_8_sum_double_last_1d_47d8ad9d531b` AS FLOAT64) AS `sum_last_1d`,
    CAST(`fk_windows`.`fk_9_last_last_1d_30527a7c1280` AS FLOAT64) AS `last_last_1d`,
    CAST(`fk_windows`.`fk_10_first_last_1d_3aa3e4a41fee` AS STRING) AS `first_last_1d`,
    CAST(`fk_windows`.`fk_11_count_distinct_last_1d_21285df7d27d` AS INT64) AS `shops_last_1d`,
    CAST(`fk_windows`.`fk_12_median_last_1d_6324b8068937` AS FLOAT64) AS `middle_last_1d`,
    CAST(`fk_last_1_rows`.`fk_13_count_rows_last_1_rows_b2648e1ec60b` AS INT64) AS `rows_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_14_sum_double_last_1_rows_cc5185697c48` AS FLOAT64) AS `sum_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_15_last_last_1_rows_650c6a00ab17` AS FLOAT64) AS `last_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_16_first_last_1_rows_d8547a51b40e` AS STRING) AS `first_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_17_count_distinct_last_1_rows_050868e8afd8` AS INT64) AS `shops_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_18_median_last_1_rows_c8cc96151350` AS FLOAT64) AS `middle_last_1_rows`,
    CAST(`fk_last_3_rows`.`fk_19_count_rows_last_3_rows_4fc5fc9e8f4f` AS INT64) AS `rows_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_20_sum_double_last_3_rows_4b5c4e93d617` AS FLOAT64) AS `sum_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_21_last_last_3_rows_bd48a12d70f5` AS FLOAT64) AS `last_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_22_first_last_3_rows_588353625c4b` AS STRING) AS `first_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_23_count_distinct_last_3_rows_ae1a5bcc30c1` AS INT64) AS `shops_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_24_median_last_3_rows_1ff003afd8ec` AS FLOAT64) AS `middle_last_3_rows`,
    CAST(`fk_all_time`.`fk_25_count_rows_all_time_6f6427763a2b` AS INT64) AS `rows_all_time`,
    CAST(`fk_all_time`.`fk_26_sum_double_all_time_b1c8b44fb9d8` AS FLOAT64) AS `sum_all_time`,
    CAST(`fk_all_time`.`fk_27_last_all_time_b18af6718f96` AS FLOAT64) AS `last_all_time`,
    CAST(`fk_all_time`.`fk_28_first_all_time_734af8831f5d` AS STRING) AS `first_all_time`,
    CAST(`fk_all_time`.`fk_29_count_distinct_all_time_d1ca406227f1` AS INT64) AS `shops_all_time`,
    CAST(`fk_all_time`.`fk_30_median_all_time_69e2d1fcde82` AS FLOAT64) AS `middle_all_time`,
    CAST(`fk_windows`.`fk_31_count_rows_last_1h_before_1h_e9b017446121` AS INT64) AS `rows_last_1h_before_1h`,
    CAST(`fk_windows`.`fk_32_sum_double_last_1h_before_1h_1ff8f341d071` AS FLOAT64) AS `sum_last_1h_before_1h`,
    CAST(`fk_windows`.`fk_33_last_last_1h_before_1h_5d8bb623d6cb` AS FLOAT64) AS `last_last_1h_before_1h`,
    CAST(`fk_windows`.`fk_34_first_last_1h_before_1h_73295336a677` AS STRING) AS `first_last_1h_before_1h`,
    CAST(`fk_windows`.`fk_35_count_distinct_last_1h_before_1h_ab7513008aa0` AS INT64) AS `shops_last_1h_before_1h`,
    CAST(`fk_windows`.`fk_36_median_last_1h_before_1h_c5412cbcf31d` AS FLOAT64) AS `middle_last_1h_before_1h`,
    CAST(`fk_windows`.`fk_37_count_rows_last_3600000001us_before_3599999999us_b45616b25f1d` AS INT64) AS `rows_last_3600000001us_before_3599999999us`,
    CAST(`fk_windows`.`fk_38_sum_double_last_3600000001us_before_3599999999us_a99d49451b1d` AS FLOAT64) AS `sum_last_3600000001us_before_3599999999us`,
    CAST(`fk_windows`.`fk_39_last_last_3600000001us_before_3599999999us_709130235d94` AS FLOAT64) AS `last_last_3600000001us_before_3599999999us`,
    CAST(`fk_windows`.`fk_40_first_last_3600000001us_before_3599999999us_dd777e1ef3ba` AS STRING) AS `first_last_3600000001us_before_3599999999us`,
    CAST(`fk_windows`.`fk_41_count_distinct_last_3600000001us_before_3599999999us_366e92569ca9` AS INT64) AS `shops_last_3600000001us_before_3599999999us`,
    CAST(`fk_windows`.`fk_42_median_last_3600000001us_before_3599999999us_21755dd17532` AS FLOAT64) AS `middle_last_3600000001us_before_3599999999us`,
    CAST(`fk_last_2_rows_before_1`.`fk_43_count_rows_last_2_rows_before_1_9e79709093ec` AS INT64) AS `rows_last_2_rows_before_1`,
    CAST(`fk_last_2_rows_before_1`.`fk_44_sum_double_last_2_rows_before_1_389dd8ec3eaf` AS FLOAT64) AS `sum_last_2_rows_before_1`,
    CAST(`fk_last_2_rows_before_1`.`fk_45_last_last_2_rows_before_1_75369b2e12bf` AS FLOAT64) AS `last_last_2_rows_before_1`,
    CAST(`fk_last_2_rows_before_1`.`fk_46_first_last_2_rows_before_1_7d9ea4f1d827` AS STRING) AS `first_last_2_rows_before_1`,
    CAST(`fk_last_2_rows_before_1`.`fk_47_count_distinct_last_2_rows_before_1_8bc04fc97b0d` AS INT64) AS `shops_last_2_rows_before_1`,
    CAST(`fk_last_2_rows_before_1`.`fk_48_median_last_2_rows_before_1_71f344f6e35b` AS FLOAT64) AS `middle_last_2_rows_before_1`,
    CAST(`fk_all_time`.`fk_49_count_rows_all_time_before_2h_3657dc455059` AS INT64) AS `rows_all_time_before_2h`,
    CAST(`fk_all_time`.`fk_50_sum_double_all_time_before_2h_6cee36c26a4f` AS FLOAT64) AS `sum_all_time_before_2h`,
    CAST(`fk_all_time`.`fk_51_last_all_time_before_2h_cd89c82f60ae` AS FLOAT64) AS `last_all_time_before_2h`,
    CAST(`fk_all_time`.`fk_52_first_all_time_before_2h_46c0d510989f` AS STRING) AS `first_all_time_before_2h`,
    CAST(`fk_all_time`.`fk_53_count_distinct_all_time_before_2h_0d74742a2d83` AS INT64) AS `shops_all_time_before_2h`,
    CAST(`fk_all_time`.`fk_54_median_all_time_before_2h_26b33f231d8d` AS FLOAT64) AS `middle_all_time_before_2h`,
    CAST(`fk_windows`.`fk_55_count_rows_today_5bf9bcaab61d` AS INT64) AS `rows_today`,
    CAST(`fk_windows`.`fk_56_sum_double_today_7b16766ed063` AS FLOAT64) AS `sum_today`,
    CAST(`fk_windows`.`fk_57_last_today_7e955f99dee7` AS FLOAT64) AS `last_today`,
    CAST(`fk_windows`.`fk_58_first_today_d7afb08edcf3` AS STRING) AS `first_today`,
    CAST(`fk_windows`.`fk_59_count_distinct_today_7748516dbb3a` AS INT64) AS `shops_today`,
    CAST(`fk_windows`.`fk_60_median_today_6eea2eb819e0` AS FLOAT64) AS `middle_today`
  FROM `fk_asked`
  LEFT JOIN `frames_1_1_0_windows_8e159950ff5c` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `frames_1_1_0_last_1_rows_d25eb92862bb` AS `fk_last_1_rows` ON `fk_last_1_rows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `frames_1_1_0_last_3_rows_3c0099ad1d36` AS `fk_last_3_rows` ON `fk_last_3_rows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `frames_1_1_0_all_time_f2585df0b86c` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `frames_1_1_0_last_2_rows_before_1_05e3e9dfca3b` AS `fk_last_2_rows_before_1` ON `fk_last_2_rows_before_1`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `frames_1_1_0_10090c99f535`.`rows_last_2h` AS `frames_1__rows_last_2h`,
  `frames_1_1_0_10090c99f535`.`sum_last_2h` AS `frames_1__sum_last_2h`,
  `frames_1_1_0_10090c99f535`.`last_last_2h` AS `frames_1__last_last_2h`,
  `frames_1_1_0_10090c99f535`.`first_last_2h` AS `frames_1__first_last_2h`,
  `frames_1_1_0_10090c99f535`.`shops_last_2h` AS `frames_1__shops_last_2h`,
  `frames_1_1_0_10090c99f535`.`middle_last_2h` AS `frames_1__middle_last_2h`,
  `frames_1_1_0_10090c99f535`.`rows_last_1d` AS `frames_1__rows_last_1d`,
  `frames_1_1_0_10090c99f535`.`sum_last_1d` AS `frames_1__sum_last_1d`,
  `frames_1_1_0_10090c99f535`.`last_last_1d` AS `frames_1__last_last_1d`,
  `frames_1_1_0_10090c99f535`.`first_last_1d` AS `frames_1__first_last_1d`,
  `frames_1_1_0_10090c99f535`.`shops_last_1d` AS `frames_1__shops_last_1d`,
  `frames_1_1_0_10090c99f535`.`middle_last_1d` AS `frames_1__middle_last_1d`,
  `frames_1_1_0_10090c99f535`.`rows_last_1_rows` AS `frames_1__rows_last_1_rows`,
  `frames_1_1_0_10090c99f535`.`sum_last_1_rows` AS `frames_1__sum_last_1_rows`,
  `frames_1_1_0_10090c99f535`.`last_last_1_rows` AS `frames_1__last_last_1_rows`,
  `frames_1_1_0_10090c99f535`.`first_last_1_rows` AS `frames_1__first_last_1_rows`,
  `frames_1_1_0_10090c99f535`.`shops_last_1_rows` AS `frames_1__shops_last_1_rows`,
  `frames_1_1_0_10090c99f535`.`middle_last_1_rows` AS `frames_1__middle_last_1_rows`,
  `frames_1_1_0_10090c99f535`.`rows_last_3_rows` AS `frames_1__rows_last_3_rows`,
  `frames_1_1_0_10090c99f535`.`sum_last_3_rows` AS `frames_1__sum_last_3_rows`,
  `frames_1_1_0_10090c99f535`.`last_last_3_rows` AS `frames_1__last_last_3_rows`,
  `frames_1_1_0_10090c99f535`.`first_last_3_rows` AS `frames_1__first_last_3_rows`,
  `frames_1_1_0_10090c99f535`.`shops_last_3_rows` AS `frames_1__shops_last_3_rows`,
  `frames_1_1_0_10090c99f535`.`middle_last_3_rows` AS `frames_1__middle_last_3_rows`,
  `frames_1_1_0_10090c99f535`.`rows_all_time` AS `frames_1__rows_all_time`,
  `frames_1_1_0_10090c99f535`.`sum_all_time` AS `frames_1__sum_all_time`,
  `frames_1_1_0_10090c99f535`.`last_all_time` AS `frames_1__last_all_time`,
  `frames_1_1_0_10090c99f535`.`first_all_time` AS `frames_1__first_all_time`,
  `frames_1_1_0_10090c99f535`.`shops_all_time` AS `frames_1__shops_all_time`,
  `frames_1_1_0_10090c99f535`.`middle_all_time` AS `frames_1__middle_all_time`,
  `frames_1_1_0_10090c99f535`.`rows_last_1h_before_1h` AS `frames_1__rows_last_1h_before_1h`,
  `frames_1_1_0_10090c99f535`.`sum_last_1h_before_1h` AS `frames_1__sum_last_1h_before_1h`,
  `frames_1_1_0_10090c99f535`.`last_last_1h_before_1h` AS `frames_1__last_last_1h_before_1h`,
  `frames_1_1_0_10090c99f535`.`first_last_1h_before_1h` AS `frames_1__first_last_1h_before_1h`,
  `frames_1_1_0_10090c99f535`.`shops_last_1h_before_1h` AS `frames_1__shops_last_1h_before_1h`,
  `frames_1_1_0_10090c99f535`.`middle_last_1h_before_1h` AS `frames_1__middle_last_1h_before_1h`,
  `frames_1_1_0_10090c99f535`.`rows_last_3600000001us_before_3599999999us` AS `frames_1__rows_last_3600000001us_before_3599999999us`,
  `frames_1_1_0_10090c99f535`.`sum_last_3600000001us_before_3599999999us` AS `frames_1__sum_last_3600000001us_before_3599999999us`,
  `frames_1_1_0_10090c99f535`.`last_last_3600000001us_before_3599999999us` AS `frames_1__last_last_3600000001us_before_3599999999us`,
  `frames_1_1_0_10090c99f535`.`first_last_3600000001us_before_3599999999us` AS `frames_1__first_last_3600000001us_before_3599999999us`,
  `frames_1_1_0_10090c99f535`.`shops_last_3600000001us_before_3599999999us` AS `frames_1__shops_last_3600000001us_before_3599999999us`,
  `frames_1_1_0_10090c99f535`.`middle_last_3600000001us_before_3599999999us` AS `frames_1__middle_last_3600000001us_before_3599999999us`,
  `frames_1_1_0_10090c99f535`.`rows_last_2_rows_before_1` AS `frames_1__rows_last_2_rows_before_1`,
  `frames_1_1_0_10090c99f535`.`sum_last_2_rows_before_1` AS `frames_1__sum_last_2_rows_before_1`,
  `frames_1_1_0_10090c99f535`.`last_last_2_rows_before_1` AS `frames_1__last_last_2_rows_before_1`,
  `frames_1_1_0_10090c99f535`.`first_last_2_rows_before_1` AS `frames_1__first_last_2_rows_before_1`,
  `frames_1_1_0_10090c99f535`.`shops_last_2_rows_before_1` AS `frames_1__shops_last_2_rows_before_1`,
  `frames_1_1_0_10090c99f535`.`middle_last_2_rows_before_1` AS `frames_1__middle_last_2_rows_before_1`,
  `frames_1_1_0_10090c99f535`.`rows_all_time_before_2h` AS `frames_1__rows_all_time_before_2h`,
  `frames_1_1_0_10090c99f535`.`sum_all_time_before_2h` AS `frames_1__sum_all_time_before_2h`,
  `frames_1_1_0_10090c99f535`.`last_all_time_before_2h` AS `frames_1__last_all_time_before_2h`,
  `frames_1_1_0_10090c99f535`.`first_all_time_before_2h` AS `frames_1__first_all_time_before_2h`,
  `frames_1_1_0_10090c99f535`.`shops_all_time_before_2h` AS `frames_1__shops_all_time_before_2h`,
  `frames_1_1_0_10090c99f535`.`middle_all_time_before_2h` AS `frames_1__middle_all_time_before_2h`,
  `frames_1_1_0_10090c99f535`.`rows_today` AS `frames_1__rows_today`,
  `frames_1_1_0_10090c99f535`.`sum_today` AS `frames_1__sum_today`,
  `frames_1_1_0_10090c99f535`.`last_today` AS `frames_1__last_today`,
  `frames_1_1_0_10090c99f535`.`first_today` AS `frames_1__first_today`,
  `frames_1_1_0_10090c99f535`.`shops_today` AS `frames_1__shops_today`,
  `frames_1_1_0_10090c99f535`.`middle_today` AS `frames_1__middle_today`
FROM `fk_spine`
LEFT JOIN `frames_1_1_0_10090c99f535` ON `frames_1_1_0_10090c99f535`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
