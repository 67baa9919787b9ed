-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of BigQuery; it has not been run there.
-- TIMESTAMP columns are read in the zone of the session: UTC unless set otherwise.
-- No column has a collation.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
`fk_spine` AS (
  SELECT
    row_number() OVER (ORDER BY `spine`.`customer` ASC, `spine`.`shop` ASC, `spine`.`at` ASC, `spine`.`asked_at` ASC) AS `fk_row`,
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
    CAST(`fk_spine`.`shop` AS STRING) AS `shop`,
    CAST(`fk_spine`.`at` AS DATETIME) AS `at`
  FROM `fk_spine`
),

-- merchants: rows that can be known, in canonical order
`fk_merchants_by_merchant_818eddce61fb` AS (
  SELECT
    `merchant`,
    `kind`,
    `since` AS `fk_time`,
    `since` AS `fk_known`,
    row_number() OVER (PARTITION BY `merchant` ORDER BY `since` ASC, `merchant` ASC NULLS FIRST, `since` ASC NULLS FIRST, `kind` ASC NULLS FIRST, IS_NAN(`fee`) ASC NULLS FIRST, `fee` ASC NULLS FIRST, `region` ASC NULLS FIRST, `told` ASC NULLS FIRST, `line` ASC NULLS FIRST) AS `fk_order`
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
  WHERE `merchant` IS NOT NULL AND `since` IS NOT NULL
),

-- payments: rows that can be known, in canonical order, duplicates once
`fk_payments_by_customer_44ec1d37d950` AS (
  SELECT
    `customer`,
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

-- joined_asked_row@1.0: the row of merchants that was the latest visible at each moment
`joined_asked_row_1_0__merchants_cbf5a515af1f` AS (
  SELECT
    `fk_seen`.`merchant`,
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
        `fk_asked`.`shop` AS `merchant`,
        `fk_asked`.`at` AS `fk_at`,
        0 AS `fk_side`,
        CAST(NULL AS INT64) AS `fk_order`
      FROM `fk_asked`
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

-- joined_asked_row@1.0: the stretches of time, of 5400000000 us each, that it may see
`joined_asked_row_1_0_stretches_3a284dad0a0b` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_number` AS `fk_stretch`
  FROM `fk_asked`
  CROSS JOIN UNNEST(GENERATE_ARRAY(DIV(DATETIME_DIFF(`fk_asked`.`at` - INTERVAL 1 DAY, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000), DIV(DATETIME_DIFF(`fk_asked`.`at`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000))) AS `fk_number`
),

-- joined_asked_row@1.0: last_1d (America/New_York)
`joined_asked_row_1_0_windows_5541e00d54ab` AS (
  SELECT
    `fk_asked`.`fk_row`,
    COUNT(CASE WHEN `fk_seen`.`fk_time` >= `fk_asked`.`at` - INTERVAL 1 DAY THEN 1 END) AS `fk_1_count_rows_last_1d_19db64911f98`
  FROM `fk_asked`
  LEFT JOIN `joined_asked_row_1_0_stretches_3a284dad0a0b` AS `fk_stretch`
    ON `fk_stretch`.`fk_row` = `fk_asked`.`fk_row`
  LEFT JOIN `fk_payments_by_customer_44ec1d37d950` AS `fk_seen`
    ON DIV(DATETIME_DIFF(`fk_seen`.`fk_time`, DATETIME '1970-01-01 00:00:00', MICROSECOND), 5400000000) = `fk_stretch`.`fk_stretch`
    AND `fk_seen`.`customer` = `fk_asked`.`customer`
    AND `fk_seen`.`fk_known` < `fk_asked`.`at`
  GROUP BY `fk_asked`.`fk_row`
),

-- joined_asked_row@1.0: its answers
`joined_asked_row_1_0_7fc0af309372` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_1_merchants_9a560c2b4cde`.`kind` AS STRING) AS `kind`,
    CAST(`fk_windows`.`fk_1_count_rows_last_1d_19db64911f98` AS INT64) AS `rows`
  FROM `fk_asked`
  LEFT JOIN `joined_asked_row_1_0__merchants_cbf5a515af1f` AS `fk_1_merchants_9a560c2b4cde`
    ON `fk_1_merchants_9a560c2b4cde`.`merchant` = `fk_asked`.`shop`
    AND `fk_1_merchants_9a560c2b4cde`.`fk_at` = `fk_asked`.`at`
  LEFT JOIN `joined_asked_row_1_0_windows_5541e00d54ab` AS `fk_windows` ON `fk_windows`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `joined_asked_row_1_0_7fc0af309372`.`kind` AS `joined_asked_row__kind`,
  `joined_asked_row_1_0_7fc0af309372`.`rows` AS `joined_asked_row__rows`
FROM `fk_spine`
LEFT JOIN `joined_asked_row_1_0_7fc0af309372` ON `joined_asked_row_1_0_7fc0af309372`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
