-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of BigQuery; it has not been run there.
-- TIMESTAMP columns are read in the zone of the session: UTC unless set otherwise.
-- No column has a collation.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
`fk_spine` AS (
  SELECT
    row_number() OVER (ORDER BY `spine`.`city` ASC, `spine`.`zip` ASC, `spine`.`asked_at` ASC) AS `fk_row`,
    CAST(`spine`.`asked_at` AS DATETIME) AS `fk_as_of`,
    `spine`.*
  FROM `spine`
),

-- what is asked with, typed
`fk_asked` AS (
  SELECT
    `fk_spine`.`fk_row`,
    `fk_spine`.`fk_as_of`,
    CAST(`fk_spine`.`city` AS STRING) AS `city`,
    CAST(`fk_spine`.`zip` AS INT64) AS `zip`
  FROM `fk_spine`
),

-- weather: rows that can be known, in canonical order
`fk_weather_by_city__zip__delay_1h_b9785a8da825` AS (
  SELECT
    `city`,
    `zip`,
    `wind`,
    `hour` AS `fk_time`,
    GREATEST(`hour`, `published` + INTERVAL 1 HOUR) AS `fk_known`,
    row_number() OVER (PARTITION BY `city`, `zip` ORDER BY `hour` ASC, `city` ASC NULLS FIRST, `zip` ASC NULLS FIRST, `hour` ASC NULLS FIRST, `published` ASC NULLS FIRST, IS_NAN(`wind`) ASC NULLS FIRST, `wind` ASC NULLS FIRST) AS `fk_order`
  FROM (
    SELECT
      CAST(`city` AS STRING) AS `city`,
      CAST(`zip` AS INT64) AS `zip`,
      CAST(`hour` AS DATETIME) AS `hour`,
      CAST(`published` AS DATETIME) AS `published`,
      CAST(`wind` AS FLOAT64) AS `wind`
    FROM `weather`
  ) AS `fk_typed_rows`
  WHERE `city` IS NOT NULL AND `zip` IS NOT NULL AND `hour` IS NOT NULL AND `published` IS NOT NULL
),

-- wind@1.0: the latest visible row of the key
`wind_1_0_latest_b3f05a07d7b7` AS (
  SELECT
    `fk_asked`.`fk_row`,
    `fk_seen`.*
  FROM `fk_asked`
  INNER JOIN (
    SELECT
      `fk_asked`.`fk_row`,
      MAX(`fk_seen`.`fk_order`) AS `fk_order`
    FROM `fk_asked`
    INNER JOIN `fk_weather_by_city__zip__delay_1h_b9785a8da825` AS `fk_seen`
      ON `fk_seen`.`city` = `fk_asked`.`city`
      AND `fk_seen`.`zip` = `fk_asked`.`zip`
      AND `fk_seen`.`fk_known` < `fk_asked`.`fk_as_of`
    GROUP BY `fk_asked`.`fk_row`
  ) AS `fk_picked`
    ON `fk_picked`.`fk_row` = `fk_asked`.`fk_row`
  INNER JOIN `fk_weather_by_city__zip__delay_1h_b9785a8da825` AS `fk_seen`
    ON `fk_seen`.`city` = `fk_asked`.`city`
    AND `fk_seen`.`zip` = `fk_asked`.`zip`
    AND `fk_seen`.`fk_order` = `fk_picked`.`fk_order`
),

-- wind@1.0: its answers
`wind_1_0_814535972648` AS (
  SELECT
    `fk_asked`.`fk_row`,
    CAST(`fk_latest`.`wind` AS FLOAT64) AS `wind`,
    CAST((CAST('10.0' AS FLOAT64) < `fk_latest`.`wind` OR (IS_NAN(`fk_latest`.`wind`) AND NOT IS_NAN(CAST('10.0' AS FLOAT64)))) AS BOOL) AS `windy`
  FROM `fk_asked`
  LEFT JOIN `wind_1_0_latest_b3f05a07d7b7` AS `fk_latest` ON `fk_latest`.`fk_row` = `fk_asked`.`fk_row`
)

SELECT
  `fk_spine`.* EXCEPT (`fk_row`, `fk_as_of`),
  `wind_1_0_814535972648`.`wind` AS `wind__wind`,
  `wind_1_0_814535972648`.`windy` AS `wind__windy`
FROM `fk_spine`
LEFT JOIN `wind_1_0_814535972648` ON `wind_1_0_814535972648`.`fk_row` = `fk_spine`.`fk_row`
ORDER BY `fk_spine`.`fk_row` ASC
