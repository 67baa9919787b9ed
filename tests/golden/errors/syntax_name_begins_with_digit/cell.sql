SELECT COUNT(*) OVER last_30d AS 30d_count FROM txn
