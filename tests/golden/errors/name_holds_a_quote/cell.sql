SELECT COUNT(*) OVER last_30d AS "a""b"
FROM txn
