-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of BigQuery; it has not been run there.
-- TIMESTAMP columns are read in the zone of the session: UTC unless set otherwise.
-- No column has a collation.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
`fk_spine` AS (
  SELECT
    row_number() OVER (ORDER BY `spine`.`customer_id` ASC, `spine`.`asked_at` ASC) AS `fk_row`,
    CAST(`spine`.`asked_at` AS DATETIME) AS `fk_as_of`,
    `spine`.*
  FROM `spine`
),

-- what is asked with, typed
`fk_typed` AS (
  SELECT
    `fk_spine`.`fk_row`,
    `fk_spine`.`fk_as_of`,
    CAST(`fk_spine`.`customer_id` AS STRING) AS `customer_id`
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
    DATETIME_TRUNC(`fk_clock_America_New_York_b4eb9e433909`, day) AS `fk_day_0_America_New_York_wall_317ca14fbc38`,
    DATETIME_SUB(DATETIME_TRUNC(`fk_clock_America_New_York_b4eb9e433909`, day), INTERVAL 7 DAY) AS `fk_day_7_America_New_York_wall_b9ae03997395`,
    DATETIME_TRUNC(`fk_clock_America_New_York_b4eb9e433909`, month) AS `fk_month_0_America_New_York_wall_9afd5df6be69`
  FROM `fk_clocks`
),

