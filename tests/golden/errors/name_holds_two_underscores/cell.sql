SELECT COUNT(*) OVER last_30d AS a__b
FROM txn
