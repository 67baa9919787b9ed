-- Training set: the spine's rows in their order, each answer as it was known then.
WITH
-- the questions: the spine's rows in their order, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER () AS "fk_row",
    make_timestamp(epoch_us("spine"."asked_at")) AS "fk_as_of",
    "spine".*
  FROM "spine"
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
    "happened" AS "fk_time",
    GREATEST("happened", "booked") AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "happened" ASC, "number" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      CAST("amount" AS DOUBLE) AS "amount",
      CAST("price" AS DECIMAL(10,2)) AS "price",
      CAST("country" AS VARCHAR) AS "country",
      CAST("paid" AS BOOLEAN) AS "paid",
      make_timestamp(epoch_us("happened")) AS "happened",
      make_timestamp(epoch_us("booked")) AS "booked",
      CAST("number" AS BIGINT) AS "number"
    FROM "payments"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "happened" IS NOT NULL AND "booked" IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY "customer_id", "happened", "number" ORDER BY "booked" ASC, "customer_id" ASC NULLS FIRST, "amount" ASC NULLS FIRST, "price" ASC NULLS FIRST, "country" ASC NULLS FIRST, "paid" ASC NULLS FIRST, "happened" ASC NULLS FIRST, "booked" ASC NULLS FIRST, "number" ASC NULLS FIRST) = 1
),

-- habits@1.0: the stretches of time, of 162000000000 us each, that it may see
"habits@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    unnest(range(epoch_us("fk_asked"."fk_as_of" - INTERVAL 30 DAY) // 162000000000, epoch_us("fk_asked"."fk_as_of") // 162000000000 + 1)) AS "fk_stretch"
  FROM "fk_asked"
),

