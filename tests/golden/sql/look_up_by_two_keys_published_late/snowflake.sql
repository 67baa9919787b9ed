-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."city" ASC, "spine"."zip" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."city" AS VARCHAR) AS "city",
    CAST("fk_spine"."zip" AS NUMBER(38,0)) AS "zip"
  FROM "fk_spine"
),

-- weather: rows that can be known, in canonical order
"fk_weather by city, zip, delay 1h" AS (
  SELECT
    "city",
    "zip",
    "wind",
    "hour" AS "fk_time",
    GREATEST("hour", "published" + INTERVAL '1 HOUR') AS "fk_known",
    row_number() OVER (PARTITION BY "city", "zip" ORDER BY "hour" ASC, "city" ASC NULLS FIRST, "zip" ASC NULLS FIRST, "hour" ASC NULLS FIRST, "published" ASC NULLS FIRST, "wind" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("city" AS VARCHAR) AS "city",
      CAST("zip" AS NUMBER(38,0)) AS "zip",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "hour"), 6) AS "hour",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "published"), 6) AS "published",
      CAST("wind" AS FLOAT) AS "wind"
    FROM "weather"
  ) AS "fk_typed_rows"
  WHERE "city" IS NOT NULL AND "zip" IS NOT NULL AND "hour" IS NOT NULL AND "published" IS NOT NULL
),

-- wind@1.0: the latest visible row of the key
"wind@1.0 latest" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen".*
  FROM "fk_asked"
  INNER JOIN (
    SELECT
      "fk_asked"."fk_row",
      MAX("fk_seen"."fk_order") AS "fk_order"
    FROM "fk_asked"
    INNER JOIN "fk_weather by city, zip, delay 1h" AS "fk_seen"
      ON "fk_seen"."city" = "fk_asked"."city"
      AND "fk_seen"."zip" = "fk_asked"."zip"
      AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
    GROUP BY "fk_asked"."fk_row"
  ) AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_weather by city, zip, delay 1h" AS "fk_seen"
    ON "fk_seen"."city" = "fk_asked"."city"
    AND "fk_seen"."zip" = "fk_asked"."zip"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
),

-- wind@1.0: its answers
"wind@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_latest"."wind" AS FLOAT) AS "wind",
    CAST("fk_latest"."wind" > CAST('10.0' AS FLOAT) AS BOOLEAN) AS "windy"
  FROM "fk_asked"
  LEFT JOIN "wind@1.0 latest" AS "fk_latest" ON "fk_latest"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "wind@1.0"."wind" AS "wind__wind",
  "wind@1.0"."windy" AS "wind__windy"
FROM "fk_spine"
LEFT JOIN "wind@1.0" ON "wind@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
