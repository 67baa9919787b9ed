SELECT
  customers.country AS country,
  customers_2.country AS country_of_parent,
  AVG(customers_2.age) OVER all_time AS age
FROM customers
LEFT JOIN customers AS customers_2 ON customers_2.customer_id = customers.country
WHERE customers_2.customer_id IS NOT NULL AND customers_2.vip
