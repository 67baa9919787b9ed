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

-- when the latest refreshes may have been, by the wall clock, the latest first
`fk_refresh_walls` AS (
  SELECT
    `fk_typed`.*,
    DATETIME_TRUNC(DATETIME(TIMESTAMP(`fk_as_of`, 'UTC'), 'America/New_York') + INTERVAL 1 DAY, day) + INTERVAL 150 MINUTE AS `fk_daily_02_30_America_New_York_0_wall_50af1bad4218`,
    DATETIME_TRUNC(DATETIME(TIMESTAMP(`fk_as_of`, 'UTC'), 'America/New_York'), day) + INTERVAL 150 MINUTE AS `fk_daily_02_30_America_New_York_1_wall_8a004c938c0d`,
    DATETIME_TRUNC(DATETIME(TIMESTAMP(`fk_as_of`, 'UTC'), 'America/New_York') - INTERVAL 1 DAY, day) + INTERVAL 150 MINUTE AS `fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa`,
    DATETIME_TRUNC(DATETIME(TIMESTAMP(`fk_as_of`, 'UTC'), 'America/New_York') - INTERVAL 2 DAY, day) + INTERVAL 150 MINUTE AS `fk_daily_02_30_America_New_York_3_wall_c6cfea3581db`
  FROM `fk_typed`
),

