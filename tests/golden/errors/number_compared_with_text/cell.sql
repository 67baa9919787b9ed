SELECT COUNT(*) FILTER (WHERE 3 = status) OVER last_30d AS n
FROM txn
