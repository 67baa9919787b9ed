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
"fk_typed" AS (
  SELECT
    "fk_spine"."fk_row",
    "fk_spine"."fk_as_of",
    CAST("fk_spine"."customer_id" AS VARCHAR) AS "customer_id"
  FROM "fk_spine"
),

-- when the latest refreshes may have been, by the wall clock, the latest first
"fk_refresh_walls" AS (
  SELECT
    "fk_typed".*,
    date_trunc('day', timezone('America/New_York', timezone('UTC', "fk_as_of")) + INTERVAL 1 DAY) + INTERVAL 150 MINUTE AS "fk_daily 02:30 America/New_York 0 wall",
    date_trunc('day', timezone('America/New_York', timezone('UTC', "fk_as_of"))) + INTERVAL 150 MINUTE AS "fk_daily 02:30 America/New_York 1 wall",
    date_trunc('day', timezone('America/New_York', timezone('UTC', "fk_as_of")) - INTERVAL 1 DAY) + INTERVAL 150 MINUTE AS "fk_daily 02:30 America/New_York 2 wall",
    date_trunc('day', timezone('America/New_York', timezone('UTC', "fk_as_of")) - INTERVAL 2 DAY) + INTERVAL 150 MINUTE AS "fk_daily 02:30 America/New_York 3 wall"
  FROM "fk_typed"
),

-- the instants at which the wall clock may have read so
"fk_refresh_readings" AS (
  SELECT
    "fk_refresh_walls".*,
    "fk_daily 02:30 America/New_York 0 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 0 wall" - INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 0 wall" - INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 0 before",
    "fk_daily 02:30 America/New_York 0 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 0 wall" + INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 0 wall" + INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 0 after",
    "fk_daily 02:30 America/New_York 1 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 1 wall" - INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 1 wall" - INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 1 before",
    "fk_daily 02:30 America/New_York 1 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 1 wall" + INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 1 wall" + INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 1 after",
    "fk_daily 02:30 America/New_York 2 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 2 wall" - INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 2 wall" - INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 2 before",
    "fk_daily 02:30 America/New_York 2 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 2 wall" + INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 2 wall" + INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 2 after",
    "fk_daily 02:30 America/New_York 3 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 3 wall" - INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 3 wall" - INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 3 before",
    "fk_daily 02:30 America/New_York 3 wall" - (timezone('America/New_York', timezone('UTC', ("fk_daily 02:30 America/New_York 3 wall" + INTERVAL 1 DAY))) - ("fk_daily 02:30 America/New_York 3 wall" + INTERVAL 1 DAY)) AS "fk_daily 02:30 America/New_York 3 after"
  FROM "fk_refresh_walls"
),

-- when the latest refreshes were due, as instants
"fk_refreshes" AS (
  SELECT
    "fk_refresh_readings".*,
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 0 before")) = "fk_daily 02:30 America/New_York 0 wall" THEN "fk_daily 02:30 America/New_York 0 before" WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 0 after")) = "fk_daily 02:30 America/New_York 0 wall" THEN "fk_daily 02:30 America/New_York 0 after" ELSE "fk_daily 02:30 America/New_York 0 before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_daily 02:30 America/New_York 0",
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 1 before")) = "fk_daily 02:30 America/New_York 1 wall" THEN "fk_daily 02:30 America/New_York 1 before" WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 1 after")) = "fk_daily 02:30 America/New_York 1 wall" THEN "fk_daily 02:30 America/New_York 1 after" ELSE "fk_daily 02:30 America/New_York 1 before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_daily 02:30 America/New_York 1",
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 2 before")) = "fk_daily 02:30 America/New_York 2 wall" THEN "fk_daily 02:30 America/New_York 2 before" WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 2 after")) = "fk_daily 02:30 America/New_York 2 wall" THEN "fk_daily 02:30 America/New_York 2 after" ELSE "fk_daily 02:30 America/New_York 2 before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_daily 02:30 America/New_York 2",
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 3 before")) = "fk_daily 02:30 America/New_York 3 wall" THEN "fk_daily 02:30 America/New_York 3 before" WHEN timezone('America/New_York', timezone('UTC', "fk_daily 02:30 America/New_York 3 after")) = "fk_daily 02:30 America/New_York 3 wall" THEN "fk_daily 02:30 America/New_York 3 after" ELSE "fk_daily 02:30 America/New_York 3 before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_daily 02:30 America/New_York 3"
  FROM "fk_refresh_readings"
),

-- the last refresh at or before the moment of asking
"fk_refreshed" AS (
  SELECT
    "fk_refreshes".*,
    CASE WHEN "fk_daily 02:30 America/New_York 0" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 0" WHEN "fk_daily 02:30 America/New_York 1" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 1" WHEN "fk_daily 02:30 America/New_York 2" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 2" WHEN "fk_daily 02:30 America/New_York 3" <= "fk_as_of" THEN "fk_daily 02:30 America/New_York 3" END AS "fk_as_of daily 02:30 America/New_York",
    time_bucket(INTERVAL 21600000000 MICROSECOND, "fk_as_of", TIMESTAMP '1970-01-01') AS "fk_as_of every 6h"
  FROM "fk_refreshes"
),