-- the instants at which the wall clock may have read so
`fk_refresh_readings` AS (
  SELECT
    `fk_refresh_walls`.*,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_0_wall_50af1bad4218`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_0_wall_50af1bad4218` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_0_wall_50af1bad4218` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_0_before_7569f0b9615d`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_0_wall_50af1bad4218`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_0_wall_50af1bad4218` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_0_wall_50af1bad4218` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_0_after_f89d7223f716`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_1_wall_8a004c938c0d`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_1_wall_8a004c938c0d` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_1_wall_8a004c938c0d` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_1_before_1436ff58a4ec`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_1_wall_8a004c938c0d`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_1_wall_8a004c938c0d` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_1_wall_8a004c938c0d` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_1_after_bdca29493074`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_2_before_0bb54dccba5d`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_2_after_ecff166c2125`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_3_wall_c6cfea3581db`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_3_wall_c6cfea3581db` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_3_wall_c6cfea3581db` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_3_before_4fd155369c68`,
    DATETIME_SUB(`fk_daily_02_30_America_New_York_3_wall_c6cfea3581db`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_daily_02_30_America_New_York_3_wall_c6cfea3581db` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_daily_02_30_America_New_York_3_wall_c6cfea3581db` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_daily_02_30_America_New_York_3_after_663d1cacf2b6`
  FROM `fk_refresh_walls`
),

-- when the latest refreshes were due, as instants
`fk_refreshes` AS (
  SELECT
    `fk_refresh_readings`.*,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_0_before_7569f0b9615d`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_0_wall_50af1bad4218` THEN `fk_daily_02_30_America_New_York_0_before_7569f0b9615d` WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_0_after_f89d7223f716`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_0_wall_50af1bad4218` THEN `fk_daily_02_30_America_New_York_0_after_f89d7223f716` ELSE `fk_daily_02_30_America_New_York_0_before_7569f0b9615d` END, DATETIME '0001-01-01 00:00:00') AS `fk_daily_02_30_America_New_York_0_8f540b956cd6`,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_1_before_1436ff58a4ec`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_1_wall_8a004c938c0d` THEN `fk_daily_02_30_America_New_York_1_before_1436ff58a4ec` WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_1_after_bdca29493074`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_1_wall_8a004c938c0d` THEN `fk_daily_02_30_America_New_York_1_after_bdca29493074` ELSE `fk_daily_02_30_America_New_York_1_before_1436ff58a4ec` END, DATETIME '0001-01-01 00:00:00') AS `fk_daily_02_30_America_New_York_1_e70c8abbf07c`,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_2_before_0bb54dccba5d`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa` THEN `fk_daily_02_30_America_New_York_2_before_0bb54dccba5d` WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_2_after_ecff166c2125`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_2_wall_c9130e0bf9fa` THEN `fk_daily_02_30_America_New_York_2_after_ecff166c2125` ELSE `fk_daily_02_30_America_New_York_2_before_0bb54dccba5d` END, DATETIME '0001-01-01 00:00:00') AS `fk_daily_02_30_America_New_York_2_65405507c1db`,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_3_before_4fd155369c68`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_3_wall_c6cfea3581db` THEN `fk_daily_02_30_America_New_York_3_before_4fd155369c68` WHEN DATETIME(TIMESTAMP(`fk_daily_02_30_America_New_York_3_after_663d1cacf2b6`, 'UTC'), 'America/New_York') = `fk_daily_02_30_America_New_York_3_wall_c6cfea3581db` THEN `fk_daily_02_30_America_New_York_3_after_663d1cacf2b6` ELSE `fk_daily_02_30_America_New_York_3_before_4fd155369c68` END, DATETIME '0001-01-01 00:00:00') AS `fk_daily_02_30_America_New_York_3_dcabd12d98f0`
  FROM `fk_refresh_readings`
),

-- the last refresh at or before the moment of asking
`fk_refreshed` AS (
  SELECT
    `fk_refreshes`.*,
    CASE WHEN `fk_daily_02_30_America_New_York_0_8f540b956cd6` <= `fk_as_of` THEN `fk_daily_02_30_America_New_York_0_8f540b956cd6` WHEN `fk_daily_02_30_America_New_York_1_e70c8abbf07c` <= `fk_as_of` THEN `fk_daily_02_30_America_New_York_1_e70c8abbf07c` WHEN `fk_daily_02_30_America_New_York_2_65405507c1db` <= `fk_as_of` THEN `fk_daily_02_30_America_New_York_2_65405507c1db` WHEN `fk_daily_02_30_America_New_York_3_dcabd12d98f0` <= `fk_as_of` THEN `fk_daily_02_30_America_New_York_3_dcabd12d98f0` END AS `fk_as_of_daily_02_30_America_New_York_a0c9fe69509d`
  FROM `fk_refreshes`
),

-- the wall clock where it is asked
`fk_clocks` AS (
  SELECT
    `fk_refreshed`.*,
    DATETIME(TIMESTAMP(`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d`, 'UTC'), 'America/New_York') AS `fk_clock_America_New_York_of_daily_02_30_America_New_York_1875ae16e517`
  FROM `fk_refreshed`
),

-- when local units began, by the wall clock
`fk_walls` AS (
  SELECT
    `fk_clocks`.*,
    DATETIME_TRUNC(`fk_clock_America_New_York_of_daily_02_30_America_New_York_1875ae16e517`, day) AS `fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f`
  FROM `fk_clocks`
),

-- the instants at which the wall clock may have read so
`fk_instants` AS (
  SELECT
    `fk_walls`.*,
    DATETIME_SUB(`fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_0_America_New_York_of_daily_02_30_America_New_York_before_ce5dd991f73f`,
    DATETIME_SUB(`fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_0_America_New_York_of_daily_02_30_America_New_York_after_eafdf30d0045`
  FROM `fk_walls`
),

-- when the windows begin and end, as instants
`fk_asked` AS (
  SELECT
    `fk_instants`.*,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_day_0_America_New_York_of_daily_02_30_America_New_York_before_ce5dd991f73f`, 'UTC'), 'America/New_York') = `fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f` THEN `fk_day_0_America_New_York_of_daily_02_30_America_New_York_before_ce5dd991f73f` WHEN DATETIME(TIMESTAMP(`fk_day_0_America_New_York_of_daily_02_30_America_New_York_after_eafdf30d0045`, 'UTC'), 'America/New_York') = `fk_day_0_America_New_York_of_daily_02_30_America_New_York_wall_fd176caab60f` THEN `fk_day_0_America_New_York_of_daily_02_30_America_New_York_after_eafdf30d0045` ELSE `fk_day_0_America_New_York_of_daily_02_30_America_New_York_before_ce5dd991f73f` END, DATETIME '0001-01-01 00:00:00') AS `fk_day_0_America_New_York_of_daily_02_30_America_New_York_aec1f36cff3d`
  FROM `fk_instants`
),

-- payments: rows that can be known, in canonical order, duplicates once
`fk_payments_by_customer_44ec1d37d950` AS (
  SELECT
    `customer`,
    `paid`,
    `at` AS `fk_time`,
    GREATEST(`at`, `known`) AS `fk_known`,
    row_number() OVER (PARTITION BY `customer` ORDER BY `at` ASC, `number` ASC NULLS FIRST) AS `fk_order`
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
  QUALIFY row_number() OVER (PARTITION BY `customer`, `at`, `number` ORDER BY `known` ASC, `customer` ASC NULLS FIRST, `at` ASC NULLS FIRST, IS_NAN(`paid`) ASC NULLS FIRST, `paid` ASC NULLS FIRST, `settled` ASC NULLS FIRST, `merchant` ASC NULLS FIRST, `known` ASC NULLS FIRST, `number` ASC NULLS FIRST) = 1
),

