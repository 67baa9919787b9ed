SELECT SUM(AVG(amount) OVER last_7d) OVER last_30d AS s
FROM txn
