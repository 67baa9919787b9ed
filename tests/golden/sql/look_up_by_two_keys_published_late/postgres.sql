-- Training set: the spine's rows in their order, each answer as it was known then.
WITH
-- the questions: the spine's rows in their order, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER () AS "fk_row",
    CASE WHEN pg_typeof("fk_given"."asked_at") = 'timestamptz'::regtype THEN timezone('UTC', CAST("fk_given"."asked_at" AS TIMESTAMPTZ)) ELSE CAST("fk_given"."asked_at" AS TIMESTAMP) END AS "fk_as_of",
    "fk_given" AS "fk_whole",
    "fk_given".*
  FROM "spine" AS "fk_given"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."city" AS VARCHAR) AS "city",
    CAST("fk_spine"."zip" AS BIGINT) AS "zip"
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
    row_number() OVER (PARTITION BY "city", "zip" ORDER BY "hour" ASC, "city" COLLATE "C" ASC NULLS FIRST, "zip" ASC NULLS FIRST, "hour" ASC NULLS FIRST, "published" ASC NULLS FIRST, "wind" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("city" AS VARCHAR) AS "city",
      CAST("zip" AS BIGINT) AS "zip",
      CASE WHEN pg_typeof("hour") = 'timestamptz'::regtype THEN timezone('UTC', CAST("hour" AS TIMESTAMPTZ)) ELSE CAST("hour" AS TIMESTAMP) END AS "hour",
      CASE WHEN pg_typeof("published") = 'timestamptz'::regtype THEN timezone('UTC', CAST("published" AS TIMESTAMPTZ)) ELSE CAST("published" AS TIMESTAMP) END AS "published",
      CAST("wind" AS DOUBLE PRECISION) AS "wind"
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
    CAST("fk_latest"."wind" AS DOUBLE PRECISION) AS "wind",
    CAST("fk_latest"."wind" > CAST('10.0' AS DOUBLE PRECISION) AS BOOLEAN) AS "windy"
  FROM "fk_asked"
  LEFT JOIN "wind@1.0 latest" AS "fk_latest" ON "fk_latest"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  ("fk_spine"."fk_whole").*,
  "wind@1.0"."wind" AS "wind__wind",
  "wind@1.0"."windy" AS "wind__windy"
FROM "fk_spine"
LEFT JOIN "wind@1.0" ON "wind@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
