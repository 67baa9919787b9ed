SELECT
  MONTHS_BETWEEN(asked_on, CAST(sent AS DATE)) AS months
FROM scoring
