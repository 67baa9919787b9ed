-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer" ASC, "spine"."shop" ASC, "spine"."at" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer" AS VARCHAR) AS "customer",
    CAST("fk_spine"."shop" AS VARCHAR) AS "shop",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "fk_spine"."at"), 6) AS "at"
  FROM "fk_spine"
),

-- merchants: rows that can be known, in canonical order
"fk_merchants by merchant" AS (
  SELECT
    "merchant",
    "kind",
    "since" AS "fk_time",
    "since" AS "fk_known",
    row_number() OVER (PARTITION BY "merchant" ORDER BY "since" ASC, "merchant" ASC NULLS FIRST, "since" ASC NULLS FIRST, "kind" ASC NULLS FIRST, "fee" ASC NULLS FIRST, "region" ASC NULLS FIRST, "told" ASC NULLS FIRST, "line" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("merchant" AS VARCHAR) AS "merchant",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "since"), 6) AS "since",
      CAST("kind" AS VARCHAR) AS "kind",
      CAST("fee" AS FLOAT) AS "fee",
      CAST("region" AS VARCHAR) AS "region",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "told"), 6) AS "told",
      CAST("line" AS NUMBER(38,0)) AS "line"
    FROM "merchants"
  ) AS "fk_typed_rows"
  WHERE "merchant" IS NOT NULL AND "since" IS NOT NULL
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer" AS (
  SELECT
    "customer",
    "at" AS "fk_time",
    GREATEST("at", "known") AS "fk_known",
    row_number() OVER (PARTITION BY "customer" ORDER BY "at" ASC, "number" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer" AS VARCHAR) AS "customer",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "at"), 6) AS "at",
      CAST("paid" AS FLOAT) AS "paid",
      CAST("settled" AS BOOLEAN) AS "settled",
      CAST("merchant" AS VARCHAR) AS "merchant",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "known"), 6) AS "known",
      CAST("number" AS NUMBER(38,0)) AS "number"
    FROM "payments"
  ) AS "fk_typed_rows"
  WHERE "customer" IS NOT NULL AND "at" IS NOT NULL AND "known" IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY "customer", "at", "number" ORDER BY "known" ASC, "customer" ASC NULLS FIRST, "at" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "settled" ASC NULLS FIRST, "merchant" ASC NULLS FIRST, "known" ASC NULLS FIRST, "number" ASC NULLS FIRST) = 1
),

-- joined_asked_row@1.0: the row of merchants that was the latest visible at each moment
"joined_asked_row@1.0: merchants" AS (
  SELECT
    "fk_seen"."merchant",
    "fk_seen"."kind",
    "fk_met"."fk_at"
  FROM (
    SELECT
      "merchant",
      "fk_at",
      "fk_side",
      MAX("fk_order") OVER (PARTITION BY "merchant" ORDER BY "fk_at" ASC, "fk_side" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "fk_order"
    FROM (
      SELECT DISTINCT
        "fk_asked"."shop" AS "merchant",
        "fk_asked"."at" AS "fk_at",
        0 AS "fk_side",
        CAST(NULL AS NUMBER(38,0)) AS "fk_order"
      FROM "fk_asked"
      UNION ALL
      SELECT
        "merchant",
        "fk_known",
        1 AS "fk_side",
        "fk_order"
      FROM "fk_merchants by merchant"
    ) AS "fk_both"
  ) AS "fk_met"
  INNER JOIN "fk_merchants by merchant" AS "fk_seen"
    ON "fk_seen"."merchant" = "fk_met"."merchant"
    AND "fk_seen"."fk_order" = "fk_met"."fk_order"
  WHERE "fk_met"."fk_side" = 0
),

-- joined_asked_row@1.0: the stretches of time, of 5400000000 us each, that it may see
"joined_asked_row@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."at" - INTERVAL '1 DAY') / 5400000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."at") / 5400000000) + 1)) AS "fk_number"
),

-- joined_asked_row@1.0: last_1d (America/New_York)
"joined_asked_row@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' THEN 1 END) AS "fk_1 count_rows last_1d"
  FROM "fk_asked"
  LEFT JOIN "joined_asked_row@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 5400000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."at"
  GROUP BY "fk_asked"."fk_row"
),

-- joined_asked_row@1.0: its answers
"joined_asked_row@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_1 merchants"."kind" AS VARCHAR) AS "kind",
    CAST("fk_windows"."fk_1 count_rows last_1d" AS NUMBER(38,0)) AS "rows"
  FROM "fk_asked"
  LEFT JOIN "joined_asked_row@1.0: merchants" AS "fk_1 merchants"
    ON "fk_1 merchants"."merchant" = "fk_asked"."shop"
    AND "fk_1 merchants"."fk_at" = "fk_asked"."at"
  LEFT JOIN "joined_asked_row@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "joined_asked_row@1.0"."kind" AS "joined_asked_row__kind",
  "joined_asked_row@1.0"."rows" AS "joined_asked_row__rows"
FROM "fk_spine"
LEFT JOIN "joined_asked_row@1.0" ON "joined_asked_row@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
