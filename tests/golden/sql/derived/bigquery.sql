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

-- addresses: rows that can be known, in canonical order
`fk_addresses_by_customer_id_256296b7a1a2` AS (
  SELECT
    `customer_id`,
    `street`,
    `since` AS `fk_time`,
    `since` AS `fk_known`,
    row_number() OVER (PARTITION BY `customer_id` ORDER BY `since` ASC, `customer_id` ASC NULLS FIRST, `since` ASC NULLS FIRST, `street` ASC NULLS FIRST, `moved` ASC NULLS FIRST, `checked` ASC NULLS FIRST) AS `fk_order`
  FROM (
    SELECT
      CAST(`customer_id` AS STRING) AS `customer_id`,
      CAST(`since` AS DATETIME) AS `since`,
      CAST(`street` AS STRING) AS `street`,
      CAST(`moved` AS DATE) AS `moved`,
      CAST(`checked` AS BOOL) AS `checked`
    FROM `addresses`
  ) AS `fk_typed_rows`
  WHERE `customer_id` IS NOT NULL AND `since` IS NOT NULL
),

-- payments: rows that can be known, in canonical order, duplicates once
`fk_payments_by_customer_id_a17773846107` AS (
  SELECT
    `customer_id`,
    `amount`,
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

-- address@1.0: the latest visible row of the key
`address_1_0_latest_939bdae1f5ec` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.*
  FROM `fk_asked`
  INNER JOIN (
    SELECT
      `fk_asked`.`fk_row`,
      MAX(`fk_seen`.`fk_order`) AS `fk_order`
    FROM `fk_asked`
    INNER JOIN `fk_addresses_by_customer_id_256296b7a1a2` AS `fk_seen`
      ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
      AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
    GROUP BY `fk_asked`.`fk_row`
  ) AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  INNER JOIN `fk_addresses_by_customer_id_256296b7a1a2` AS `fk_seen`
    ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
),

-- address@1.0: its answers
`address_1_0_e593ca7cd6c3` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_latest`.`street` AS STRING) AS `street`
  FROM `fk_asked`
  LEFT JOIN `address_1_0_latest_939bdae1f5ec` AS `fk_latest` ON `fk_latest`.`fk_row` = `fk_asked`.`fk_row`
),

-- spend@1.0: the stretches of time, of 162000000000 us each, that it may see
`spend_1_0_stretches_75bf70aeef08` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of` - INTERVAL 30 DAY, DATETIME '1970-01-01 00:00:00', MICROSECOND), 162000000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 162000000000))) AS `fk_number`
),

-- spend@1.0: last_30d (UTC)
`spend_1_0_windows_bff2fc812084` AS (
  SELECT
    `fk_asked`.`fk_row`,
    SUM((CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 30 DAY AND `fk_seen`.`amount` IS NOT NULL THEN `fk_seen`.`amount` END)) AS `fk_1_sum_double_last_30d_3ddbbf1c832a`
  FROM `fk_asked`
  LEFT JOIN `spend_1_0_stretches_75bf70aeef08` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_id_a17773846107` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 162000000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- spend@1.0: its answers
`spend_1_0_2891df7151a3` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_windows`.`fk_1_sum_double_last_30d_3ddbbf1c832a` AS FLOAT64) AS `total`
  FROM `fk_asked`
  LEFT JOIN `spend_1_0_windows_bff2fc812084` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
),

-- both@1.0: its answers
`both_1_0_c6c91ad4fcf2` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(CASE WHEN `spend_1_0_2891df7151a3`.`total` IS NOT NULL AND CAST('2.0' AS FLOAT64) IS NOT NULL THEN COALESCE(SAFE_MULTIPLY(`spend_1_0_2891df7151a3`.`total`, CAST('2.0' AS FLOAT64)), CASE WHEN (`spend_1_0_2891df7151a3`.`total` > 0) = (CAST('2.0' AS FLOAT64) > 0) THEN CAST('inf' AS FLOAT64) ELSE CAST('-inf' AS FLOAT64) END) END AS FLOAT64) AS `twice`,
    CAST(`address_1_0_e593ca7cd6c3`.`street` || '!' AS STRING) AS `shouted`
  FROM `fk_asked`
  LEFT JOIN `spend_1_0_2891df7151a3` AS `spend_1_0_2891df7151a3` ON `spend_1_0_2891df7151a3`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `address_1_0_e593ca7cd6c3` AS `address_1_0_e593ca7cd6c3` ON `address_1_0_e593ca7cd6c3`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `spend_1_0_2891df7151a3`.`total` AS `spend__total`,
  `address_1_0_e593ca7cd6c3`.`street` AS `address__street`,
  `both_1_0_c6c91ad4fcf2`.`twice` AS `both__twice`,
  `both_1_0_c6c91ad4fcf2`.`shouted` AS `both__shouted`
FROM `fk_spine`
LEFT JOIN `address_1_0_e593ca7cd6c3` ON `address_1_0_e593ca7cd6c3`.`fk_row` = `fk_spine`.`fk_row`
LEFT JOIN `spend_1_0_2891df7151a3` ON `spend_1_0_2891df7151a3`.`fk_row` = `fk_spine`.`fk_row`
LEFT JOIN `both_1_0_c6c91ad4fcf2` ON `both_1_0_c6c91ad4fcf2`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