-- the instants at which the wall clock may have read so
`fk_instants` AS (
  SELECT
    `fk_walls`.*,
    DATETIME_SUB(`fk_day_0_America_New_York_wall_317ca14fbc38`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_0_America_New_York_wall_317ca14fbc38` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_0_America_New_York_wall_317ca14fbc38` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_0_America_New_York_before_5535ffc2a041`,
    DATETIME_SUB(`fk_day_0_America_New_York_wall_317ca14fbc38`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_0_America_New_York_wall_317ca14fbc38` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_0_America_New_York_wall_317ca14fbc38` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_0_America_New_York_after_f75a6c61b9b7`,
    DATETIME_SUB(`fk_day_7_America_New_York_wall_b9ae03997395`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_7_America_New_York_wall_b9ae03997395` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_7_America_New_York_wall_b9ae03997395` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_7_America_New_York_before_70db0c33035f`,
    DATETIME_SUB(`fk_day_7_America_New_York_wall_b9ae03997395`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_day_7_America_New_York_wall_b9ae03997395` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_day_7_America_New_York_wall_b9ae03997395` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_day_7_America_New_York_after_f9d669e000df`,
    DATETIME_SUB(`fk_month_0_America_New_York_wall_9afd5df6be69`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_month_0_America_New_York_wall_9afd5df6be69` - INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_month_0_America_New_York_wall_9afd5df6be69` - INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_month_0_America_New_York_before_2c10a08c59c0`,
    DATETIME_SUB(`fk_month_0_America_New_York_wall_9afd5df6be69`, INTERVAL DATETIME_DIFF(DATETIME(TIMESTAMP((`fk_month_0_America_New_York_wall_9afd5df6be69` + INTERVAL 1 DAY), 'UTC'), 'America/New_York'), (`fk_month_0_America_New_York_wall_9afd5df6be69` + INTERVAL 1 DAY), MICROSECOND) MICROSECOND) AS `fk_month_0_America_New_York_after_56da10ef2839`
  FROM `fk_walls`
),

-- when the windows begin and end, as instants
`fk_asked` AS (
  SELECT
    `fk_instants`.*,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_day_0_America_New_York_before_5535ffc2a041`, 'UTC'), 'America/New_York') = `fk_day_0_America_New_York_wall_317ca14fbc38` THEN `fk_day_0_America_New_York_before_5535ffc2a041` WHEN DATETIME(TIMESTAMP(`fk_day_0_America_New_York_after_f75a6c61b9b7`, 'UTC'), 'America/New_York') = `fk_day_0_America_New_York_wall_317ca14fbc38` THEN `fk_day_0_America_New_York_after_f75a6c61b9b7` ELSE `fk_day_0_America_New_York_before_5535ffc2a041` END, DATETIME '0001-01-01 00:00:00') AS `fk_day_0_America_New_York_ab991f8803f1`,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_day_7_America_New_York_before_70db0c33035f`, 'UTC'), 'America/New_York') = `fk_day_7_America_New_York_wall_b9ae03997395` THEN `fk_day_7_America_New_York_before_70db0c33035f` WHEN DATETIME(TIMESTAMP(`fk_day_7_America_New_York_after_f9d669e000df`, 'UTC'), 'America/New_York') = `fk_day_7_America_New_York_wall_b9ae03997395` THEN `fk_day_7_America_New_York_after_f9d669e000df` ELSE `fk_day_7_America_New_York_before_70db0c33035f` END, DATETIME '0001-01-01 00:00:00') AS `fk_day_7_America_New_York_c0933a418d5c`,
    GREATEST(CASE WHEN DATETIME(TIMESTAMP(`fk_month_0_America_New_York_before_2c10a08c59c0`, 'UTC'), 'America/New_York') = `fk_month_0_America_New_York_wall_9afd5df6be69` THEN `fk_month_0_America_New_York_before_2c10a08c59c0` WHEN DATETIME(TIMESTAMP(`fk_month_0_America_New_York_after_56da10ef2839`, 'UTC'), 'America/New_York') = `fk_month_0_America_New_York_wall_9afd5df6be69` THEN `fk_month_0_America_New_York_after_56da10ef2839` ELSE `fk_month_0_America_New_York_before_2c10a08c59c0` END, DATETIME '0001-01-01 00:00:00') AS `fk_month_0_America_New_York_e850ac40b4b5`
  FROM `fk_instants`
),

-- payments: rows that can be known, in canonical order, duplicates once
`fk_payments_by_customer_id__delay_5m_ae583c787a4f` AS (
  SELECT
    `customer_id`,
    `amount`,
    `country`,
    `paid`,
    `price`,
    `happened` AS `fk_time`,
    GREATEST(`happened`, `booked` + INTERVAL 5 MINUTE) AS `fk_known`,
    row_number() OVER (PARTITION BY `customer_id` ORDER BY `happened` ASC, `number` ASC NULLS FIRST) AS `fk_order`
  FROM (
    SELECT
      CAST(`customer_id` AS STRING) AS `customer_id`,
      CAST(`amount` AS FLOAT64) AS `amount`,
      CAST(`price` AS BIGNUMERIC) AS `price`,
      CAST(`country` AS STRING) AS `country`,
      CAST(`paid` AS BOOL) AS `paid`,
      CAST(`happened` AS DATETIME) AS `happened`,
      CAST(`booked` AS DATETIME) AS `booked`,
      CAST(`number` AS INT64) AS `number`
    FROM `payments`
  ) AS `fk_typed_rows`
  WHERE `customer_id` IS NOT NULL AND `happened` IS NOT NULL AND `booked` IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY `customer_id`, `happened`, `number` ORDER BY `booked` ASC, `customer_id` ASC NULLS FIRST, IS_NAN(`amount`) ASC NULLS FIRST, `amount` ASC NULLS FIRST, `price` ASC NULLS FIRST, `country` ASC NULLS FIRST, `paid` ASC NULLS FIRST, `happened` ASC NULLS FIRST, `booked` ASC NULLS FIRST, `number` ASC NULLS FIRST) = 1
),

-- spend@1.0: the stretches of time, of 167400000000 us each, that it may see
`spend_1_0_stretches_75bf70aeef08` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(LEAST(`fk_asked`.`fk_as_of` - INTERVAL 30 DAY, `fk_asked`.`fk_day_7_America_New_York_c0933a418d5c`, `fk_asked`.`fk_month_0_America_New_York_e850ac40b4b5`), DATETIME '1970-01-01 00:00:00', MICROSECOND), 167400000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 167400000000))) AS `fk_number`
),

-- spend@1.0: last_30d, calendar_7d, month_to_date, last_7d_before_7d (America/New_York)
`spend_1_0_windows_bff2fc812084` AS (
  SELECT
    `fk_asked`.`fk_row`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 30 DAY AND (CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) AND `fk_seen`.`amount` IS NOT NULL THEN `fk_seen`.`amount` END)) AS `fk_1_sum_double_last_30d_3ddbbf1c832a`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_day_7_America_New_York_c0933a418d5c` AND `fk_seen`.`fk_time` < `fk_asked`.`fk_day_0_America_New_York_ab991f8803f1` AND (CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) THEN 1 END) AS `fk_2_count_rows_calendar_7d_6ae8593f58ed`,
    AVG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_month_0_America_New_York_e850ac40b4b5` AND ((CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) AND `fk_seen`.`paid`) AND `fk_seen`.`amount` IS NOT NULL THEN `fk_seen`.`amount` END)) AS `fk_3_avg_double_month_to_date_b3a53b664c81`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 14 DAY AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 7 DAY AND (CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) AND `fk_seen`.`country` IS NOT NULL THEN `fk_seen`.`country` END)) AS `fk_7_count_distinct_last_7d_before_7d_a5b4a0bae918`
  FROM `fk_asked`
  LEFT JOIN `spend_1_0_stretches_75bf70aeef08` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_id__delay_5m_ae583c787a4f` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 167400000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- spend@1.0: which rows are the 3 latest visible ones
