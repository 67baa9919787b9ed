SELECT COUNT(*) OVER today AS food
FROM txn t
LEFT JOIN merchants t ON t.merchant_id = txn.merchant_id
