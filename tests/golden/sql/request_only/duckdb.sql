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
    CAST("fk_spine"."amount" AS DOUBLE) AS "amount",
    CAST("fk_spine"."items" AS BIGINT) AS "items",
    CAST("fk_spine"."note" AS VARCHAR) AS "note"
  FROM "fk_spine"
),

-- basket@1.0: its answers
"basket@1.0" AS (
  SELECT
    "fk_asked"."fk_row",
    CAST(CASE WHEN CAST("fk_asked"."items" AS DOUBLE) <> 0 THEN "fk_asked"."amount" / CAST("fk_asked"."items" AS DOUBLE) END AS DOUBLE) AS "per_item",
    CAST(CASE WHEN CONTAINS("fk_asked"."note", 'ß') THEN ARRAY_TO_STRING(LIST_TRANSFORM(STRING_SPLIT("fk_asked"."note", 'ß'), lambda part: UPPER(part)), 'ß') ELSE UPPER("fk_asked"."note") END AS VARCHAR) AS "note",
    CAST(COALESCE("fk_asked"."amount", CAST('0.0' AS DOUBLE)) > CAST('10.0' AS DOUBLE) AS BOOLEAN) AS "large"
  FROM "fk_asked"
)

SELECT
  "fk_spine".* EXCLUDE ("fk_row", "fk_as_of"),
  "basket@1.0"."per_item" AS "basket__per_item",
  "basket@1.0"."note" AS "basket__note",
  "basket@1.0"."large" AS "basket__large"
FROM "fk_spine"
LEFT JOIN "basket@1.0" ON "basket@1.0"."fk_row" = "fk_spine"."fk_row"
ORDER BY "fk_spine"."fk_row" ASC
