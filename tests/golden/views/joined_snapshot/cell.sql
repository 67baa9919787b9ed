SELECT customers.country, parent.country AS country_of_parent, AVG(parent.age) OVER all_time AS age
FROM customers
JOIN customers AS parent ON parent.customer_id = customers.country
WHERE parent.vip
