SELECT COUNT(*) OVER last_30d AS n
FROM txn, customers
