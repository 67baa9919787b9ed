SELECT
  COUNT(*) OVER last_30d AS n,
  SUM(amout) OVER last_30d AS spend
FROM txn
