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
"fk_typed" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id"
  FROM "fk_spine"
),

-- the wall clock where it is asked
"fk_clocks" AS MATERIALIZED (
  SELECT
    "fk_typed".*,
    timezone('America/New_York', timezone('UTC', "fk_as_of")) AS "fk_clock America/New_York"
  FROM "fk_typed"
),

-- when local units began, by the wall clock
"fk_walls" AS MATERIALIZED (
  SELECT
    "fk_clocks".*,
    date_trunc('day', "fk_clock America/New_York") AS "fk_day_0 America/New_York wall",
    date_trunc('day', "fk_clock America/New_York") - INTERVAL '7 DAY' AS "fk_day_7 America/New_York wall",
    date_trunc('month', "fk_clock America/New_York") AS "fk_month_0 America/New_York wall"
  FROM "fk_clocks"
),

-- the instants at which the wall clock may have read so
"fk_instants" AS MATERIALIZED (
  SELECT
    "fk_walls".*,
    "fk_day_0 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_day_0 America/New_York wall" - INTERVAL '1 DAY'))) - ("fk_day_0 America/New_York wall" - INTERVAL '1 DAY')) AS "fk_day_0 America/New_York before",
    "fk_day_0 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_day_0 America/New_York wall" + INTERVAL '1 DAY'))) - ("fk_day_0 America/New_York wall" + INTERVAL '1 DAY')) AS "fk_day_0 America/New_York after",
    "fk_day_7 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_day_7 America/New_York wall" - INTERVAL '1 DAY'))) - ("fk_day_7 America/New_York wall" - INTERVAL '1 DAY')) AS "fk_day_7 America/New_York before",
    "fk_day_7 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_day_7 America/New_York wall" + INTERVAL '1 DAY'))) - ("fk_day_7 America/New_York wall" + INTERVAL '1 DAY')) AS "fk_day_7 America/New_York after",
    "fk_month_0 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_month_0 America/New_York wall" - INTERVAL '1 DAY'))) - ("fk_month_0 America/New_York wall" - INTERVAL '1 DAY')) AS "fk_month_0 America/New_York before",
    "fk_month_0 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_month_0 America/New_York wall" + INTERVAL '1 DAY'))) - ("fk_month_0 America/New_York wall" + INTERVAL '1 DAY')) AS "fk_month_0 America/New_York after"
  FROM "fk_walls"
),

-- when the windows begin and end, as instants
"fk_asked" AS MATERIALIZED (
  SELECT
    "fk_instants".*,
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_day_0 America/New_York before")) = "fk_day_0 America/New_York wall" THEN "fk_day_0 America/New_York before" WHEN timezone('America/New_York', timezone('UTC', "fk_day_0 America/New_York after")) = "fk_day_0 America/New_York wall" THEN "fk_day_0 America/New_York after" ELSE "fk_day_0 America/New_York before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_day_0 America/New_York",
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_day_7 America/New_York before")) = "fk_day_7 America/New_York wall" THEN "fk_day_7 America/New_York before" WHEN timezone('America/New_York', timezone('UTC', "fk_day_7 America/New_York after")) = "fk_day_7 America/New_York wall" THEN "fk_day_7 America/New_York after" ELSE "fk_day_7 America/New_York before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_day_7 America/New_York",
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_month_0 America/New_York before")) = "fk_month_0 America/New_York wall" THEN "fk_month_0 America/New_York before" WHEN timezone('America/New_York', timezone('UTC', "fk_month_0 America/New_York after")) = "fk_month_0 America/New_York wall" THEN "fk_month_0 America/New_York after" ELSE "fk_month_0 America/New_York before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_month_0 America/New_York"
  FROM "fk_instants"
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id, delay 5m" AS (
  SELECT
    "customer_id",
    "amount",
    "country",
    "paid",
    "price",
    "fk_time",
    "fk_known",
    "fk_order"
  FROM (
    SELECT
      "customer_id",
      "amount",
      "country",
      "paid",
      "price",
      "happened" AS "fk_time",
      GREATEST("happened", "booked" + INTERVAL '5 MINUTE') AS "fk_known",
      row_number() OVER (PARTITION BY "customer_id" ORDER BY "happened" ASC, "number" ASC NULLS FIRST) AS "fk_order",
      row_number() OVER (PARTITION BY "customer_id", "happened", "number" ORDER BY "booked" ASC, "customer_id" COLLATE "C" ASC NULLS FIRST, "amount" ASC NULLS FIRST, "price" ASC NULLS FIRST, "country" COLLATE "C" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "happened" ASC NULLS FIRST, "booked" ASC NULLS FIRST, "number" ASC NULLS FIRST) AS "fk_copy"
    FROM (
      SELECT
        CAST("customer_id" AS VARCHAR) AS "customer_id",
        CAST("amount" AS DOUBLE PRECISION) AS "amount",
        CAST("price" AS NUMERIC(10,2)) AS "price",
        CAST("country" AS VARCHAR) AS "country",
        CAST("paid" AS BOOLEAN) AS "paid",
        CASE WHEN pg_typeof("happened") = 'timestamptz'::regtype THEN timezone('UTC', CAST("happened" AS TIMESTAMPTZ)) ELSE CAST("happened" AS TIMESTAMP) END AS "happened",
        CASE WHEN pg_typeof("booked") = 'timestamptz'::regtype THEN timezone('UTC', CAST("booked" AS TIMESTAMPTZ)) ELSE CAST("booked" AS TIMESTAMP) END AS "booked",
        CAST("number" AS BIGINT) AS "number"
      FROM "payments"
    ) AS "fk_typed_rows"
    WHERE "customer_id" IS NOT NULL AND "happened" IS NOT NULL AND "booked" IS NOT NULL
  ) AS "fk_copies"
  WHERE "fk_copy" = 1
),

