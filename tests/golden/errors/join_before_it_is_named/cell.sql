SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_30d AS food
FROM txn t
LEFT JOIN merchants m ON r.region_id = m.merchant_id LEFT JOIN regions r ON r.region_id = m.region_id
