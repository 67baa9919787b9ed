SELECT SUM(amount * scoring.qty) OVER last_30d AS s
FROM txn