-- spend@1.0: the stretches of time, of 167400000000 us each, that it may see
"spend@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    generate_series(CAST(EXTRACT(EPOCH FROM LEAST("fk_asked"."fk_as_of" - INTERVAL '30 DAY', "fk_asked"."fk_day_7 America/New_York", "fk_asked"."fk_month_0 America/New_York")) * 1000000 AS BIGINT) / 167400000000, CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) / 167400000000) AS "fk_stretch"
  FROM "fk_asked"
),

-- spend@1.0: last_30d, calendar_7d, month_to_date, last_7d_before_7d (America/New_York)
"spend@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    (SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."amount" IS NOT NULL), SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN "fk_seen"."amount" * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."amount" IS NOT NULL))) AS fk_v(near, far)) AS "fk_1 sum_double last_30d",
    COUNT(*) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_day_7 America/New_York" AND "fk_seen"."fk_time" < "fk_asked"."fk_day_0 America/New_York" AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION))) AS "fk_2 count_rows calendar_7d",
    (SELECT CASE WHEN fk_v.n > 0 THEN CASE WHEN abs(fk_v.total) < CAST('1e-300' AS DOUBLE PRECISION) THEN CASE WHEN abs(fk_v.total) / CAST('5e-324' AS DOUBLE PRECISION) <= fk_v.n / 2.0 THEN CAST('0' AS DOUBLE PRECISION) ELSE fk_v.total / fk_v.n END ELSE fk_v.total / fk_v.n END END FROM (VALUES ((SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_month_0 America/New_York" AND (("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."paid") AND "fk_seen"."amount" IS NOT NULL), SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN "fk_seen"."amount" * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_month_0 America/New_York" AND (("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."paid") AND "fk_seen"."amount" IS NOT NULL))) AS fk_v(near, far)), CAST(COUNT("fk_seen"."amount") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_month_0 America/New_York" AND (("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."paid") AND "fk_seen"."amount" IS NOT NULL) AS DOUBLE PRECISION))) AS fk_v(total, n)) AS "fk_3 avg_double month_to_date",
    COUNT(DISTINCT "fk_seen"."country") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '14 DAY' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '7 DAY' AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."country" IS NOT NULL) AS "fk_7 count_distinct last_7d_before_7d"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON CAST(EXTRACT(EPOCH FROM "fk_seen"."fk_time") * 1000000 AS BIGINT) / 167400000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: which rows are the 3 latest visible ones
"spend@1.0 picked last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    unnest((array_agg("fk_seen"."fk_order" ORDER BY "fk_seen"."fk_order" DESC))[1:3]) AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: last_3_rows (America/New_York)
"spend@1.0 last_3_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    (array_agg("fk_seen"."country" ORDER BY "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."country" IS NOT NULL))[1] AS "fk_4 last last_3_rows"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 picked last_3_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: all_time (America/New_York)
"spend@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    MAX("fk_seen"."price") FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."price" IS NOT NULL) AS "fk_5 max all_time",
    MIN("fk_seen"."price") FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND ("fk_seen"."amount" > CAST('-100.0' AS DOUBLE PRECISION)) AND "fk_seen"."price" IS NOT NULL) AS "fk_6 min all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: its answers
"spend@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 sum_double last_30d" AS DOUBLE PRECISION) AS "spend_30d",
    CAST("fk_windows"."fk_2 count_rows calendar_7d" AS BIGINT) AS "payments_7d",
    CAST("fk_windows"."fk_3 avg_double month_to_date" AS DOUBLE PRECISION) AS "mean_paid",
    CAST("fk_last_3_rows"."fk_4 last last_3_rows" AS VARCHAR) AS "country",
    CAST((SELECT CASE WHEN abs(round(fk_v.n, 2)) < CAST('1e9' AS NUMERIC) THEN CAST(round(fk_v.n, 2) AS NUMERIC(11,2)) END FROM (VALUES ("fk_all_time"."fk_5 max all_time" - "fk_all_time"."fk_6 min all_time")) AS fk_v(n)) AS NUMERIC(11,2)) AS "span",
    CAST("fk_windows"."fk_7 count_distinct last_7d_before_7d" AS BIGINT) AS "countries_before"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "spend@1.0 last_3_rows" AS "fk_last_3_rows" ON "fk_last_3_rows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "spend@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  ("fk_spine"."fk_whole").*,
  "spend@1.0"."spend_30d" AS "spend__spend_30d",
  "spend@1.0"."payments_7d" AS "spend__payments_7d",
  "spend@1.0"."mean_paid" AS "spend__mean_paid",
  "spend@1.0"."country" AS "spend__country",
  "spend@1.0"."span" AS "spend__span",
  "spend@1.0"."countries_before" AS "spend__countries_before"
FROM "fk_spine"
LEFT JOIN "spend@1.0" ON "spend@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
