SELECT COUNT(*) OVER calendar_7d AS n FROM txn