`spend_1_0_picked_last_3_rows_a7ce2d9f3ef0` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_id__delay_5m_ae583c787a4f` AS `fk_seen`
    ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 1 AND 3
),

-- spend@1.0: last_3_rows (America/New_York)
`spend_1_0_last_3_rows_3a45ef3a6ca5` AS (
  SELECT
    `fk_asked`.`fk_row`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND (CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) AND `fk_seen`.`country` IS NOT NULL THEN `fk_seen`.`country` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_4_last_last_3_rows_aa588db9fd33`
  FROM `fk_asked`
  LEFT JOIN `spend_1_0_picked_last_3_rows_a7ce2d9f3ef0` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_id__delay_5m_ae583c787a4f` AS `fk_seen`
    ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  GROUP BY `fk_asked`.`fk_row`
),

-- spend@1.0: all_time (America/New_York)
`spend_1_0_all_time_f128c204c244` AS (
  SELECT
    `fk_asked`.`fk_row`,
    MAX((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND (CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) AND `fk_seen`.`price` IS NOT NULL THEN `fk_seen`.`price` END)) AS `fk_5_max_all_time_0fda77cac406`,
    MIN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND (CAST('-100.0' AS FLOAT64) < `fk_seen`.`amount` OR (IS_NAN(`fk_seen`.`amount`) AND NOT IS_NAN(CAST('-100.0' AS FLOAT64)))) AND `fk_seen`.`price` IS NOT NULL THEN `fk_seen`.`price` END)) AS `fk_6_min_all_time_e3f3aed5e7f8`
  FROM `fk_asked`
  LEFT JOIN `fk_payments_by_customer_id__delay_5m_ae583c787a4f` AS `fk_seen`
    ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- spend@1.0: its answers
`spend_1_0_2891df7151a3` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_windows`.`fk_1_sum_double_last_30d_3ddbbf1c832a` AS FLOAT64) AS `spend_30d`,
    CAST(`fk_windows`.`fk_2_count_rows_calendar_7d_6ae8593f58ed` AS INT64) AS `payments_7d`,
    CAST(`fk_windows`.`fk_3_avg_double_month_to_date_b3a53b664c81` AS FLOAT64) AS `mean_paid`,
    CAST(`fk_last_3_rows`.`fk_4_last_last_3_rows_aa588db9fd33` AS STRING) AS `country`,
    CAST(CASE WHEN ABS(SAFE_SUBTRACT(`fk_all_time`.`fk_5_max_all_time_0fda77cac406`, `fk_all_time`.`fk_6_min_all_time_e3f3aed5e7f8`)) < CAST('1e9' AS BIGNUMERIC) THEN SAFE_SUBTRACT(`fk_all_time`.`fk_5_max_all_time_0fda77cac406`, `fk_all_time`.`fk_6_min_all_time_e3f3aed5e7f8`) END AS BIGNUMERIC) AS `span`,
    CAST(`fk_windows`.`fk_7_count_distinct_last_7d_before_7d_a5b4a0bae918` AS INT64) AS `countries_before`
  FROM `fk_asked`
  LEFT JOIN `spend_1_0_windows_bff2fc812084` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `spend_1_0_last_3_rows_3a45ef3a6ca5` AS `fk_last_3_rows` ON `fk_last_3_rows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `spend_1_0_all_time_f128c204c244` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `spend_1_0_2891df7151a3`.`spend_30d` AS `spend__spend_30d`,
  `spend_1_0_2891df7151a3`.`payments_7d` AS `spend__payments_7d`,
  `spend_1_0_2891df7151a3`.`mean_paid` AS `spend__mean_paid`,
  `spend_1_0_2891df7151a3`.`country` AS `spend__country`,
  `spend_1_0_2891df7151a3`.`span` AS `spend__span`,
  `spend_1_0_2891df7151a3`.`countries_before` AS `spend__countries_before`
FROM `fk_spine`
LEFT JOIN `spend_1_0_2891df7151a3` ON `spend_1_0_2891df7151a3`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
