SELECT DECAY_SUM(amount, '7d') OVER next_30d AS n
FROM txn
