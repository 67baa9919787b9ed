SELECT COUNT(*) FILTER (WHERE status = 'settled) OVER last_30d AS n
FROM txn
