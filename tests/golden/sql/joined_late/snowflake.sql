-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
    "spine".*
  FROM "spine"
),

-- what is asked with, typed
"fk_asked" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer" AS VARCHAR) AS "customer"
  FROM "fk_spine"
),

-- merchants: rows that can be known, in canonical order, duplicates once
"fk_merchants by merchant" AS (
  SELECT
    "merchant",
    "fee",
    "kind",
    "since" AS "fk_time",
    GREATEST("since", "told") AS "fk_known",
    row_number() OVER (PARTITION BY "merchant" ORDER BY "since" ASC, "line" ASC NULLS FIRST) AS "fk_order"
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
  WHERE "merchant" IS NOT NULL AND "since" IS NOT NULL AND "told" IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY "merchant", "since", "line" ORDER BY "told" ASC, "merchant" ASC NULLS FIRST, "since" ASC NULLS FIRST, "kind" ASC NULLS FIRST, "fee" ASC NULLS FIRST, "region" ASC NULLS FIRST, "told" ASC NULLS FIRST, "line" ASC NULLS FIRST) = 1
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer" AS (
  SELECT
    "customer",
    "merchant",
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

-- payments by customer with merchants: the row of merchants that was the latest visible at each moment
"fk_payments by customer with merchants: merchants" AS (
  SELECT
    "fk_seen"."merchant",
    "fk_seen"."fee",
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
        "fk_seen"."merchant" AS "merchant",
        "fk_seen"."fk_time" AS "fk_at",
        0 AS "fk_side",
        CAST(NULL AS NUMBER(38,0)) AS "fk_order"
      FROM "fk_payments by customer" AS "fk_seen"
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

-- payments: each row with the row of merchants known at its time
"fk_payments by customer with merchants" AS (
  SELECT
    "fk_seen".*,
    "fk_1 merchants"."fee" AS "fk_1 merchants.fee",
    "fk_1 merchants"."kind" AS "fk_1 merchants.kind"
  FROM "fk_payments by customer" AS "fk_seen"
  LEFT JOIN "fk_payments by customer with merchants: merchants" AS "fk_1 merchants"
    ON "fk_1 merchants"."merchant" = "fk_seen"."merchant"
    AND "fk_1 merchants"."fk_at" = "fk_seen"."fk_time"
),

-- joined_late@1.0: the stretches of time, of 5400000000 us each, that it may see
"joined_late@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of" - INTERVAL '1 DAY') / 5400000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 5400000000) + 1)) AS "fk_number"
),

-- joined_late@1.0: last_1d (America/New_York)
"joined_late@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND ("fk_seen"."fk_1 merchants.kind" = 'food') THEN 1 END) AS "fk_1 count_rows last_1d",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_1 merchants.kind" END)) AS "fk_2 count_distinct last_1d",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."fk_1 merchants.fee" IS NOT NULL THEN "fk_seen"."fk_1 merchants.fee" END)) AS "fk_3 sum_double last_1d",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_1 merchants.kind" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '1 DAY' AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_4 last last_1d"
  FROM "fk_asked"
  LEFT JOIN "joined_late@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer with merchants" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 5400000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- joined_late@1.0: which rows are the 3 latest visible ones
"joined_late@1.0 picked last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer with merchants" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 1 AND 3
),

-- joined_late@1.0: last_3_rows (America/New_York)
"joined_late@1.0 last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."fk_1 merchants.kind" = 'food') THEN 1 END) AS "fk_5 count_rows last_3_rows",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_1 merchants.kind" END)) AS "fk_6 count_distinct last_3_rows",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.fee" IS NOT NULL THEN "fk_seen"."fk_1 merchants.fee" END)) AS "fk_7 sum_double last_3_rows",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_1 merchants.kind" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_8 last last_3_rows"
  FROM "fk_asked"
  LEFT JOIN "joined_late@1.0 picked last_3_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer with merchants" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  GROUP BY "fk_asked"."fk_row"
),

-- joined_late@1.0: all_time (America/New_York)
"joined_late@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."fk_1 merchants.kind" = 'food') THEN 1 END) AS "fk_9 count_rows all_time",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_1 merchants.kind" END)) AS "fk_10 count_distinct all_time",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.fee" IS NOT NULL THEN "fk_seen"."fk_1 merchants.fee" END)) AS "fk_11 sum_double all_time",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_1 merchants.kind" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."fk_1 merchants.kind" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_12 last all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer with merchants" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- joined_late@1.0: its answers
"joined_late@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 count_rows last_1d" AS NUMBER(38,0)) AS "food_last_1d",
    CAST("fk_windows"."fk_2 count_distinct last_1d" AS NUMBER(38,0)) AS "kinds_last_1d",
    CAST("fk_windows"."fk_3 sum_double last_1d" AS FLOAT) AS "fees_last_1d",
    CAST("fk_windows"."fk_4 last last_1d" AS VARCHAR) AS "last_last_1d",
    CAST("fk_last_3_rows"."fk_5 count_rows last_3_rows" AS NUMBER(38,0)) AS "food_last_3_rows",
    CAST("fk_last_3_rows"."fk_6 count_distinct last_3_rows" AS NUMBER(38,0)) AS "kinds_last_3_rows",
    CAST("fk_last_3_rows"."fk_7 sum_double last_3_rows" AS FLOAT) AS "fees_last_3_rows",
    CAST("fk_last_3_rows"."fk_8 last last_3_rows" AS VARCHAR) AS "last_last_3_rows",
    CAST("fk_all_time"."fk_9 count_rows all_time" AS NUMBER(38,0)) AS "food_all_time",
    CAST("fk_all_time"."fk_10 count_distinct all_time" AS NUMBER(38,0)) AS "kinds_all_time",
    CAST("fk_all_time"."fk_11 sum_double all_time" AS FLOAT) AS "fees_all_time",
    CAST("fk_all_time"."fk_12 last all_time" AS VARCHAR) AS "last_all_time"
  FROM "fk_asked"
  LEFT JOIN "joined_late@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "joined_late@1.0 last_3_rows" AS "fk_last_3_rows" ON "fk_last_3_rows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "joined_late@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "joined_late@1.0"."food_last_1d" AS "joined_late__food_last_1d",
  "joined_late@1.0"."kinds_last_1d" AS "joined_late__kinds_last_1d",
  "joined_late@1.0"."fees_last_1d" AS "joined_late__fees_last_1d",
  "joined_late@1.0"."last_last_1d" AS "joined_late__last_last_1d",
  "joined_late@1.0"."food_last_3_rows" AS "joined_late__food_last_3_rows",
  "joined_late@1.0"."kinds_last_3_rows" AS "joined_late__kinds_last_3_rows",
  "joined_late@1.0"."fees_last_3_rows" AS "joined_late__fees_last_3_rows",
  "joined_late@1.0"."last_last_3_rows" AS "joined_late__last_last_3_rows",
  "joined_late@1.0"."food_all_time" AS "joined_late__food_all_time",
  "joined_late@1.0"."kinds_all_time" AS "joined_late__kinds_all_time",
  "joined_late@1.0"."fees_all_time" AS "joined_late__fees_all_time",
  "joined_late@1.0"."last_all_time" AS "joined_late__last_all_time"
FROM "fk_spine"
LEFT JOIN "joined_late@1.0" ON "joined_late@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
