SELECT
  SUM(amount) OVER calendar_1m AS spend
FROM txn
