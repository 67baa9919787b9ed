SELECT COUNT(*) OVER last_30d AS class
FROM txn
