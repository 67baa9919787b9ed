-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of BigQuery; it has not been run there.
-- TIMESTAMP columns are read in the zone of the session: UTC unless set otherwise.
-- No column has a collation.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
`fk_spine` AS (
  SELECT
    row_number() OVER (ORDER BY `spine`.`customer` ASC, `spine`.`at` ASC, `spine`.`paid` ASC, `spine`.`merchant` ASC, `spine`.`asked_at` ASC) AS `fk_row`,
    CAST(`spine`.`asked_at` AS DATETIME) AS `fk_as_of`,
    `spine`.*
  FROM `spine`
),

-- what is asked with, typed
`fk_asked` AS (
  SELECT
    `fk_spine`.`fk_row`,
    `fk_spine`.`fk_as_of`,
    CAST(`fk_spine`.`customer` AS STRING) AS `customer`,
    CAST(`fk_spine`.`at` AS DATETIME) AS `at`,
    CAST(`fk_spine`.`paid` AS FLOAT64) AS `paid`,
    CAST(`fk_spine`.`merchant` AS STRING) AS `merchant`
  FROM `fk_spine`
),

-- payments: rows that can be known, in canonical order
`fk_payments_by_customer_44ec1d37d950` AS (
  SELECT
    `customer`,
    `merchant`,
    `paid`,
    `at` AS `fk_time`,
    `at` AS `fk_known`,
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
  WHERE `customer` IS NOT NULL AND `at` IS NOT NULL
),

-- row_with_0@1.0: the stretches of time, of 5400000000 us each, that it may see
`row_with_0_1_0_stretches_49f386644311` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(`fk_asked`.`at` - INTERVAL 1 DAY, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000), DIV(DATETIME_DIFF(`fk_asked`.`at`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000))) AS `fk_number`
),

-- row_with_0@1.0 windows: the rows that each question meets, then the row in hand
`row_with_0_1_0_windows_met_d5597bf12d43` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`paid` AS `paid`,
    `fk_seen`.`merchant` AS `merchant`,
    `fk_seen`.`fk_time`,
    `fk_seen`.`fk_order`
  FROM `fk_asked`
  INNER JOIN `row_with_0_1_0_stretches_49f386644311` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`at`
  UNION ALL
  SELECT
    `fk_asked`.`fk_row`,
    `fk_asked`.`paid`,
    `fk_asked`.`merchant`,
    `fk_asked`.`at`,
    CAST(9223372036854775807 AS INT64)
  FROM `fk_asked`
  WHERE `fk_asked`.`customer` IS NOT NULL AND `fk_asked`.`at` IS NOT NULL
),

-- row_with_0@1.0: last_2h, last_1d (America/New_York)
`row_with_0_1_0_windows_d83f4b350de3` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR THEN 1 END) AS `fk_1_count_rows_last_2h_and_the_row_34936ac20afc`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_2_sum_double_last_2h_and_the_row_f7ef5ce87983`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_3_last_last_2h_and_the_row_e7fcffec456f`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_4_first_last_2h_and_the_row_26d913a9d907`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_5_count_distinct_last_2h_and_the_row_a42999363691`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 2 HOUR AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_6_median_last_2h_and_the_row_80fca3008642`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY THEN 1 END) AS `fk_7_count_rows_last_1d_and_the_row_6b60f8ad440b`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_8_sum_double_last_1d_and_the_row_f47fcffe5d1b`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_9_last_last_1d_and_the_row_97ebca126cf6`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_10_first_last_1d_and_the_row_ca8a0e50eb9e`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_11_count_distinct_last_1d_and_the_row_48ca9bf90b4b`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_12_median_last_1d_and_the_row_a5db77b5526f`
  FROM `fk_asked`
  LEFT JOIN `row_with_0_1_0_windows_met_d5597bf12d43` AS `fk_seen`
    ON `fk_seen`.`fk_row` = `fk_asked`.`fk_row`
  GROUP BY `fk_asked`.`fk_row`
),

-- row_with_0@1.0: which rows are the 1 latest visible ones
`row_with_0_1_0_picked_last_1_rows_1912a0c33485` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`at`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 1 AND 1
),

