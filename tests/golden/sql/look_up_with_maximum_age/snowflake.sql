-- Training set: the spine's rows, each answer as it was known then.
-- Written from the documentation of Snowflake; it has not been run there.
-- Names are quoted and so keep their case: a table made as SPINE is not this spine.
-- No column has a collation, and no time is finer than a microsecond.
WITH
-- the questions: the spine's rows, and when each is asked (UTC)
"fk_spine" AS (
  SELECT
    row_number() OVER (ORDER BY "spine"."customer_id" ASC, "spine"."asked_at" ASC) AS "fk_row",
    TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "spine"."asked_at"), 6) AS "fk_as_of",
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
"fk_addresses by customer_id" AS (
  SELECT
    "customer_id",
    "checked",
    "moved",
    "street",
    "since" AS "fk_time",
    "since" AS "fk_known",
    row_number() OVER (PARTITION BY "customer_id" ORDER BY "since" ASC, "customer_id" ASC NULLS FIRST, "since" ASC NULLS FIRST, "street" ASC NULLS FIRST, "moved" ASC NULLS FIRST, "checked" ASC NULLS FIRST) AS "fk_order"
  FROM (
    SELECT
      CAST("customer_id" AS VARCHAR) AS "customer_id",
      TO_TIMESTAMP_NTZ(DATE_PART(EPOCH_MICROSECOND, "since"), 6) AS "since",
      CAST("street" AS VARCHAR) AS "street",
      CAST("moved" AS DATE) AS "moved",
      CAST("checked" AS BOOLEAN) AS "checked"
    FROM "addresses"
  ) AS "fk_typed_rows"
  WHERE "customer_id" IS NOT NULL AND "since" IS NOT NULL
),

-- address@1.0: all_time (UTC)
"address@1.0 all_time" AS (
  SELECT
    "fk_asked"."fk_row",
    COUNT(CASE WHEN "fk_seen"."fk_time" IS NOT NULL AND "fk_seen"."checked" THEN 1 END) AS "fk_1 count_rows all_time"
  FROM "fk_asked"
  LEFT JOIN "fk_addresses by customer_id" AS "fk_seen"
    ON "fk_seen"."customer_id" = "fk_asked"."customer_id"
    AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
  GROUP BY "fk_asked"."fk_row"
),

-- address@1.0: the stretches of time, of 54000000000 us each, that it may see
"address@1.0 ages" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST("fk_number".VALUE AS NUMBER(38,0)) AS "fk_stretch"
  FROM "fk_asked", LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of" - INTERVAL '10 DAY') / 54000000000), FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_asked"."fk_as_of") / 54000000000) + 1)) AS "fk_number"
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
    INNER JOIN "address@1.0 ages" AS "fk_stretch"
      ON "fk_stretch"."fk_row" = "fk_asked"."fk_row"
    INNER JOIN "fk_addresses by customer_id" AS "fk_seen"
      ON FLOOR(DATE_PART(EPOCH_MICROSECOND, "fk_seen"."fk_time") / 54000000000) = "fk_stretch"."fk_stretch"
      AND "fk_seen"."customer_id" = "fk_asked"."customer_id"
      AND "fk_seen"."fk_known" < "fk_asked"."fk_as_of"
      AND "fk_seen"."fk_time" >= "fk_asked"."fk_as_of" - INTERVAL '10 DAY'
      AND "fk_seen"."checked"
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
    CAST("fk_latest"."street" AS VARCHAR) AS "street",
    CAST(CASE WHEN "fk_latest"."moved" IS NULL THEN 'never' ELSE "fk_latest"."street" END AS VARCHAR) AS "label",
    CAST("fk_all_time"."fk_1 count_rows all_time" AS NUMBER(38,0)) AS "addresses"
  FROM "fk_asked"
  LEFT JOIN "address@1.0 all_time" AS "fk_all_time" ON "fk_all_time"."fk_row" = "fk_asked"."fk_row"
  LEFT JOIN "address@1.0 latest" AS "fk_latest" ON "fk_latest"."fk_row" = "fk_asked"."fk_row"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "address@1.0"."street" AS "address__street",
  "address@1.0"."label" AS "address__label",
  "address@1.0"."addresses" AS "address__addresses"
FROM "fk_spine"
LEFT JOIN "address@1.0" ON "address@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
