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
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id"
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

-- address@1.0: the latest visible row of the key
"address@1.0 latest" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_seen".*
  FROM "fk_asked"
  INNER JOIN (
    SELECT
      "fk_asked"."fk_row",
      MAX("fk_seen"."fk_order") AS "fk_order"
    FROM "fk_asked"
    INNER JOIN "fk_addresses by customer_id" AS "fk_seen"
      ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
      AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
    GROUP BY "fk_asked"."fk_row"
  ) AS "fk_picked"
    ON "fk_picked"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_addresses by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_order" = "fk_picked"."fk_order"
),

-- address@1.0: its answers
"address@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_latest"."street" AS VARCHAR) AS "street"
  FROM "fk_asked"
  LEFT JOIN "address@1.0 latest" AS "fk_latest" ON "fk_latest"."fk_row" = "fk_asked"."fk_row"
),

-- spend@1.0: the stretches of time, of 162000000000 us each, that it may see
"spend@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    generate_series(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of" - INTERVAL '30 DAY') * 1000000 AS BIGINT) / 162000000000, CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) / 162000000000) AS "fk_stretch"
  FROM "fk_asked"
),

-- spend@1.0: last_30d (UTC)
"spend@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    (SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL), SUM(CASE WHEN ABS("fk_seen"."amount") > CAST('1e200' AS DOUBLE PRECISION) THEN "fk_seen"."amount" * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL))) AS fk_v(near, far)) AS "fk_1 sum_double last_30d"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON CAST(EXTRACT(EPOCH FROM "fk_seen"."fk_time") * 1000000 AS BIGINT) / 162000000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- spend@1.0: its answers
"spend@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 sum_double last_30d" AS DOUBLE PRECISION) AS "total"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
),

-- both@1.0: its answers
"both@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST((SELECT CASE WHEN greatest(abs(fk_v.a), abs(fk_v.b)) < CAST('Infinity' AS DOUBLE PRECISION) THEN CASE WHEN least(abs(fk_v.a), abs(fk_v.b)) > CAST('1.3407807929942597e+154' AS DOUBLE PRECISION) THEN sign(fk_v.a) * sign(fk_v.b) * CAST('Infinity' AS DOUBLE PRECISION) WHEN least(abs(fk_v.a), abs(fk_v.b)) >= CAST('0.5' AS DOUBLE PRECISION) AND greatest(abs(fk_v.a), abs(fk_v.b)) >= CAST('3.273390607896142e+150' AS DOUBLE PRECISION) THEN CASE WHEN greatest(abs(fk_v.a), abs(fk_v.b)) * CAST('2.409919865102884e-181' AS DOUBLE PRECISION) * least(abs(fk_v.a), abs(fk_v.b)) >= CAST('4.332296397063773e+127' AS DOUBLE PRECISION) THEN sign(fk_v.a) * sign(fk_v.b) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.a * fk_v.b END WHEN least(abs(fk_v.a), abs(fk_v.b)) > CAST('0' AS DOUBLE PRECISION) AND least(abs(fk_v.a), abs(fk_v.b)) < CAST('3.054936363499605e-151' AS DOUBLE PRECISION) AND greatest(abs(fk_v.a), abs(fk_v.b)) <= CAST('0.5' AS DOUBLE PRECISION) THEN CASE WHEN greatest(abs(fk_v.a), abs(fk_v.b)) < CAST('2.778448436856347e-163' AS DOUBLE PRECISION) THEN sign(fk_v.a) * sign(fk_v.b) * CAST('0' AS DOUBLE PRECISION) WHEN least(abs(fk_v.a), abs(fk_v.b)) * CAST('4.149515568880993e+180' AS DOUBLE PRECISION) * greatest(abs(fk_v.a), abs(fk_v.b)) <= CAST('1.0250665447337477e-143' AS DOUBLE PRECISION) THEN sign(fk_v.a) * sign(fk_v.b) * CAST('0' AS DOUBLE PRECISION) ELSE fk_v.a * fk_v.b END ELSE fk_v.a * fk_v.b END ELSE fk_v.a * fk_v.b END FROM (VALUES ("spend@1.0"."total", CAST('2.0' AS DOUBLE PRECISION))) AS fk_v(a, b)) AS DOUBLE PRECISION) AS "twice",
    CAST("address@1.0"."street" || '!' AS VARCHAR) AS "shouted"
  FROM "fk_asked"
  LEFT JOIN "spend@1.0" AS "spend@1.0" ON "spend@1.0"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "address@1.0" AS "address@1.0" ON "address@1.0"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  ("fk_spine"."fk_whole").*,
  "spend@1.0"."total" AS "spend__total",
  "address@1.0"."street" AS "address__street",
  "both@1.0"."twice" AS "both__twice",
  "both@1.0"."shouted" AS "both__shouted"
FROM "fk_spine"
LEFT JOIN "address@1.0" ON "address@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "spend@1.0" ON "spend@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "both@1.0" ON "both@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