-- the wall clock where it is asked
"fk_clocks" AS (
  SELECT
    "fk_refreshed".*,
    timezone('America/New_York', timezone('UTC', "fk_as_of daily 02:30 America/New_York")) AS "fk_clock America/New_York of daily 02:30 America/New_York"
  FROM "fk_refreshed"
),

-- when local units began, by the wall clock
"fk_walls" AS (
  SELECT
    "fk_clocks".*,
    date_trunc('month', "fk_clock America/New_York of daily 02:30 America/New_York") AS "fk_month_0 America/New_York of daily 02:30 America/New_York wall"
  FROM "fk_clocks"
),

-- the instants at which the wall clock may have read so
"fk_instants" AS (
  SELECT
    "fk_walls".*,
    "fk_month_0 America/New_York of daily 02:30 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_month_0 America/New_York of daily 02:30 America/New_York wall" - INTERVAL 1 DAY))) - ("fk_month_0 America/New_York of daily 02:30 America/New_York wall" - INTERVAL 1 DAY)) AS "fk_month_0 America/New_York of daily 02:30 America/New_York before",
    "fk_month_0 America/New_York of daily 02:30 America/New_York wall" - (timezone('America/New_York', timezone('UTC', ("fk_month_0 America/New_York of daily 02:30 America/New_York wall" + INTERVAL 1 DAY))) - ("fk_month_0 America/New_York of daily 02:30 America/New_York wall" + INTERVAL 1 DAY)) AS "fk_month_0 America/New_York of daily 02:30 America/New_York after"
  FROM "fk_walls"
),

-- when the windows begin and end, as instants
"fk_asked" AS (
  SELECT
    "fk_instants".*,
    GREATEST(CASE WHEN timezone('America/New_York', timezone('UTC', "fk_month_0 America/New_York of daily 02:30 America/New_York before")) = "fk_month_0 America/New_York of daily 02:30 America/New_York wall" THEN "fk_month_0 America/New_York of daily 02:30 America/New_York before" WHEN timezone('America/New_York', timezone('UTC', "fk_month_0 America/New_York of daily 02:30 America/New_York after")) = "fk_month_0 America/New_York of daily 02:30 America/New_York wall" THEN "fk_month_0 America/New_York of daily 02:30 America/New_York after" ELSE "fk_month_0 America/New_York of daily 02:30 America/New_York before" END, TIMESTAMP '0001-01-01 00:00:00') AS "fk_month_0 America/New_York of daily 02:30 America/New_York"
  FROM "fk_instants"
),

-- addresses: rows that can be known, in canonical order
"fk_addresses by customer_id" AS (
  SELECT
    "customer_id",
    "street",
    "since" AS "fk_time",
    "since" AS "fk_known",
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
"fk_payments by customer_id" AS (
  SELECT
    "customer_id",
    "amount",
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
      AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of every 6h"
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

-- nightly@1.0: all_time (America/New_York)
"nightly@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(*) FILTER (WHERE "fk_seen"."fk_time" IS NOT NULL) AS "fk_1 count_rows all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of daily 02:30 America/New_York"
  GROUP BY "fk_asked"."fk_row"
),

-- nightly@1.0: the stretches of time, of 167400000000 us each, that it may see
"nightly@1.0 stretches" AS (
  SELECT
    "fk_asked"."fk_row",
    unnest(range(epoch_us("fk_asked"."fk_month_0 America/New_York of daily 02:30 America/New_York") // 167400000000, epoch_us("fk_asked"."fk_as_of daily 02:30 America/New_York") // 167400000000 + 1)) AS "fk_stretch"
  FROM "fk_asked"
),

-- nightly@1.0: month_to_date (America/New_York)
"nightly@1.0 windows" AS (
  SELECT
    "fk_asked"."fk_row",
    SUM("fk_seen"."amount") FILTER (WHERE "fk_seen"."fk_time" >= "fk_asked"."fk_month_0 America/New_York of daily 02:30 America/New_York" AND "fk_seen"."amount" IS NOT NULL) AS "fk_2 sum_double month_to_date"
  FROM "fk_asked"
  LEFT JOIN "nightly@1.0 stretches" AS "fk_stretch"
    ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "fk_payments by customer_id" AS "fk_seen"
    ON epoch_us("fk_seen"."fk_time") // 167400000000 = "fk_stretch"."fk_stretch"
    AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of daily 02:30 America/New_York"
  GROUP BY "fk_asked"."fk_row"
),

-- nightly@1.0: its answers
"nightly@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_all_time"."fk_1 count_rows all_time" AS BIGINT) AS "payments",
    CAST("fk_windows"."fk_2 sum_double month_to_date" AS DOUBLE) AS "spent",
    CAST("fk_asked"."fk_as_of daily 02:30 America/New_York" AS TIMESTAMP) AS "refreshed"
  FROM "fk_asked"
  LEFT JOIN "nightly@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "nightly@1.0 windows" AS "fk_windows" ON "fk_windows"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "nightly@1.0"."payments" AS "nightly__payments",
  "nightly@1.0"."spent" AS "nightly__spent",
  "nightly@1.0"."refreshed" AS "nightly__refreshed",
  "address@1.0"."street" AS "address__street"
FROM "fk_spine"
LEFT JOIN "address@1.0" ON "address@1.0"."fk_row" = "fk_spine"."fk_row"
LEFT JOIN "nightly@1.0" ON "nightly@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
