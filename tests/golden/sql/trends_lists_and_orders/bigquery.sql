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
`fk_asked` AS (
  SELECT
    `fk_spine`.`fk_row`,
    `fk_spine`.`fk_as_of`,
    CAST(`fk_spine`.`customer_id` AS STRING) AS `customer_id`
  FROM `fk_spine`
),

-- payments: rows that can be known, in canonical order, duplicates once
`fk_payments_by_customer_id_a17773846107` AS (
  SELECT
    `customer_id`,
    `amount`,
    `country`,
    `happened`,
    `paid`,
    `price`,
    `happened` AS `fk_time`,
    GREATEST(`happened`, `booked`) AS `fk_known`,
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

-- habits@1.0 all_time: the rows that each question meets
`habits_1_0_all_time_met_2f2f4f0410fd` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`happened` AS `happened`,
    `fk_seen`.`paid` AS `paid`,
    `fk_seen`.`country` AS `country`,
    `fk_seen`.`price` AS `price`,
    `fk_seen`.`amount` AS `amount`,
    `fk_seen`.`fk_time`,
    `fk_seen`.`fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_id_a17773846107` AS `fk_seen`
    ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
),

-- habits@1.0 all_time: the orders that aggregates put their rows in
`habits_1_0_all_time_ordered_37231cee4503` AS (
  SELECT
    `fk_seen`.*,
    row_number() OVER (PARTITION BY `fk_seen`.`fk_row` ORDER BY `fk_seen`.`price` ASC NULLS LAST, `fk_seen`.`amount` DESC NULLS LAST, `fk_seen`.`fk_order` ASC) AS `fk_order_4`
  FROM `habits_1_0_all_time_met_2f2f4f0410fd` AS `fk_seen`
),

-- habits@1.0: all_time (America/New_York)
`habits_1_0_all_time_dea84e4da972` AS (
  SELECT
    `fk_asked`.`fk_row`,
    MAX((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` AND `fk_seen`.`happened` IS NOT NULL THEN `fk_seen`.`happened` END)) AS `fk_1_max_all_time_9af05bf9d5f1`,
    STRING_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`country` IS NOT NULL THEN `fk_seen`.`country` END), ', ' ORDER BY `fk_seen`.`fk_order_4`) AS `fk_4_string_agg_all_time_2dbeb030d8f4`
  FROM `fk_asked`
  LEFT JOIN `habits_1_0_all_time_ordered_37231cee4503` AS `fk_seen`
    ON `fk_seen`.`fk_row` = `fk_asked`.`fk_row`
  GROUP BY `fk_asked`.`fk_row`
),

-- habits@1.0: the stretches of time, of 162000000000 us each, that it may see
`habits_1_0_stretches_c5aedd0f7cc0` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of` - INTERVAL 30 DAY, DATETIME '1970-01-01 00:00:00', MICROSECOND), 162000000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 162000000000))) AS `fk_number`
),

-- habits@1.0 windows: the rows that each question meets
`habits_1_0_windows_met_affdf6b467c7` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`happened` AS `happened`,
    `fk_seen`.`country` AS `country`,
    `fk_seen`.`amount` AS `amount`,
    `fk_seen`.`fk_time`,
    `fk_seen`.`fk_order`
  FROM `fk_asked`
  INNER JOIN `habits_1_0_stretches_c5aedd0f7cc0` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  INNER JOIN `fk_payments_by_customer_id_a17773846107` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 162000000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
),

-- habits@1.0 windows: the orders that aggregates put their rows in
`habits_1_0_windows_ordered_47398727104b` AS (
  SELECT
    `fk_seen`.*,
    row_number() OVER (PARTITION BY `fk_seen`.`fk_row` ORDER BY `fk_seen`.`amount` DESC NULLS LAST, `fk_seen`.`fk_order` ASC) AS `fk_order_3`
  FROM `habits_1_0_windows_met_affdf6b467c7` AS `fk_seen`
),

-- habits@1.0: last_7d_before_7d, last_30d (America/New_York)
`habits_1_0_windows_dd299898d8cd` AS (
  SELECT
    `fk_asked`.`fk_row`,
    MIN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 14 DAY AND `fk_seen`.`fk_time` < `fk_asked`.`fk_as_of` - INTERVAL 7 DAY AND `fk_seen`.`happened` IS NOT NULL THEN `fk_seen`.`happened` END)) AS `fk_2_min_last_7d_before_7d_7fd45b9aaf7d`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 30 DAY AND `fk_seen`.`country` IS NOT NULL THEN `fk_seen`.`country` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order_3` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_3_first_last_30d_e4fe0c5f9d03`
  FROM `fk_asked`
  LEFT JOIN `habits_1_0_windows_ordered_47398727104b` AS `fk_seen`
    ON `fk_seen`.`fk_row` = `fk_asked`.`fk_row`
  GROUP BY `fk_asked`.`fk_row`
),

-- habits@1.0: its answers
`habits_1_0_110389fbf7fd` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(CAST(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND) - DATETIME_DIFF(`fk_all_time`.`fk_1_max_all_time_9af05bf9d5f1`, DATETIME '1970-01-01 00:00:00', MICROSECOND) AS FLOAT64) / CAST(CASE 'hour' WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000 WHEN 'day' THEN 86400000000 ELSE 1 END AS FLOAT64) AS FLOAT64) AS `quiet`,
    CAST(CAST(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND) - DATETIME_DIFF(`fk_windows`.`fk_2_min_last_7d_before_7d_7fd45b9aaf7d`, DATETIME '1970-01-01 00:00:00', MICROSECOND) AS FLOAT64) / CAST(CASE 'day' WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000 WHEN 'day' THEN 86400000000 ELSE 1 END AS FLOAT64) AS FLOAT64) AS `since`,
    CAST(`fk_windows`.`fk_3_first_last_30d_e4fe0c5f9d03` AS STRING) AS `country_of_most`,
    CAST(`fk_all_time`.`fk_4_string_agg_all_time_2dbeb030d8f4` AS STRING) AS `told`
  FROM `fk_asked`
  LEFT JOIN `habits_1_0_all_time_dea84e4da972` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `habits_1_0_windows_dd299898d8cd` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `habits_1_0_110389fbf7fd`.`quiet` AS `habits__quiet`,
  `habits_1_0_110389fbf7fd`.`since` AS `habits__since`,
  `habits_1_0_110389fbf7fd`.`country_of_most` AS `habits__country_of_most`,
  `habits_1_0_110389fbf7fd`.`told` AS `habits__told`
FROM `fk_spine`
LEFT JOIN `habits_1_0_110389fbf7fd` ON `habits_1_0_110389fbf7fd`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
-- not said: habits__trend: slope cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__faded: decay_sum cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__faded_price: decay_sum cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__countries: list_last cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__dearest_at: list_last cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__usual: top_k_double cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__price_before: lag cannot be said exactly in bigquery: not yet tried on bigquery
-- not said: habits__country_before: lag cannot be said exactly in bigquery: not yet tried on bigquery
