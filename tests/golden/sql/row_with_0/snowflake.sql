-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer" ASC, "spine"."at" ASC, "spine"."paid" ASC, "spine"."merchant" ASC, "spine"."asked_at" ASC) AS "fk_row",
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
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "fk_spine"."at"), 6) AS "at",
    CAST("fk_spine"."paid" AS FLOAT) AS "paid",
    CAST("fk_spine"."merchant" AS VARCHAR) AS "merchant"
  FROM "fk_spine"
),

-- payments: rows that can be known, in canonical order
"fk_payments by customer" AS (
  SELECT
    "customer",
    "merchant",
    "paid",
    "at" AS "fk_time",
    "at" AS "fk_known",
    row_number() OVER (PARTITION BY "customer" ORDER BY "at" ASC, "customer" ASC NULLS FIRST, "at" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "settled" ASC NULLS FIRST, "merchant" ASC NULLS FIRST, "known" ASC NULLS FIRST, "number" ASC NULLS FIRST) AS "fk_order"
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
  WHERE "customer" IS NOT NULL AND "at" IS NOT NULL
),

-- row_with_0@1.0: the stretches of time, of 5400000000 us each, that it may see
"row_with_0@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."at" - INTERVAL '1 DAY') / 5400000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."at") / 5400000000) + 1)) AS "fk_number"
),

-- row_with_0@1.0 windows: the rows that each question meets, then the row in hand
"row_with_0@1.0 windows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."paid" AS "paid",
    "fk_seen"."merchant" AS "merchant",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "row_with_0@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 5400000000) = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."at"
  UNION ALL
  SELECT
    "fk_asked"."fk_row",
    "fk_asked"."paid",
    "fk_asked"."merchant",
    "fk_asked"."at",
    CAST(9223372036854775807 AS NUMBER(38,0))
  FROM "fk_asked"
  WHERE "fk_asked"."customer" IS NOT NULL AND "fk_asked"."at" IS NOT NULL
),

-- row_with_0@1.0: last_2h, last_1d (America/New_York)
"row_with_0@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' THEN 1 END) AS "fk_1 count_rows last_2h and the row",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_2 sum_double last_2h and the row",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_3 last last_2h and the row",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_4 first last_2h and the row",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '2 HOUR' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_5 count_distinct last_2h and the row",
    COUNT(CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' THEN 1 END) AS "fk_6 count_rows last_1d and the row",
    SUM((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_7 sum_double last_1d and the row",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_8 last last_1d and the row",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_9 first last_1d and the row",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" >= "fk_asked"."at" - INTERVAL '1 DAY' AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_10 count_distinct last_1d and the row"
  FROM "fk_asked"
  LEFT JOIN "row_with_0@1.0 windows met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- row_with_0@1.0: which rows are the 1 latest visible ones
"row_with_0@1.0 picked last_1_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."at"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 1 AND 1
),

-- row_with_0@1.0 last_1_rows: the rows that each question meets, then the row in hand
"row_with_0@1.0 last_1_rows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."paid" AS "paid",
    "fk_seen"."merchant" AS "merchant",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "row_with_0@1.0 picked last_1_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  UNION ALL
  SELECT
    "fk_asked"."fk_row",
    "fk_asked"."paid",
    "fk_asked"."merchant",
    "fk_asked"."at",
    CAST(9223372036854775807 AS NUMBER(38,0))
  FROM "fk_asked"
  WHERE "fk_asked"."customer" IS NOT NULL AND "fk_asked"."at" IS NOT NULL
),

-- row_with_0@1.0: last_1_rows (America/New_York)
"row_with_0@1.0 last_1_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_11 count_rows last_1_rows and the row",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_12 sum_double last_1_rows and the row",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_13 last last_1_rows and the row",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_14 first last_1_rows and the row",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_15 count_distinct last_1_rows and the row"
  FROM "fk_asked"
  LEFT JOIN "row_with_0@1.0 last_1_rows met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- row_with_0@1.0: which rows are the 3 latest visible ones
"row_with_0@1.0 picked last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."fk_order" AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."at"
  WHERE TRUE
  QUALIFY row_number() OVER (PARTITION BY "fk_asked"."fk_row" ORDER BY "fk_seen"."fk_order" DESC) BETWEEN 1 AND 3
),