-- row_with_0@1.0 last_1_rows: the rows that each question meets, then the row in hand
`row_with_0_1_0_last_1_rows_met_d7d8897b425c` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`paid` AS `paid`,
    `fk_seen`.`merchant` AS `merchant`,
    `fk_seen`.`fk_time`,
    `fk_seen`.`fk_order`
  FROM `fk_asked`
  INNER JOIN `row_with_0_1_0_picked_last_1_rows_1912a0c33485` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  UNION ALL
  SELECT
    `fk_asked`.`fk_row`,
    `fk_asked`.`paid`,
    `fk_asked`.`merchant`,
    `fk_asked`.`at`,
    CAST(9223372036854775807 AS INT64)
  FROM `fk_asked`
  WHERE `fk_asked`.`customer` IS NOT NULL AND `fk_asked`.`at` IS NOT NULL
),

-- row_with_0@1.0: last_1_rows (America/New_York)
`row_with_0_1_0_last_1_rows_8afb8bad4f3f` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_13_count_rows_last_1_rows_and_the_row_8d15a681be37`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_14_sum_double_last_1_rows_and_the_row_326c1bf1fdde`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_15_last_last_1_rows_and_the_row_431ebb770046`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_16_first_last_1_rows_and_the_row_a83cfc7dd135`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_17_count_distinct_last_1_rows_and_the_row_720dba8ea7fe`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_18_median_last_1_rows_and_the_row_36d875d6c6e2`
  FROM `fk_asked`
  LEFT JOIN `row_with_0_1_0_last_1_rows_met_d7d8897b425c` AS `fk_seen`
    ON `fk_seen`.`fk_row` = `fk_asked`.`fk_row`
  GROUP BY `fk_asked`.`fk_row`
),

-- row_with_0@1.0: which rows are the 3 latest visible ones
`row_with_0_1_0_picked_last_3_rows_8fcc6ad454c7` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`at`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 1 AND 3
),

-- row_with_0@1.0 last_3_rows: the rows that each question meets, then the row in hand
`row_with_0_1_0_last_3_rows_met_ef3421f77026` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`paid` AS `paid`,
    `fk_seen`.`merchant` AS `merchant`,
    `fk_seen`.`fk_time`,
    `fk_seen`.`fk_order`
  FROM `fk_asked`
  INNER JOIN `row_with_0_1_0_picked_last_3_rows_8fcc6ad454c7` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  UNION ALL
  SELECT
    `fk_asked`.`fk_row`,
    `fk_asked`.`paid`,
    `fk_asked`.`merchant`,
    `fk_asked`.`at`,
    CAST(9223372036854775807 AS INT64)
  FROM `fk_asked`
  WHERE `fk_asked`.`customer` IS NOT NULL AND `fk_asked`.`at` IS NOT NULL
),

-- row_with_0@1.0: last_3_rows (America/New_York)
`row_with_0_1_0_last_3_rows_167b24a07fd6` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_19_count_rows_last_3_rows_and_the_row_08e5a44794e6`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_20_sum_double_last_3_rows_and_the_row_c508301615f5`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_21_last_last_3_rows_and_the_row_51cd536f34af`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_22_first_last_3_rows_and_the_row_0e6e4b173cef`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_23_count_distinct_last_3_rows_and_the_row_eec5f99fe75e`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_24_median_last_3_rows_and_the_row_78fe89b65463`
  FROM `fk_asked`
  LEFT JOIN `row_with_0_1_0_last_3_rows_met_ef3421f77026` AS `fk_seen`
    ON `fk_seen`.`fk_row` = `fk_asked`.`fk_row`
  GROUP BY `fk_asked`.`fk_row`
),

-- row_with_0@1.0 all_time: the rows that each question meets, then the row in hand
`row_with_0_1_0_all_time_met_ea3746b05ca2` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`paid` AS `paid`,
    `fk_seen`.`merchant` AS `merchant`,
    `fk_seen`.`fk_time`,
    `fk_seen`.`fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`at`
  UNION ALL
  SELECT
    `fk_asked`.`fk_row`,
    `fk_asked`.`paid`,
    `fk_asked`.`merchant`,
    `fk_asked`.`at`,
    CAST(9223372036854775807 AS INT64)
  FROM `fk_asked`
  WHERE `fk_asked`.`customer` IS NOT NULL AND `fk_asked`.`at` IS NOT NULL
),

-- row_with_0@1.0: all_time (America/New_York)
`row_with_0_1_0_all_time_80d51fcc07a1` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL THEN 1 END) AS `fk_25_count_rows_all_time_and_the_row_b6edde9f899a`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) AS `fk_26_sum_double_all_time_and_the_row_e2a8e75ebb95`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_27_last_all_time_and_the_row_de6dab67323b`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` LIMIT 1)[SAFE_OFFSET(0)] AS `fk_28_first_all_time_and_the_row_64b772e404e9`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`merchant` IS NOT NULL THEN `fk_seen`.`merchant` END)) AS `fk_29_count_distinct_all_time_and_the_row_d93af3c371ee`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`paid` IS NOT NULL THEN `fk_seen`.`paid` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_30_median_all_time_and_the_row_7ca6abd7c840`
  FROM `fk_asked`
  LEFT JOIN `row_with_0_1_0_all_time_met_ea3746b05ca2` AS `fk_seen`
    ON `fk_seen`.`fk_row` = `fk_asked`.`fk_row`
  GROUP BY `fk_asked`.`fk_row`
),

