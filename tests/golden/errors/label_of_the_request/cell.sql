SELECT SUM(amount) OVER next_7d - basket AS n
FROM txn
