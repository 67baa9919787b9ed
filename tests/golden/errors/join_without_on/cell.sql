SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_30d AS food
FROM txn t
LEFT JOIN merchants m