-- habits@1.0: last_30d, last_7d_before_7d (America/New_York)
"habits@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    CASE WHEN MIN("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL) < MAX("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL) THEN CASE WHEN COUNT(CASE WHEN NOT ABS("fk_seen"."amount") < 1e150 THEN 1 END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL) > 0 THEN CAST('NaN' AS DOUBLE) ELSE list_transform([LIST(struct_pack(t := EPOCH_US("fk_seen"."happened"), x := "fk_seen"."amount")) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL)], lambda v: list_transform([v[1]], lambda o: list_transform([list_transform(v, lambda e: struct_pack(t := CAST(e.t - o.t AS DOUBLE) / 8.64e10, x := e.x - o.x))], lambda m: list_transform([struct_pack(n := CAST(len(m) AS DOUBLE), t := list_sum(list_transform(m, lambda e: e.t)), x := list_sum(list_transform(m, lambda e: e.x)))], lambda s: list_transform([struct_pack(together := list_sum(list_transform(m, lambda e: (e.t - s.t / s.n) * (e.x - s.x / s.n))), t := list_sum(list_transform(m, lambda e: (e.t - s.t / s.n) * (e.t - s.t / s.n))), x := list_sum(list_transform(m, lambda e: (e.x - s.x / s.n) * (e.x - s.x / s.n))))], lambda r: CASE WHEN (sqrt(r.t) * sqrt(r.x)) > 1e-280 AND ABS(r.together) < 1e-12 * (sqrt(r.t) * sqrt(r.x)) THEN 0.0::DOUBLE ELSE r.together / r.t END)[1])[1])[1])[1])[1] END END AS "fk_1 slope last_30d",
    CASE WHEN ABS(SUM(CASE WHEN isfinite(CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE)) THEN CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE) * CASE WHEN greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(604800000000 AS BIGINT) < 1000 THEN pow(2.0::DOUBLE, -(greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(604800000000 AS BIGINT))) ELSE 0 END ELSE CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE) END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE) IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL)) < 1e-280 THEN 0.0::DOUBLE ELSE SUM(CASE WHEN isfinite(CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE)) THEN CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE) * CASE WHEN greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(604800000000 AS BIGINT) < 1000 THEN pow(2.0::DOUBLE, -(greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(604800000000 AS BIGINT))) ELSE 0 END ELSE CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE) END) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND CAST(CAST("fk_seen"."price" AS VARCHAR) AS DOUBLE) IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL) END AS "fk_3 decay_sum last_30d",
    list_reverse(list_slice(LIST("fk_seen"."country" ORDER BY "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."country" IS NOT NULL), 1, CAST(3 AS BIGINT))) AS "fk_4 list_last last_30d",
    list_extract(LIST("fk_seen"."country" ORDER BY "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."paid"), CAST(1 AS BIGINT)) AS "fk_8 lag last_30d",
    MIN("fk_seen"."happened") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 14 DAY AND "fk_seen"."fk_time" < "fk_asked"."fk_as_of" - INTERVAL 7 DAY AND "fk_seen"."happened" IS NOT NULL) AS "fk_10 min last_7d_before_7d",
    FIRST("fk_seen"."country" ORDER BY "fk_seen"."amount" DESC NULLS LAST, "fk_seen"."fk_order") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."country" IS NOT NULL) AS "fk_11 first last_30d"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON epoch_us("fk_seen"."fk_time") // 162000000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- habits@1.0: all_time (America/New_York)
"habits@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    CASE WHEN ABS(SUM(CASE WHEN isfinite("fk_seen"."amount") THEN "fk_seen"."amount" * CASE WHEN greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(129600000000 AS BIGINT) < 1000 THEN pow(2.0::DOUBLE, -(greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(129600000000 AS BIGINT))) ELSE 0 END ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL)) < 1e-280 THEN 0.0::DOUBLE ELSE SUM(CASE WHEN isfinite("fk_seen"."amount") THEN "fk_seen"."amount" * CASE WHEN greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(129600000000 AS BIGINT) < 1000 THEN pow(2.0::DOUBLE, -(greatest(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_seen"."happened"), 0) / CAST(129600000000 AS BIGINT))) ELSE 0 END ELSE "fk_seen"."amount" END) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."paid" AND "fk_seen"."amount" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL AND "fk_asked"."fk_as_of" IS NOT NULL) END AS "fk_2 decay_sum all_time",
    list_reverse(list_slice(LIST("fk_seen"."happened" ORDER BY "fk_seen"."price" ASC NULLS FIRST, "fk_seen"."country" DESC NULLS FIRST, "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."happened" IS NOT NULL), 1, CAST(2 AS BIGINT))) AS "fk_5 list_last all_time",
    list_transform([HISTOGRAM("fk_seen"."amount" + 0.0::DOUBLE) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."amount" IS NOT NULL)], lambda h: list_transform(list_slice(list_sort(list_transform(map_entries(h), lambda e: struct_pack(c := -CAST(e.value AS BIGINT), v := e.key))), 1, CAST(2 AS BIGINT)), lambda e: e.v))[1] AS "fk_6 top_k_double all_time",
    list_extract(LIST("fk_seen"."price" ORDER BY "fk_seen"."fk_order" DESC) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL), CAST(2 AS BIGINT)) AS "fk_7 lag all_time",
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
    CAST("fk_windows"."fk_1 slope last_30d" AS DOUBLE) AS "trend",
    CAST("fk_all_time"."fk_2 decay_sum all_time" AS DOUBLE) AS "faded",
    CAST("fk_windows"."fk_3 decay_sum last_30d" AS DOUBLE) AS "faded_price",
    CAST("fk_windows"."fk_4 list_last last_30d" AS VARCHAR[]) AS "countries",
    CAST("fk_all_time"."fk_5 list_last all_time" AS TIMESTAMP[]) AS "dearest_at",
    CAST("fk_all_time"."fk_6 top_k_double all_time" AS DOUBLE[]) AS "usual",
    CAST("fk_all_time"."fk_7 lag all_time" AS DECIMAL(10,2)) AS "price_before",
    CAST("fk_windows"."fk_8 lag last_30d" AS VARCHAR) AS "country_before",
    CAST(CAST(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_all_time"."fk_9 max all_time") AS DOUBLE) / CASE 'hour' WHEN 'second' THEN 1e6 WHEN 'minute' THEN 6e7 WHEN 'hour' THEN 3.6e9 WHEN 'day' THEN 8.64e10 ELSE 1e0 END AS DOUBLE) AS "quiet",
    CAST(CAST(EPOCH_US("fk_asked"."fk_as_of") - EPOCH_US("fk_windows"."fk_10 min last_7d_before_7d") AS DOUBLE) / CASE 'day' WHEN 'second' THEN 1e6 WHEN 'minute' THEN 6e7 WHEN 'hour' THEN 3.6e9 WHEN 'day' THEN 8.64e10 ELSE 1e0 END AS DOUBLE) AS "since",
    CAST("fk_windows"."fk_11 first last_30d" AS VARCHAR) AS "country_of_most",
    CAST("fk_all_time"."fk_12 string_agg all_time" AS VARCHAR) AS "told"
  FROM "fk_asked"
  LEFT JOIN "habits@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "habits@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
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
