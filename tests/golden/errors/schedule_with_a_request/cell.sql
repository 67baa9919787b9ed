SELECT scoring.amount / AVG(amount) OVER last_30d AS r FROM txn
