SELECT SUM(status) OVER last_30d AS s
FROM txn
