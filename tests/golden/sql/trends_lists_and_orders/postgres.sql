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

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id" AS (
  SELECT
    "customer_id",
    "amount",
    "country",
    "happened",
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
      "happened",
      "paid",
      "price",
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

-- habits@1.0: the stretches of time, of 162000000000 us each, that it may see
"habits@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    generate_series(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of" - INTERVAL '30 DAY') * 1000000 AS BIGINT) / 162000000000, CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) / 162000000000) AS "fk_stretch"
  FROM "fk_asked"
),

-- habits@1.0: last_30d, last_7d_before_7d (America/New_York)
"habits@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    (SELECT CASE WHEN fk_v.varies THEN CASE WHEN fk_v.far > 0 THEN CAST('NaN' AS DOUBLE PRECISION) ELSE (SELECT CASE WHEN (sqrt(regr_sxx(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION))) * sqrt(regr_syy(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION)))) > CAST('1e-280' AS DOUBLE PRECISION) THEN CASE WHEN abs(regr_sxy(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION))) < CAST('1e-12' AS DOUBLE PRECISION) * (sqrt(regr_sxx(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION))) * sqrt(regr_syy(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION)))) THEN CAST('0' AS DOUBLE PRECISION) ELSE regr_slope(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION)) END ELSE regr_slope(fk_e.x - fk_v.x[1], CAST(fk_e.t - fk_v.t[1] AS DOUBLE PRECISION) / CAST('8.64e10' AS DOUBLE PRECISION)) END FROM unnest(fk_v.x, fk_v.t) AS fk_e(x, t)) END END FROM (VALUES (MIN("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL) < MAX("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL), COUNT(CASE WHEN NOT (ABS("fk_seen"."amount") < CAST('1e150' AS DOUBLE PRECISION)) THEN 1 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL), array_agg(CASE WHEN ABS("fk_seen"."amount") < CAST('1e150' AS DOUBLE PRECISION) THEN "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL), array_agg(CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT)) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL))) AS fk_v(varies, far, x, t)) AS "fk_1 slope last_30d",
    (SELECT CASE WHEN ABS(fk_v.x) < CAST('1e-280' AS DOUBLE PRECISION) THEN 0 ELSE fk_v.x END FROM (VALUES ((SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS((CASE WHEN NOT (ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < CAST('Infinity' AS DOUBLE PRECISION)) THEN CAST("fk_seen"."price" AS DOUBLE PRECISION) WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT) >= 1000 OR ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE CAST("fk_seen"."price" AS DOUBLE PRECISION) / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) END)) > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE (CASE WHEN NOT (ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < CAST('Infinity' AS DOUBLE PRECISION)) THEN CAST("fk_seen"."price" AS DOUBLE PRECISION) WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT) >= 1000 OR ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE CAST("fk_seen"."price" AS DOUBLE PRECISION) / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) END) END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND CAST("fk_seen"."price" AS DOUBLE PRECISION) IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL), SUM(CASE WHEN ABS((CASE WHEN NOT (ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < CAST('Infinity' AS DOUBLE PRECISION)) THEN CAST("fk_seen"."price" AS DOUBLE PRECISION) WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT) >= 1000 OR ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE CAST("fk_seen"."price" AS DOUBLE PRECISION) / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) END)) > CAST('1e200' AS DOUBLE PRECISION) THEN (CASE WHEN NOT (ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < CAST('Infinity' AS DOUBLE PRECISION)) THEN CAST("fk_seen"."price" AS DOUBLE PRECISION) WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT) >= 1000 OR ABS(CAST("fk_seen"."price" AS DOUBLE PRECISION)) < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE CAST("fk_seen"."price" AS DOUBLE PRECISION) / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(604800000000 AS BIGINT), 1000)) END) * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND CAST("fk_seen"."price" AS DOUBLE PRECISION) IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL))) AS fk_v(near, far)))) AS fk_v(x)) AS "fk_3 decay_sum last_30d",
    (SELECT fk_v.v[greatest(cardinality(fk_v.v) - CAST(3 AS BIGINT) + 1, 1) : ] FROM (VALUES (array_agg("fk_seen"."country" ORDER BY "fk_seen"."fk_order") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."country" IS NOT NULL))) AS fk_v(v)) AS "fk_4 list_last last_30d",
    (array_agg("fk_seen"."country" ORDER BY "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."paid"))[CAST(1 AS BIGINT)] AS "fk_8 lag last_30d",
    MIN("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '14 DAY' AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL '7 DAY' AND "fk_seen"."happened" IS NOT NULL) AS "fk_10 min last_7d_before_7d",
    (array_agg("fk_seen"."country" ORDER BY "fk_seen"."amount" DESC NULLS LAST, "fk_seen"."fk_order") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '30 DAY' AND "fk_seen"."country" IS NOT NULL))[1] AS "fk_11 first last_30d"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON CAST(EXTRACT(EPOCH FROM "fk_seen"."fk_time") * 1000000 AS BIGINT) / 162000000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- habits@1.0: all_time (America/New_York)
"habits@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    (SELECT CASE WHEN ABS(fk_v.x) < CAST('1e-280' AS DOUBLE PRECISION) THEN 0 ELSE fk_v.x END FROM (VALUES ((SELECT CASE WHEN abs(fk_v.far) < CAST('Infinity' AS DOUBLE PRECISION) AND abs(fk_v.far) / 2 >= CAST('7.090649168385425e+277' AS DOUBLE PRECISION) THEN sign(fk_v.far) * CAST('Infinity' AS DOUBLE PRECISION) ELSE fk_v.near + fk_v.far * CAST('1.2676506002282294e+30' AS DOUBLE PRECISION) END FROM (VALUES (SUM(CASE WHEN ABS((CASE WHEN NOT (ABS("fk_seen"."amount") < CAST('Infinity' AS DOUBLE PRECISION)) THEN "fk_seen"."amount" WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT) >= 1000 OR ABS("fk_seen"."amount") < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) END)) > CAST('1e200' AS DOUBLE PRECISION) THEN 0 ELSE (CASE WHEN NOT (ABS("fk_seen"."amount") < CAST('Infinity' AS DOUBLE PRECISION)) THEN "fk_seen"."amount" WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT) >= 1000 OR ABS("fk_seen"."amount") < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) END) END) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL), SUM(CASE WHEN ABS((CASE WHEN NOT (ABS("fk_seen"."amount") < CAST('Infinity' AS DOUBLE PRECISION)) THEN "fk_seen"."amount" WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT) >= 1000 OR ABS("fk_seen"."amount") < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) END)) > CAST('1e200' AS DOUBLE PRECISION) THEN (CASE WHEN NOT (ABS("fk_seen"."amount") < CAST('Infinity' AS DOUBLE PRECISION)) THEN "fk_seen"."amount" WHEN CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT) >= 1000 OR ABS("fk_seen"."amount") < power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) * CAST('1e-300' AS DOUBLE PRECISION) THEN 0 ELSE "fk_seen"."amount" / power(CAST('2' AS DOUBLE PRECISION), least(CAST(greatest(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_seen"."happened") * 1000000 AS BIGINT), 0) AS DOUBLE PRECISION) / CAST(129600000000 AS BIGINT), 1000)) END) * CAST('7.888609052210118e-31' AS DOUBLE PRECISION) ELSE 0 END) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL))) AS fk_v(near, far)))) AS fk_v(x)) AS "fk_2 decay_sum all_time",
    (SELECT fk_v.v[greatest(cardinality(fk_v.v) - CAST(2 AS BIGINT) + 1, 1) : ] FROM (VALUES (array_agg("fk_seen"."happened" ORDER BY "fk_seen"."price" DESC NULLS LAST, "fk_seen"."country" COLLATE "C" ASC NULLS LAST, "fk_seen"."fk_order") FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL))) AS fk_v(v)) AS "fk_5 list_last all_time",
    (SELECT (SELECT array_agg(fk_c.e ORDER BY fk_c.place) FROM (SELECT fk_e.e AS e, row_number() OVER (ORDER BY COUNT(*) DESC, fk_e.e) AS place FROM unnest(fk_v.v) AS fk_e(e) GROUP BY fk_e.e ORDER BY COUNT(*) DESC, fk_e.e LIMIT CAST(2 AS BIGINT)) AS fk_c) FROM (VALUES (array_agg("fk_seen"."amount" + CAST('0' AS DOUBLE PRECISION)) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."amount" IS NOT NULL))) AS fk_v(v)) AS "fk_6 top_k_double all_time",
    (array_agg("fk_seen"."price" ORDER BY "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL))[CAST(2 AS BIGINT)] AS "fk_7 lag all_time",
    MAX("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" AND "fk_seen"."happened" IS NOT NULL) AS "fk_9 max all_time",
    STRING_AGG("fk_seen"."country", ', ' ORDER BY "fk_seen"."price" ASC NULLS LAST, "fk_seen"."amount" DESC NULLS LAST, "fk_seen"."fk_order") FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."country" IS NOT NULL) AS "fk_12 string_agg all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- habits@1.0: its answers
"habits@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 slope last_30d" AS DOUBLE PRECISION) AS "trend",
    CAST("fk_all_time"."fk_2 decay_sum all_time" AS DOUBLE PRECISION) AS "faded",
    CAST("fk_windows"."fk_3 decay_sum last_30d" AS DOUBLE PRECISION) AS "faded_price",
    CAST("fk_windows"."fk_4 list_last last_30d" AS VARCHAR[]) AS "countries",
    CAST("fk_all_time"."fk_5 list_last all_time" AS TIMESTAMP[]) AS "dearest_at",
    CAST("fk_all_time"."fk_6 top_k_double all_time" AS DOUBLE PRECISION[]) AS "usual",
    CAST("fk_all_time"."fk_7 lag all_time" AS NUMERIC(10,2)) AS "price_before",
    CAST("fk_windows"."fk_8 lag last_30d" AS VARCHAR) AS "country_before",
    CAST(CAST(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_all_time"."fk_9 max all_time") * 1000000 AS BIGINT) AS DOUBLE PRECISION) / CAST(CASE 'hour' WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000 WHEN 'day' THEN 86400000000 ELSE 1 END AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS "quiet",
    CAST(CAST(CAST(EXTRACT(EPOCH FROM "fk_asked"."fk_as_of") * 1000000 AS BIGINT) - CAST(EXTRACT(EPOCH FROM "fk_windows"."fk_10 min last_7d_before_7d") * 1000000 AS BIGINT) AS DOUBLE PRECISION) / CAST(CASE 'day' WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000 WHEN 'day' THEN 86400000000 ELSE 1 END AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS "since",
    CAST("fk_windows"."fk_11 first last_30d" AS VARCHAR) AS "country_of_most",
    CAST("fk_all_time"."fk_12 string_agg all_time" AS VARCHAR) AS "told"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "habits@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  ("fk_spine"."fk_whole").*,
  "habits@1.0"."trend" AS "habits__trend",
  "habits@1.0"."faded" AS "habits__faded",
  "habits@1.0"."faded_price" AS "habits__faded_price",
  "habits@1.0"."countries" AS "habits__countries",
  "habits@1.0"."dearest_at" AS "habits__dearest_at",
  "habits@1.0"."usual" AS "habits__usual",
  "habits@1.0"."price_before" AS "habits__price_before",
  "habits@1.0"."country_before" AS "habits__country_before",
  "habits@1.0"."quiet" AS "habits__quiet",
  "habits@1.0"."since" AS "habits__since",
  "habits@1.0"."country_of_most" AS "habits__country_of_most",
  "habits@1.0"."told" AS "habits__told"
FROM "fk_spine"
LEFT JOIN "habits@1.0" ON "habits@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
