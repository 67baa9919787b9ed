SELECT SUM(amount) OVER last_30d AS spend FROM txn
UNION ALL
SELECT 1 AS spend
