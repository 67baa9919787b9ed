SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_30d AS food
FROM txn t
LEFT JOIN merchants m JOIN regions r ON r.region_id = m.region_id ON m.merchant_id = t.merchant_id
