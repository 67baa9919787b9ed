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
`fk_asked` AS (
  SELECT
    `fk_spine`.`fk_row`,
    `fk_spine`.`fk_as_of`,
    CAST(`fk_spine`.`customer` AS STRING) AS `customer`
  FROM `fk_spine`
),

-- merchants: rows that can be known, in canonical order, duplicates once
`fk_merchants_by_merchant_818eddce61fb` AS (
  SELECT
    `merchant`,
    `fee`,
    `kind`,
    `since` AS `fk_time`,
    GREATEST(`since`, `told`) AS `fk_known`,
    row_number() OVER (PARTITION BY `merchant` ORDER BY `since` ASC, `line` ASC NULLS FIRST) AS `fk_order`
  FROM (
    SELECT
      CAST(`merchant` AS STRING) AS `merchant`,
      CAST(`since` AS DATETIME) AS `since`,
      CAST(`kind` AS STRING) AS `kind`,
      CAST(`fee` AS FLOAT64) AS `fee`,
      CAST(`region` AS STRING) AS `region`,
      CAST(`told` AS DATETIME) AS `told`,
      CAST(`line` AS INT64) AS `line`
    FROM `merchants`
  ) AS `fk_typed_rows`
  WHERE `merchant` IS NOT NULL AND `since` IS NOT NULL AND `told` IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY `merchant`, `since`, `line` ORDER BY `told` ASC, `merchant` ASC NULLS FIRST, `since` ASC NULLS FIRST, `kind` ASC NULLS FIRST, IS_NAN(`fee`) ASC NULLS FIRST, `fee` ASC NULLS FIRST, `region` ASC NULLS FIRST, `told` ASC NULLS FIRST, `line` ASC NULLS FIRST) = 1
),

