SELECT SUM(amount) OVER last_30d AS spend FROM txn
