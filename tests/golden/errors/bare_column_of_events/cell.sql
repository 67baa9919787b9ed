SELECT
  amount * 2 AS twice
FROM txn
