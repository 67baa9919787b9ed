SELECT SUM(tnx.amount) OVER last_30d AS n
FROM txn
