SELECT
  COUNT(*) OVER last_30d AS n
  SUM(amount) OVER last_30d AS spend
FROM txn
