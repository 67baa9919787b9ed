SELECT COUNT(*) OVER next_30_days AS n
FROM txn
