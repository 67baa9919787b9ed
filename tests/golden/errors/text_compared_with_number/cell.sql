SELECT COUNT(*) FILTER (WHERE status = 3) OVER last_30d AS n
FROM txn
