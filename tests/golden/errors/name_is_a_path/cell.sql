SELECT COUNT(*) OVER last_30d AS "../x"
FROM txn
