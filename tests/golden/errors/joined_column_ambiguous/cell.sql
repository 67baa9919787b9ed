SELECT SUM(amount) OVER today AS food
FROM txn t
LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
