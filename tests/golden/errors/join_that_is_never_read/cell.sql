SELECT COUNT(*) OVER last_30d AS n
FROM txn t
LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
