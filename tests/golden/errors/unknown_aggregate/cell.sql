SELECT AVGG(amount) OVER last_30d AS a
FROM txn
