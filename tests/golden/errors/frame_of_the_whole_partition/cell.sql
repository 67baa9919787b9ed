SELECT
  SUM(amount) OVER () AS spend
FROM txn
