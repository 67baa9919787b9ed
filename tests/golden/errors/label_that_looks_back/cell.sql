SELECT COUNT(*) OVER next_30d AS later, COUNT(*) OVER last_30d AS before
FROM txn
