SELECT
  COUNT(*) OVER next_30d AS later
FROM txn
