SELECT total AS x
FROM spend@1
LEFT JOIN merchants m ON m.merchant_id = total
