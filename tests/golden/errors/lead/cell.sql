SELECT
  LEAD(amount) OVER last_30d AS next_amount
FROM txn