-- row_with_0@1.0 last_3_rows: the rows that each question meets, then the row in hand
"row_with_0@1.0 last_3_rows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."paid" AS "paid",
    "fk_seen"."merchant" AS "merchant",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "row_with_0@1.0 picked last_3_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  UNION ALL
  SELECT
    "fk_asked"."fk_row",
    "fk_asked"."paid",
    "fk_asked"."merchant",
    "fk_asked"."at",
    CAST(9223372036854775807 AS NUMBER(38,0))
  FROM "fk_asked"
  WHERE "fk_asked"."customer" IS NOT NULL AND "fk_asked"."at" IS NOT NULL
),

-- row_with_0@1.0: last_3_rows (America/New_York)
"row_with_0@1.0 last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_16 count_rows last_3_rows and the row",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_17 sum_double last_3_rows and the row",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_18 last last_3_rows and the row",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_19 first last_3_rows and the row",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_20 count_distinct last_3_rows and the row"
  FROM "fk_asked"
  LEFT JOIN "row_with_0@1.0 last_3_rows met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- row_with_0@1.0 all_time: the rows that each question meets, then the row in hand
"row_with_0@1.0 all_time met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."paid" AS "paid",
    "fk_seen"."merchant" AS "merchant",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer" AS "fk_seen"
    ON "fk_seen"."customer" = "fk_asked"."customer"
    AND "fk_seen"."fk_known" < "fk_asked"."at"
  UNION ALL
  SELECT
    "fk_asked"."fk_row",
    "fk_asked"."paid",
    "fk_asked"."merchant",
    "fk_asked"."at",
    CAST(9223372036854775807 AS NUMBER(38,0))
  FROM "fk_asked"
  WHERE "fk_asked"."customer" IS NOT NULL AND "fk_asked"."at" IS NOT NULL
),

-- row_with_0@1.0: all_time (America/New_York)
"row_with_0@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL THEN 1 END) AS "fk_21 count_rows all_time and the row",
    SUM((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END)) AS "fk_22 sum_double all_time and the row",
    MAX_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."paid" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_23 last all_time and the row",
    MIN_BY((CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END), CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."fk_order" END) AS "fk_24 first all_time and the row",
    COUNT(DISTINCT (CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."merchant" IS NOT NULL THEN "fk_seen"."merchant" END)) AS "fk_25 count_distinct all_time and the row"
  FROM "fk_asked"
  LEFT JOIN "row_with_0@1.0 all_time met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- row_with_0@1.0: its answers
