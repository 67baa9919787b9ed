SELECT COUNT(*) OVER last_30d AS n
FROM txn
JOIN merchants USING (merchant_id)
WHERE ok
