SELECT
  SUM(amount) OVER (last_30d ROWS 3 PRECEDING) AS spend
FROM txn
