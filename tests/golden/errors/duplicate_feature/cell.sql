SELECT
  COUNT(*) OVER last_30d AS n,
  COUNT(*) OVER last_7d AS N
FROM txn
