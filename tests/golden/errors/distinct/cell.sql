SELECT DISTINCT SUM(amount) OVER last_30d AS spend
FROM txn
