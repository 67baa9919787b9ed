SELECT
  SUM(amount) AS spend
FROM txn
