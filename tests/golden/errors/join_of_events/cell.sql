SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_30d AS food
FROM txn t
LEFT JOIN keyless m ON m.customer_id=t.merchant_id