-- refreshed_0@1.0: all_time (America/New_York)
`refreshed_0_1_0_all_time_20fc0de2d0c6` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_1_count_rows_all_time_82702959ec2b`
  FROM `fk_asked`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d`
  GROUP BY `fk_asked`.`fk_row`
),

-- refreshed_0@1.0: the stretches of time, of 5400000000 us each, that it may see
`refreshed_0_1_0_stretches_4973589ee1b8` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(LEAST(`fk_asked`.`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d` - INTERVAL 1 DAY, `fk_asked`.`fk_day_0_America_New_York_of_daily_02_30_America_New_York_aec1f36cff3d`), DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000))) AS `fk_number`
),

-- refreshed_0@1.0: last_1d, today (America/New_York)
`refreshed_0_1_0_windows_f2904a5655a7` AS (
  SELECT
    `fk_asked`.`fk_row`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_2_sum_double_last_1d_2e3a1520b3b8`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_0_America_New_York_of_daily_02_30_America_New_York_aec1f36cff3d` THEN 1 END) AS `fk_3_count_rows_today_93d7baf6c1ad`
  FROM `fk_asked`
  LEFT JOIN `refreshed_0_1_0_stretches_4973589ee1b8` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d`
  GROUP BY `fk_asked`.`fk_row`
),

-- refreshed_0@1.0: its answers
`refreshed_0_1_0_a471e8cba954` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_asked`.`fk_as_of_daily_02_30_America_New_York_a0c9fe69509d` AS DATETIME) AS `asked`,
    CAST(`fk_all_time`.`fk_1_count_rows_all_time_82702959ec2b` AS INT64) AS `rows`,
    CAST(`fk_windows`.`fk_2_sum_double_last_1d_2e3a1520b3b8` AS FLOAT64) AS `sum`,
    CAST(`fk_windows`.`fk_3_count_rows_today_93d7baf6c1ad` AS INT64) AS `today`
  FROM `fk_asked`
  LEFT JOIN `refreshed_0_1_0_all_time_20fc0de2d0c6` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `refreshed_0_1_0_windows_f2904a5655a7` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
),

-- built@1.0: its answers
`built_1_0_f9810b25769c` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`refreshed_0_1_0_a471e8cba954`.`sum` AS FLOAT64) AS `twice`,
    CAST(`fk_asked`.`fk_as_of` AS DATETIME) AS `now`
  FROM `fk_asked`
  LEFT JOIN `refreshed_0_1_0_a471e8cba954` AS `refreshed_0_1_0_a471e8cba954` ON `refreshed_0_1_0_a471e8cba954`.`fk_row` = `fk_asked`.`fk_row`
),

-- frames@1.0: all_time (America/New_York)
`frames_1_0_all_time_00797858b82c` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_1_count_rows_all_time_82702959ec2b`
  FROM `fk_asked`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- frames@1.0: its answers
`frames_1_0_abe1da0ff5d2` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_all_time`.`fk_1_count_rows_all_time_82702959ec2b` AS INT64) AS `rows`
  FROM `fk_asked`
  LEFT JOIN `frames_1_0_all_time_00797858b82c` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `refreshed_0_1_0_a471e8cba954`.`asked` AS `refreshed_0__asked`,
  `refreshed_0_1_0_a471e8cba954`.`rows` AS `refreshed_0__rows`,
  `refreshed_0_1_0_a471e8cba954`.`sum` AS `refreshed_0__sum`,
  `refreshed_0_1_0_a471e8cba954`.`today` AS `refreshed_0__today`,
  `built_1_0_f9810b25769c`.`twice` AS `built__twice`,
  `built_1_0_f9810b25769c`.`now` AS `built__now`,
  `frames_1_0_abe1da0ff5d2`.`rows` AS `frames__rows`
FROM `fk_spine`
LEFT JOIN `refreshed_0_1_0_a471e8cba954` ON `refreshed_0_1_0_a471e8cba954`.`fk_row` = `fk_spine`.`fk_row`
LEFT JOIN `built_1_0_f9810b25769c` ON `built_1_0_f9810b25769c`.`fk_row` = `fk_spine`.`fk_row`
LEFT JOIN `frames_1_0_abe1da0ff5d2` ON `frames_1_0_abe1da0ff5d2`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
