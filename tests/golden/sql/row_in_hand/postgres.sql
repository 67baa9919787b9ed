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
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id",
    CASE WHEN pg_typeof("fk_spine"."happened") = 'timestamptz'::regtype THEN timezone('UTC', CAST("fk_spine"."happened" AS TIMESTAMPTZ)) ELSE CAST("fk_spine"."happened" AS TIMESTAMP) END AS "happened",
    CAST("fk_spine"."amount" AS DOUBLE PRECISION) AS "amount"
  FROM "fk_spine"
),

-- addresses: rows that can be known, in canonical order
"fk_addresses by customer_id" AS (
  SELECT
    "customer_id",
    "street",
    "since" AS "fk_time",
    "since" AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "since" ASC, "customer_id" COLLATE "C" ASC NULLS FIRST, "since" ASC NULLS FIRST, "street" COLLATE "C" ASC NULLS FIRST, "moved" ASC NULLS FIRST, "checked" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      CASE WHEN pg_typeof("since") = 'timestamptz'::regtype THEN timezone('UTC', CAST("since" AS TIMESTAMPTZ)) ELSE CAST("since" AS TIMESTAMP) END AS "since",
      CAST("street" AS VARCHAR) AS "street",
      CAST("moved" AS DATE) AS "moved",
      CAST("checked" AS BOOLEAN) AS "checked"
    FROM "addresses"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "since" IS NOT NULL
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id" AS (
  SELECT
    "customer_id",
    "amount",
    "fk_time",
    "fk_known",
    "fk_order"
  FROM (
    SELECT
      "customer_id",
      "amount",
      "happened" AS "fk_time",
      GREATEST("happened", "booked") AS "fk_known",
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

-- payment@1.0: the row of addresses that was the latest visible at each moment
"payment@1.0: addresses" AS (
  SELECT
    "fk_seen"."customer_id",
    "fk_seen"."street",
    "fk_met"."fk_at"
  FROM (
    SELECT
      "customer_id",
      "fk_at",
      "fk_side",
      MAX("fk_order") OVER (PARTITION BY "customer_id" ORDER BY "fk_at" ASC, "fk_side" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "fk_order"
    FROM (
      SELECT DISTINCT
        "fk_asked"."customer_id" AS "customer_id",
        "fk_asked"."happened" AS "fk_at",
        0 AS "fk_side",
        CAST(NULL AS BIGINT) AS "fk_order"
      FROM "fk_asked"
      UNION ALL
      SELECT
        "customer_id",
        "fk_known",
        1 AS "fk_side",
        "fk_order"
      FROM "fk_addresses by customer_id"
    ) AS "fk_both"
  ) AS "fk_met"
  INNER JOIN "fk_addresses by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_met"."customer_id"
    AND "fk_seen"."fk_order" = "fk_met"."fk_order"
  WHERE "fk_met"."fk_side" = 0
    AND "fk_seen"."fk_time" >= "fk_met"."fk_at" - INTERVAL '30 DAY'
),

-- payment@1.0: the stretches of time, of 162000000000 us each, that it may see
"payment@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    generate_series(CAST(EXTRACT(EPOCH FROM "fk_asked"."happened" - INTERVAL '30 DAY') * 1000000 AS BIGINT) / 162000000000, CAST(EXTRACT(EPOCH FROM "fk_asked"."happened") * 1000000 AS BIGINT) / 162000000000) AS "fk_stretch"
  FROM "fk_asked"
),

-- payment@1.0 windows: the rows that each question meets, then the row in hand
"payment@1.0 windows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."amount" AS "amount",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "payment@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer_id" AS "fk_seen"
    ON CAST(EXTRACT(EPOCH FROM "fk_seen"."fk_time") * 1000000 AS BIGINT) / 162000000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."happened"
  UNION ALL
  SELECT
    "fk_asked"."fk_row",
    CAST(NULL AS DOUBLE PRECISION),
    "fk_asked"."happened",
    CAST(9223372036854775807 AS BIGINT)
  FROM "fk_asked"
  WHERE "fk_asked"."customer_id" IS NOT NULL AND "fk_asked"."happened" IS NOT NULL
),

-- payment@1.0: last_30d, last_1d (UTC)
"payment@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    (SELECT CASE WHEN fk_v.n > 0 THEN CASE WHEN abs(fk_v.total) < CAST('1e-300' AS DOUBLE PRECISION) THEN CASE WHEN abs(fk_v.total) / CAST('5e-324' AS DOUBLE PRECISION) <= fk_v.n / 2.0 THEN CAST('0' AS DOUBLE PRECISION) ELSE fk_v.total / fk_v.n END ELSE fk_v.total / fk_v.n END END FROM (VALUES ((SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."happened" - INTERVAL '30 DAY' AND "fk_seen"."fk_time" < "fk_asked"."happened" AND "fk_seen"."amount" IS NOT NULL), SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN "fk_seen"."amount" * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."happened" - INTERVAL '30 DAY' AND "fk_seen"."fk_time" < "fk_asked"."happened" AND "fk_seen"."amount" IS NOT NULL))) AS fk_v(near, far)), CAST(COUNT("fk_seen"."amount") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."happened" - INTERVAL '30 DAY' AND "fk_seen"."fk_time" < "fk_asked"."happened" AND "fk_seen"."amount" IS NOT NULL) AS DOUBLE PRECISION))) AS fk_v(total, n)) AS "fk_1 avg_double last_30d",
    COUNT(*) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."happened" - INTERVAL '1 DAY') AS "fk_3 count_rows last_1d and the row"
  FROM "fk_asked"
  LEFT JOIN "payment@1.0 windows met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- payment@1.0: which rows are the 2 latest visible ones
