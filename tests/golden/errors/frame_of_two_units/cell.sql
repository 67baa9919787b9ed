SELECT
  SUM(amount) OVER (RANGE INTERVAL '1 day 2 hours' PRECEDING) AS spend
FROM txn