-- payments: rows that can be known, in canonical order, duplicates once
`fk_payments_by_customer_44ec1d37d950` AS (
  SELECT
    `customer`,
    `merchant`,
    `settled`,
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

-- payments by customer with merchants: the row of merchants that was the latest visible at each moment
`fk_payments_by_customer_with_merchants__merchants_f976d500dfc6` AS (
  SELECT
    `fk_seen`.`merchant`,
    `fk_seen`.`fee`,
    `fk_seen`.`kind`,
    `fk_met`.`fk_at`
  FROM (
    SELECT
      `merchant`,
      `fk_at`,
      `fk_side`,
      MAX(`fk_order`) OVER (PARTITION BY `merchant` ORDER BY `fk_at` ASC, `fk_side` ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS `fk_order`
    FROM (
      SELECT DISTINCT
        `fk_seen`.`merchant` AS `merchant`,
        `fk_seen`.`fk_time` AS `fk_at`,
        0 AS `fk_side`,
        CAST(NULL AS INT64) AS `fk_order`
      FROM `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
      UNION ALL
      SELECT
        `merchant`,
        `fk_known`,
        1 AS `fk_side`,
        `fk_order`
      FROM `fk_merchants_by_merchant_818eddce61fb`
    ) AS `fk_both`
  ) AS `fk_met`
  INNER JOIN `fk_merchants_by_merchant_818eddce61fb` AS `fk_seen`
    ON `fk_seen`.`merchant` = `fk_met`.`merchant`
    AND `fk_seen`.`fk_order` = `fk_met`.`fk_order`
  WHERE `fk_met`.`fk_side` = 0
),

-- payments: each row with the row of merchants known at its time
`fk_payments_by_customer_with_merchants_93d14187d900` AS (
  SELECT
    `fk_seen`.*,
    `fk_1_merchants_9a560c2b4cde`.`fee` AS `fk_1_merchants_fee_2c0954043481`,
    `fk_1_merchants_9a560c2b4cde`.`kind` AS `fk_1_merchants_kind_183ebe567d4a`
  FROM `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
  LEFT JOIN `fk_payments_by_customer_with_merchants__merchants_f976d500dfc6` AS `fk_1_merchants_9a560c2b4cde`
    ON `fk_1_merchants_9a560c2b4cde`.`merchant` = `fk_seen`.`merchant`
    AND `fk_1_merchants_9a560c2b4cde`.`fk_at` = `fk_seen`.`fk_time`
),

-- joined_late@1.0: the stretches of time, of 5400000000 us each, that it may see
`joined_late_1_0_stretches_703adbdf307c` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of` - INTERVAL 1 DAY, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000))) AS `fk_number`
),

-- joined_late@1.0: last_1d (America/New_York)
`joined_late_1_0_windows_8003a6c4520a` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND (`fk_seen`.`fk_1_merchants_kind_183ebe567d4a` = 'food') THEN 1 END) AS `fk_1_count_rows_last_1d_19db64911f98`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` END)) AS `fk_2_count_distinct_last_1d_b7a00ce962b4`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) AS `fk_3_sum_double_last_1d_51af6f7118b9`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_4_last_last_1d_4e3cd9e6bf65`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 1 DAY AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_5_median_last_1d_ff5503af065e`
  FROM `fk_asked`
  LEFT JOIN `joined_late_1_0_stretches_703adbdf307c` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_with_merchants_93d14187d900` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- joined_late@1.0: which rows are the 3 latest visible ones
`joined_late_1_0_picked_last_3_rows_678faee6b57b` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.`fk_order` AS `fk_order`
  FROM `fk_asked`
  INNER JOIN `fk_payments_by_customer_with_merchants_93d14187d900` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY `fk_asked`.`fk_row` ORDER BY `fk_seen`.`fk_order` DESC) BETWEEN 1 AND 3
),

-- joined_late@1.0: last_3_rows (America/New_York)
`joined_late_1_0_last_3_rows_d4d911d10be5` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND (`fk_seen`.`fk_1_merchants_kind_183ebe567d4a` = 'food') THEN 1 END) AS `fk_6_count_rows_last_3_rows_6caae01b38e5`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` END)) AS `fk_7_count_distinct_last_3_rows_d6148870c236`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) AS `fk_8_sum_double_last_3_rows_3854086ae0dd`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_9_last_last_3_rows_4756446b61c8`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_10_median_last_3_rows_25039eb2643c`
  FROM `fk_asked`
  LEFT JOIN `joined_late_1_0_picked_last_3_rows_678faee6b57b` AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_with_merchants_93d14187d900` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
  GROUP BY `fk_asked`.`fk_row`
),

-- joined_late@1.0: all_time (America/New_York)
`joined_late_1_0_all_time_bbe2750cac25` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND (`fk_seen`.`fk_1_merchants_kind_183ebe567d4a` = 'food') THEN 1 END) AS `fk_11_count_rows_all_time_aded9e033ffc`,
    COUNT(DISTINCT (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` END)) AS `fk_12_count_distinct_all_time_acd7e0967368`,
    SUM((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) AS `fk_13_sum_double_all_time_212e630c566f`,
    ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_kind_183ebe567d4a` END) IGNORE NULLS ORDER BY `fk_seen`.`fk_order` DESC LIMIT 1)[SAFE_OFFSET(0)] AS `fk_14_last_all_time_04454438f6fa`,
    CASE WHEN (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5))) = 0 OR ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] = ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] THEN ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] ELSE ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] * (1 - (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)))) + ARRAY_AGG((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END) IGNORE NULLS ORDER BY IS_NAN((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)), (CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END))[SAFE_OFFSET(CAST(CEIL(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5)) AS INT64))] * (((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5) - FLOOR(((COUNT((CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`settled` AND `fk_seen`.`fk_1_merchants_fee_2c0954043481` IS NOT NULL THEN `fk_seen`.`fk_1_merchants_fee_2c0954043481` END)) - 1) * 0.5))) END + CAST('0' AS FLOAT64) AS `fk_15_median_all_time_212fb7c3ec13`
  FROM `fk_asked`
  LEFT JOIN `fk_payments_by_customer_with_merchants_93d14187d900` AS `fk_seen`
    ON `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- joined_late@1.0: its answers
`joined_late_1_0_c841263fb4bd` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_windows`.`fk_1_count_rows_last_1d_19db64911f98` AS INT64) AS `food_last_1d`,
    CAST(`fk_windows`.`fk_2_count_distinct_last_1d_b7a00ce962b4` AS INT64) AS `kinds_last_1d`,
    CAST(`fk_windows`.`fk_3_sum_double_last_1d_51af6f7118b9` AS FLOAT64) AS `fees_last_1d`,
    CAST(`fk_windows`.`fk_4_last_last_1d_4e3cd9e6bf65` AS STRING) AS `last_last_1d`,
    CAST(`fk_windows`.`fk_5_median_last_1d_ff5503af065e` AS FLOAT64) AS `middle_last_1d`,
    CAST(`fk_last_3_rows`.`fk_6_count_rows_last_3_rows_6caae01b38e5` AS INT64) AS `food_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_7_count_distinct_last_3_rows_d6148870c236` AS INT64) AS `kinds_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_8_sum_double_last_3_rows_3854086ae0dd` AS FLOAT64) AS `fees_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_9_last_last_3_rows_4756446b61c8` AS STRING) AS `last_last_3_rows`,
    CAST(`fk_last_3_rows`.`fk_10_median_last_3_rows_25039eb2643c` AS FLOAT64) AS `middle_last_3_rows`,
    CAST(`fk_all_time`.`fk_11_count_rows_all_time_aded9e033ffc` AS INT64) AS `food_all_time`,
    CAST(`fk_all_time`.`fk_12_count_distinct_all_time_acd7e0967368` AS INT64) AS `kinds_all_time`,
    CAST(`fk_all_time`.`fk_13_sum_double_all_time_212e630c566f` AS FLOAT64) AS `fees_all_time`,
    CAST(`fk_all_time`.`fk_14_last_all_time_04454438f6fa` AS STRING) AS `last_all_time`,
    CAST(`fk_all_time`.`fk_15_median_all_time_212fb7c3ec13` AS FLOAT64) AS `middle_all_time`
  FROM `fk_asked`
  LEFT JOIN `joined_late_1_0_windows_8003a6c4520a` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `joined_late_1_0_last_3_rows_d4d911d10be5` AS `fk_last_3_rows` ON `fk_last_3_rows`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `joined_late_1_0_all_time_bbe2750cac25` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `joined_late_1_0_c841263fb4bd`.`food_last_1d` AS `joined_late__food_last_1d`,
  `joined_late_1_0_c841263fb4bd`.`kinds_last_1d` AS `joined_late__kinds_last_1d`,
  `joined_late_1_0_c841263fb4bd`.`fees_last_1d` AS `joined_late__fees_last_1d`,
  `joined_late_1_0_c841263fb4bd`.`last_last_1d` AS `joined_late__last_last_1d`,
  `joined_late_1_0_c841263fb4bd`.`middle_last_1d` AS `joined_late__middle_last_1d`,
  `joined_late_1_0_c841263fb4bd`.`food_last_3_rows` AS `joined_late__food_last_3_rows`,
  `joined_late_1_0_c841263fb4bd`.`kinds_last_3_rows` AS `joined_late__kinds_last_3_rows`,
  `joined_late_1_0_c841263fb4bd`.`fees_last_3_rows` AS `joined_late__fees_last_3_rows`,
  `joined_late_1_0_c841263fb4bd`.`last_last_3_rows` AS `joined_late__last_last_3_rows`,
  `joined_late_1_0_c841263fb4bd`.`middle_last_3_rows` AS `joined_late__middle_last_3_rows`,
  `joined_late_1_0_c841263fb4bd`.`food_all_time` AS `joined_late__food_all_time`,
  `joined_late_1_0_c841263fb4bd`.`kinds_all_time` AS `joined_late__kinds_all_time`,
  `joined_late_1_0_c841263fb4bd`.`fees_all_time` AS `joined_late__fees_all_time`,
  `joined_late_1_0_c841263fb4bd`.`last_all_time` AS `joined_late__last_all_time`,
  `joined_late_1_0_c841263fb4bd`.`middle_all_time` AS `joined_late__middle_all_time`
FROM `fk_spine`
LEFT JOIN `joined_late_1_0_c841263fb4bd` ON `joined_late_1_0_c841263fb4bd`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
