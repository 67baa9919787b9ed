SELECT COUNT(*) OVER calendar_7d + COUNT(*) OVER next_7d AS n
FROM txn
