SELECT scoring.amont / (AVG(amount) OVER last_30d) AS ratio
FROM txn