"row_with_0@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 count_rows last_2h and the row" AS NUMBER(38,0)) AS "rows_last_2h",
    CAST("fk_windows"."fk_2 sum_double last_2h and the row" AS FLOAT) AS "sum_last_2h",
    CAST("fk_windows"."fk_3 last last_2h and the row" AS FLOAT) AS "last_last_2h",
    CAST("fk_windows"."fk_4 first last_2h and the row" AS VARCHAR) AS "first_last_2h",
    CAST("fk_windows"."fk_5 count_distinct last_2h and the row" AS NUMBER(38,0)) AS "shops_last_2h",
    CAST("fk_windows"."fk_6 count_rows last_1d and the row" AS NUMBER(38,0)) AS "rows_last_1d",
    CAST("fk_windows"."fk_7 sum_double last_1d and the row" AS FLOAT) AS "sum_last_1d",
    CAST("fk_windows"."fk_8 last last_1d and the row" AS FLOAT) AS "last_last_1d",
    CAST("fk_windows"."fk_9 first last_1d and the row" AS VARCHAR) AS "first_last_1d",
    CAST("fk_windows"."fk_10 count_distinct last_1d and the row" AS NUMBER(38,0)) AS "shops_last_1d",
    CAST("fk_last_1_rows"."fk_11 count_rows last_1_rows and the row" AS NUMBER(38,0)) AS "rows_last_1_rows",
    CAST("fk_last_1_rows"."fk_12 sum_double last_1_rows and the row" AS FLOAT) AS "sum_last_1_rows",
    CAST("fk_last_1_rows"."fk_13 last last_1_rows and the row" AS FLOAT) AS "last_last_1_rows",
    CAST("fk_last_1_rows"."fk_14 first last_1_rows and the row" AS VARCHAR) AS "first_last_1_rows",
    CAST("fk_last_1_rows"."fk_15 count_distinct last_1_rows and the row" AS NUMBER(38,0)) AS "shops_last_1_rows",
    CAST("fk_last_3_rows"."fk_16 count_rows last_3_rows and the row" AS NUMBER(38,0)) AS "rows_last_3_rows",
    CAST("fk_last_3_rows"."fk_17 sum_double last_3_rows and the row" AS FLOAT) AS "sum_last_3_rows",
    CAST("fk_last_3_rows"."fk_18 last last_3_rows and the row" AS FLOAT) AS "last_last_3_rows",
    CAST("fk_last_3_rows"."fk_19 first last_3_rows and the row" AS VARCHAR) AS "first_last_3_rows",
    CAST("fk_last_3_rows"."fk_20 count_distinct last_3_rows and the row" AS NUMBER(38,0)) AS "shops_last_3_rows",
    CAST("fk_all_time"."fk_21 count_rows all_time and the row" AS NUMBER(38,0)) AS "rows_all_time",
    CAST("fk_all_time"."fk_22 sum_double all_time and the row" AS FLOAT) AS "sum_all_time",
    CAST("fk_all_time"."fk_23 last all_time and the row" AS FLOAT) AS "last_all_time",
    CAST("fk_all_time"."fk_24 first all_time and the row" AS VARCHAR) AS "first_all_time",
    CAST("fk_all_time"."fk_25 count_distinct all_time and the row" AS NUMBER(38,0)) AS "shops_all_time"
  FROM "fk_asked"
  LEFT JOIN "row_with_0@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "row_with_0@1.0 last_1_rows" AS "fk_last_1_rows" ON "fk_last_1_rows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "row_with_0@1.0 last_3_rows" AS "fk_last_3_rows" ON "fk_last_3_rows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "row_with_0@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "row_with_0@1.0"."rows_last_2h" AS "row_with_0__rows_last_2h",
  "row_with_0@1.0"."sum_last_2h" AS "row_with_0__sum_last_2h",
  "row_with_0@1.0"."last_last_2h" AS "row_with_0__last_last_2h",
  "row_with_0@1.0"."first_last_2h" AS "row_with_0__first_last_2h",
  "row_with_0@1.0"."shops_last_2h" AS "row_with_0__shops_last_2h",
  "row_with_0@1.0"."rows_last_1d" AS "row_with_0__rows_last_1d",
  "row_with_0@1.0"."sum_last_1d" AS "row_with_0__sum_last_1d",
  "row_with_0@1.0"."last_last_1d" AS "row_with_0__last_last_1d",
  "row_with_0@1.0"."first_last_1d" AS "row_with_0__first_last_1d",
  "row_with_0@1.0"."shops_last_1d" AS "row_with_0__shops_last_1d",
  "row_with_0@1.0"."rows_last_1_rows" AS "row_with_0__rows_last_1_rows",
  "row_with_0@1.0"."sum_last_1_rows" AS "row_with_0__sum_last_1_rows",
  "row_with_0@1.0"."last_last_1_rows" AS "row_with_0__last_last_1_rows",
  "row_with_0@1.0"."first_last_1_rows" AS "row_with_0__first_last_1_rows",
  "row_with_0@1.0"."shops_last_1_rows" AS "row_with_0__shops_last_1_rows",
  "row_with_0@1.0"."rows_last_3_rows" AS "row_with_0__rows_last_3_rows",
  "row_with_0@1.0"."sum_last_3_rows" AS "row_with_0__sum_last_3_rows",
  "row_with_0@1.0"."last_last_3_rows" AS "row_with_0__last_last_3_rows",
  "row_with_0@1.0"."first_last_3_rows" AS "row_with_0__first_last_3_rows",
  "row_with_0@1.0"."shops_last_3_rows" AS "row_with_0__shops_last_3_rows",
  "row_with_0@1.0"."rows_all_time" AS "row_with_0__rows_all_time",
  "row_with_0@1.0"."sum_all_time" AS "row_with_0__sum_all_time",
  "row_with_0@1.0"."last_all_time" AS "row_with_0__last_all_time",
  "row_with_0@1.0"."first_all_time" AS "row_with_0__first_all_time",
  "row_with_0@1.0"."shops_all_time" AS "row_with_0__shops_all_time"
FROM "fk_spine"
LEFT JOIN "row_with_0@1.0" ON "row_with_0@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