"payment@1.0 picked last_2_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    unnest((array_agg("fk_seen"."fk_order" ORDER BY "fk_seen"."fk_order" DESC))[1:2]) AS "fk_order"
  FROM "fk_asked"
  INNER JOIN "fk_payments by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."happened"
  GROUP BY "fk_asked"."fk_row"
),

-- payment@1.0 last_2_rows: the rows that each question meets, then the row in hand
"payment@1.0 last_2_rows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen"."amount" AS "amount",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "payment@1.0 picked last_2_rows" AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
  UNION ALL
  SELECT
    "fk_asked"."fk_row",
    "fk_asked"."amount",
    "fk_asked"."happened",
    CAST(9223372036854775807 AS BIGINT)
  FROM "fk_asked"
  WHERE "fk_asked"."customer_id" IS NOT NULL AND "fk_asked"."happened" IS NOT NULL
),

-- payment@1.0: last_2_rows (UTC)
"payment@1.0 last_2_rows" AS (
  SELECT
    "fk_asked"."fk_row",
    (SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."amount" IS NOT NULL), SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN "fk_seen"."amount" * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."amount" IS NOT NULL))) AS fk_v(near, far)) AS "fk_2 sum_double last_2_rows and the row"
  FROM "fk_asked"
  LEFT JOIN "payment@1.0 last_2_rows met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- payment@1.0: its answers
"payment@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST((SELECT CASE WHEN fk_v.b <> CAST('0' AS DOUBLE PRECISION) THEN CASE WHEN abs(fk_v.b) < CAST('1' AS DOUBLE PRECISION) AND abs(fk_v.a) > CAST('4.440892098500626e-16' AS DOUBLE PRECISION) AND abs(fk_v.a) < CAST('Infinity' AS DOUBLE PRECISION) THEN CASE WHEN abs(fk_v.b) <= greatest(abs(fk_v.a), CAST('4.440892098500626e-16' AS DOUBLE PRECISION)) * CAST('1.8665272370064378e-301' AS DOUBLE PRECISION) THEN CASE WHEN (greatest(abs(fk_v.a), CAST('4.440892098500626e-16' AS DOUBLE PRECISION)) * CAST('2.409919865102884e-181' AS DOUBLE PRECISION)) / (least(abs(fk_v.b), CAST('1' AS DOUBLE PRECISION)) * CAST('4.149515568880993e+180' AS DOUBLE PRECISION)) >= CAST('1.044048714879764e-53' AS DOUBLE PRECISION) THEN sign(fk_v.a) * sign(fk_v.b) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.a / fk_v.b END ELSE fk_v.a / fk_v.b END WHEN abs(fk_v.b) > CAST('1' AS DOUBLE PRECISION) AND abs(fk_v.a) < CAST('4.440892098500626e-16' AS DOUBLE PRECISION) AND abs(fk_v.a) > CAST('0' AS DOUBLE PRECISION) AND abs(fk_v.b) < CAST('Infinity' AS DOUBLE PRECISION) THEN CASE WHEN abs(fk_v.a) <= greatest(abs(fk_v.b), CAST('1' AS DOUBLE PRECISION)) * CAST('1.8665272370064378e-301' AS DOUBLE PRECISION) THEN CASE WHEN (least(abs(fk_v.a), CAST('4.440892098500626e-16' AS DOUBLE PRECISION)) * CAST('4.149515568880993e+180' AS DOUBLE PRECISION)) / (greatest(abs(fk_v.b), CAST('1' AS DOUBLE PRECISION)) * CAST('2.409919865102884e-181' AS DOUBLE PRECISION)) <= CAST('4.253529586511731e+37' AS DOUBLE PRECISION) THEN sign(fk_v.a) * sign(fk_v.b) * CAST('0' AS DOUBLE PRECISION) ELSE fk_v.a / fk_v.b END ELSE fk_v.a / fk_v.b END ELSE fk_v.a / fk_v.b END END FROM (VALUES ("fk_asked"."amount", "fk_windows"."fk_1 avg_double last_30d")) AS fk_v(a, b)) AS DOUBLE PRECISION) AS "ratio",
    CAST("fk_last_2_rows"."fk_2 sum_double last_2_rows and the row" AS DOUBLE PRECISION) AS "latest",
    CAST("fk_windows"."fk_3 count_rows last_1d and the row" AS BIGINT) AS "payments",
    CAST("fk_1 addresses"."street" AS VARCHAR) AS "street"
  FROM "fk_asked"
  LEFT JOIN "payment@1.0: addresses" AS "fk_1 addresses"
    ON "fk_1 addresses"."customer_id" = "fk_asked"."customer_id"
    AND "fk_1 addresses"."fk_at" = "fk_asked"."happened"
  LEFT JOIN "payment@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "payment@1.0 last_2_rows" AS "fk_last_2_rows" ON "fk_last_2_rows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  ("fk_spine"."fk_whole").*,
  "payment@1.0"."ratio" AS "payment__ratio",
  "payment@1.0"."latest" AS "payment__latest",
  "payment@1.0"."payments" AS "payment__payments",
  "payment@1.0"."street" AS "payment__street"
FROM "fk_spine"
LEFT JOIN "payment@1.0" ON "payment@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