-- row_with_0@1.0: its answers
`row_with_0_1_0_496836de097d` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_windows`.`fk_1_count_rows_last_2h_and_the_row_34936ac20afc` AS INT64) AS `rows_last_2h`,
    CAST(`fk_windows`.`fk_2_sum_double_last_2h_and_the_row_f7ef5ce87983` AS FLOAT64) AS `sum_last_2h`,
    CAST(`fk_windows`.`fk_3_last_last_2h_and_the_row_e7fcffec456f` AS FLOAT64) AS `last_last_2h`,
    CAST(`fk_windows`.`fk_4_first_last_2h_and_the_row_26d913a9d907` AS STRING) AS `first_last_2h`,
    CAST(`fk_windows`.`fk_5_count_distinct_last_2h_and_the_row_a42999363691` AS INT64) AS `shops_last_2h`,
    CAST(`fk_windows`.`fk_6_median_last_2h_and_the_row_80fca3008642` AS FLOAT64) AS `middle_last_2h`,
    CAST(`fk_windows`.`fk_7_count_rows_last_1d_and_the_row_6b60f8ad440b` AS INT64) AS `rows_last_1d`,
    CAST(`fk_windows`.`fk_8_sum_double_last_1d_and_the_row_f47fcffe5d1b` AS FLOAT64) AS `sum_last_1d`,
    CAST(`fk_windows`.`fk_9_last_last_1d_and_the_row_97ebca126cf6` AS FLOAT64) AS `last_last_1d`,
    CAST(`fk_windows`.`fk_10_first_last_1d_and_the_row_ca8a0e50eb9e` AS STRING) AS `first_last_1d`,
    CAST(`fk_windows`.`fk_11_count_distinct_last_1d_and_the_row_48ca9bf90b4b` AS INT64) AS `shops_last_1d`,
    CAST(`fk_windows`.`fk_12_median_last_1d_and_the_row_a5db77b5526f` AS FLOAT64) AS `middle_last_1d`,
    CAST(`fk_last_1_rows`.`fk_13_count_rows_last_1_rows_and_the_row_8d15a681be37` AS INT64) AS `rows_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_14_sum_double_last_1_rows_and_the_row_326c1bf1fdde` AS FLOAT64) AS `sum_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_15_last_last_1_rows_and_the_row_431ebb770046` AS FLOAT64) AS `last_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_16_first_last_1_rows_and_the_row_a83cfc7dd135` AS STRING) AS `first_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_17_count_distinct_last_1_rows_and_the_row_720dba8ea7fe` AS INT64) AS `shops_last_1_rows`,
    CAST(`fk_last_1_rows`.`fk_18_median_last_1_rows_and_the_row_36d875d6c6e2` AS FLOAT64) AS `middle_last_1_rows`,
    CAST(`fk_last_3_rows`.`fk_19_count_rows_last_3_rows_and_the_row_08e5a44794e6` AS INT64) AS `rows_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_20_sum_double_last_3_rows_and_the_row_c508301615f5` AS FLOAT64) AS `sum_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_21_last_last_3_rows_and_the_row_51cd536f34af` AS FLOAT64) AS `last_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_22_first_last_3_rows_and_the_row_0e6e4b173cef` AS STRING) AS `first_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_23_count_distinct_last_3_rows_and_the_row_eec5f99fe75e` AS INT64) AS `shops_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_24_median_last_3_rows_and_the_row_78fe89b65463` AS FLOAT64) AS `middle_last_3_rows`,
    CAST(`fk_all_time`.`fk_25_count_rows_all_time_and_the_row_b6edde9f899a` AS INT64) AS `rows_all_time`,
    CAST(`fk_all_time`.`fk_26_sum_double_all_time_and_the_row_e2a8e75ebb95` AS FLOAT64) AS `sum_all_time`,
    CAST(`fk_all_time`.`fk_27_last_all_time_and_the_row_de6dab67323b` AS FLOAT64) AS `last_all_time`,
    CAST(`fk_all_time`.`fk_28_first_all_time_and_the_row_64b772e404e9` AS STRING) AS `first_all_time`,
    CAST(`fk_all_time`.`fk_29_count_distinct_all_time_and_the_row_d93af3c371ee` AS INT64) AS `shops_all_time`,
    CAST(`fk_all_time`.`fk_30_median_all_time_and_the_row_7ca6abd7c840` AS FLOAT64) AS `middle_all_time`
  FROM `fk_asked`
  LEFT JOIN `row_with_0_1_0_windows_d83f4b350de3` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `row_with_0_1_0_last_1_rows_8afb8bad4f3f` AS `fk_last_1_rows` ON `fk_last_1_rows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `row_with_0_1_0_last_3_rows_167b24a07fd6` AS `fk_last_3_rows` ON `fk_last_3_rows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `row_with_0_1_0_all_time_80d51fcc07a1` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `row_with_0_1_0_496836de097d`.`rows_last_2h` AS `row_with_0__rows_last_2h`,
  `row_with_0_1_0_496836de097d`.`sum_last_2h` AS `row_with_0__sum_last_2h`,
  `row_with_0_1_0_496836de097d`.`last_last_2h` AS `row_with_0__last_last_2h`,
  `row_with_0_1_0_496836de097d`.`first_last_2h` AS `row_with_0__first_last_2h`,
  `row_with_0_1_0_496836de097d`.`shops_last_2h` AS `row_with_0__shops_last_2h`,
  `row_with_0_1_0_496836de097d`.`middle_last_2h` AS `row_with_0__middle_last_2h`,
  `row_with_0_1_0_496836de097d`.`rows_last_1d` AS `row_with_0__rows_last_1d`,
  `row_with_0_1_0_496836de097d`.`sum_last_1d` AS `row_with_0__sum_last_1d`,
  `row_with_0_1_0_496836de097d`.`last_last_1d` AS `row_with_0__last_last_1d`,
  `row_with_0_1_0_496836de097d`.`first_last_1d` AS `row_with_0__first_last_1d`,
  `row_with_0_1_0_496836de097d`.`shops_last_1d` AS `row_with_0__shops_last_1d`,
  `row_with_0_1_0_496836de097d`.`middle_last_1d` AS `row_with_0__middle_last_1d`,
  `row_with_0_1_0_496836de097d`.`rows_last_1_rows` AS `row_with_0__rows_last_1_rows`,
  `row_with_0_1_0_496836de097d`.`sum_last_1_rows` AS `row_with_0__sum_last_1_rows`,
  `row_with_0_1_0_496836de097d`.`last_last_1_rows` AS `row_with_0__last_last_1_rows`,
  `row_with_0_1_0_496836de097d`.`first_last_1_rows` AS `row_with_0__first_last_1_rows`,
  `row_with_0_1_0_496836de097d`.`shops_last_1_rows` AS `row_with_0__shops_last_1_rows`,
  `row_with_0_1_0_496836de097d`.`middle_last_1_rows` AS `row_with_0__middle_last_1_rows`,
  `row_with_0_1_0_496836de097d`.`rows_last_3_rows` AS `row_with_0__rows_last_3_rows`,
  `row_with_0_1_0_496836de097d`.`sum_last_3_rows` AS `row_with_0__sum_last_3_rows`,
  `row_with_0_1_0_496836de097d`.`last_last_3_rows` AS `row_with_0__last_last_3_rows`,
  `row_with_0_1_0_496836de097d`.`first_last_3_rows` AS `row_with_0__first_last_3_rows`,
  `row_with_0_1_0_496836de097d`.`shops_last_3_rows` AS `row_with_0__shops_last_3_rows`,
  `row_with_0_1_0_496836de097d`.`middle_last_3_rows` AS `row_with_0__middle_last_3_rows`,
  `row_with_0_1_0_496836de097d`.`rows_all_time` AS `row_with_0__rows_all_time`,
  `row_with_0_1_0_496836de097d`.`sum_all_time` AS `row_with_0__sum_all_time`,
  `row_with_0_1_0_496836de097d`.`last_all_time` AS `row_with_0__last_all_time`,
  `row_with_0_1_0_496836de097d`.`first_all_time` AS `row_with_0__first_all_time`,
  `row_with_0_1_0_496836de097d`.`shops_all_time` AS `row_with_0__shops_all_time`,
  `row_with_0_1_0_496836de097d`.`middle_all_time` AS `row_with_0__middle_all_time`
FROM `fk_spine`
LEFT JOIN `row_with_0_1_0_496836de097d` ON `row_with_0_1_0_496836de097d`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
