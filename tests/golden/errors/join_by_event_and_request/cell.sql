SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_30d AS food
FROM txn t
LEFT JOIN terms m ON m.customer_id = t.customer_id AND m.merchant_id = order_now.merchant_id
