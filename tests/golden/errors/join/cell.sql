SELECT COUNT(*) OVER last_30d AS n
FROM txn
LEFT JOIN customers ON txn.customer_id = customers.customer_id
