SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER next_30d AS food
FROM txn
LEFT JOIN merchants AS OF REQUEST m ON m.merchant_id = txn.merchant_id
