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
    `checked`,
    `moved`,
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

-- address@1.0: all_time (UTC)
`address_1_0_all_time_6386a4eb5bed` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` IS NOT NULL AND `fk_seen`.`checked` THEN 1 END) AS `fk_1_count_rows_all_time_82702959ec2b`
  FROM `fk_asked`
  LEFT JOIN `fk_addresses_by_customer_id_256296b7a1a2` AS `fk_seen`
    ON `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
    AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
  GROUP BY `fk_asked`.`fk_row`
),

-- address@1.0: the stretches of time, of 54000000000 us each, that it may see
`address_1_0_ages_adad4e7d6bb1` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of` - INTERVAL 10 DAY, DATETIME '1970-01-01 00:00:00', MICROSECOND), 54000000000), DIV(DATETIME_DIFF(`fk_asked`.`fk_as_of`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 54000000000))) AS `fk_number`
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
    INNER JOIN `address_1_0_ages_adad4e7d6bb1` AS `fk_stretch`
      ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
    INNER JOIN `fk_addresses_by_customer_id_256296b7a1a2` AS `fk_seen`
      ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 54000000000) = `fk_stretch`.`fk_stretch`
      AND `fk_seen`.`customer_id` = `fk_asked`.`customer_id`
      AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
      AND `fk_seen`.`fk_time` >= `fk_asked`.`fk_as_of` - INTERVAL 10 DAY
      AND `fk_seen`.`checked`
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
    CAST(`fk_latest`.`street` AS STRING) AS `street`,
    CAST(CASE WHEN `fk_latest`.`moved` IS NULL THEN 'never' ELSE `fk_latest`.`street` END AS STRING) AS `label`,
    CAST(`fk_all_time`.`fk_1_count_rows_all_time_82702959ec2b` AS INT64) AS `addresses`
  FROM `fk_asked`
  LEFT JOIN `address_1_0_all_time_6386a4eb5bed` AS `fk_all_time` ON `fk_all_time`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `address_1_0_latest_939bdae1f5ec` AS `fk_latest` ON `fk_latest`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `address_1_0_e593ca7cd6c3`.`street` AS `address__street`,
  `address_1_0_e593ca7cd6c3`.`label` AS `address__label`,
  `address_1_0_e593ca7cd6c3`.`addresses` AS `address__addresses`
FROM `fk_spine`
LEFT JOIN `address_1_0_e593ca7cd6c3` ON `address_1_0_e593ca7cd6c3`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
