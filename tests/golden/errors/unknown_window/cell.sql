SELECT
  SUM(amount) OVER last_30days AS spend
FROM txn
