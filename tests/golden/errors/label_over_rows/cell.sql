SELECT SUM(amount) OVER last_20_rows AS n
FROM txn
