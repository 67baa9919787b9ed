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

-- addresses: rows that can be known, in canonical order
"fk_addresses by customer_id, delay 5m" AS (
  SELECT
    "customer_id",
    "checked",
    "street",
    "since" AS "fk_time",
    GREATEST("since", "since" + INTERVAL 5 MINUTE) AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "since" ASC, "customer_id" ASC NULLS FIRST, "since" ASC NULLS FIRST, "street" ASC NULLS FIRST, "moved" ASC NULLS FIRST, "checked" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      make_timestamp(epoch_us("since")) AS "since",
      CAST("street" AS VARCHAR) AS "street",
      CAST("moved" AS DATE) AS "moved",
      CAST("checked" AS BOOLEAN) AS "checked"
    FROM "addresses"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "since" IS NOT NULL
),

-- payments: rows that can be known, in canonical order, duplicates once
"fk_payments by customer_id, delay 5m" AS (
  SELECT
    "customer_id",
    "happened" AS "fk_time",
    GREATEST("happened", "booked" + INTERVAL 5 MINUTE) AS "fk_known",
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

-- payments by customer_id, delay 5m with addresses: the row of addresses that was the latest visible at each moment
"fk_payments by customer_id, delay 5m with addresses: addresses" AS (
  SELECT
    "fk_seen"."customer_id",
    "fk_seen"."checked",
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
        "fk_seen"."customer_id" AS "customer_id",
        "fk_seen"."fk_time" AS "fk_at",
        0 AS "fk_side",
        CAST(NULL AS BIGINT) AS "fk_order"
      FROM "fk_payments by customer_id, delay 5m" AS "fk_seen"
      UNION ALL
      SELECT
        "customer_id",
        "fk_known",
        1 AS "fk_side",
        "fk_order"
      FROM "fk_addresses by customer_id, delay 5m"
    ) AS "fk_both"
  ) AS "fk_met"
  INNER JOIN "fk_addresses by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_met"."customer_id"
    AND "fk_seen"."fk_order" = "fk_met"."fk_order"
  WHERE "fk_met"."fk_side" = 0
),

-- payments: each row with the row of addresses known at its time
"fk_payments by customer_id, delay 5m with addresses" AS (
  SELECT
    "fk_seen".*,
    "fk_1 addresses"."street" AS "fk_1 addresses.street"
  FROM "fk_payments by customer_id, delay 5m" AS "fk_seen"
  LEFT JOIN "fk_payments by customer_id, delay 5m with addresses: addresses" AS "fk_1 addresses"
    ON "fk_1 addresses"."customer_id" = "fk_seen"."customer_id"
    AND "fk_1 addresses"."fk_at" = "fk_seen"."fk_time"
),

-- at_home@1.0: the stretches of time, of 162000000000 us each, that it may see
"at_home@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    unnest(range(epoch_us("fk_asked"."fk_as_of" - INTERVAL 30 DAY) // 162000000000, epoch_us("fk_asked"."fk_as_of") // 162000000000 + 1)) AS "fk_stretch"
  FROM "fk_asked"
),

-- at_home@1.0 windows: the row of addresses#2 that was the latest visible at each moment
"at_home@1.0 windows: addresses#2" AS (
  SELECT
    "fk_seen"."customer_id",
    "fk_seen"."checked",
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
        "fk_seen"."customer_id" AS "customer_id",
        "fk_asked"."fk_as_of" AS "fk_at",
        0 AS "fk_side",
        CAST(NULL AS BIGINT) AS "fk_order"
      FROM "fk_asked"
      INNER JOIN "at_home@1.0 stretches" AS "fk_stretch"
        ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
      INNER JOIN "fk_payments by customer_id, delay 5m with addresses" AS "fk_seen"
        ON epoch_us("fk_seen"."fk_time") // 162000000000 = "fk_stretch"."fk_stretch"
        AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
        AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
      UNION ALL
      SELECT
        "customer_id",
        "fk_known",
        1 AS "fk_side",
        "fk_order"
      FROM "fk_addresses by customer_id, delay 5m"
    ) AS "fk_both"
  ) AS "fk_met"
  INNER JOIN "fk_addresses by customer_id, delay 5m" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_met"."customer_id"
    AND "fk_seen"."fk_order" = "fk_met"."fk_order"
  WHERE "fk_met"."fk_side" = 0
),

-- at_home@1.0 windows: the rows that each question meets
"at_home@1.0 windows met" AS (
  SELECT
    "fk_asked"."fk_row",
    "fk_2 addresses#2"."checked" AS "fk_2 addresses#2.checked",
    "fk_seen"."fk_1 addresses.street" AS "fk_1 addresses.street",
    "fk_seen"."fk_time",
    "fk_seen"."fk_order"
  FROM "fk_asked"
  INNER JOIN "at_home@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  INNER JOIN "fk_payments by customer_id, delay 5m with addresses" AS "fk_seen"
    ON epoch_us("fk_seen"."fk_time") // 162000000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  LEFT JOIN "at_home@1.0 windows: addresses#2" AS "fk_2 addresses#2"
    ON "fk_2 addresses#2"."customer_id" = "fk_seen"."customer_id"
    AND "fk_2 addresses#2"."fk_at" = "fk_asked"."fk_as_of"
),

-- at_home@1.0: last_30d (UTC)
"at_home@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(*) FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."fk_2 addresses#2.checked") AS "fk_1 count_rows last_30d",
    COUNT(DISTINCT "fk_seen"."fk_1 addresses.street") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL 30 DAY AND "fk_seen"."fk_1 addresses.street" IS NOT NULL) AS "fk_2 count_distinct last_30d"
  FROM "fk_asked"
  LEFT JOIN "at_home@1.0 windows met" AS "fk_seen"
    ON "fk_seen"."fk_row" = "fk_asked"."fk_row"
  GROUP BY "fk_asked"."fk_row"
),

-- at_home@1.0: its answers
"at_home@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_windows"."fk_1 count_rows last_30d" AS BIGINT) AS "at_checked",
    CAST("fk_windows"."fk_2 count_distinct last_30d" AS BIGINT) AS "streets"
  FROM "fk_asked"
  LEFT JOIN "at_home@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "at_home@1.0"."at_checked" AS "at_home__at_checked",
  "at_home@1.0"."streets" AS "at_home__streets"
FROM "fk_spine"
LEFT JOIN "at_home@1.0" ON "at_home@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
