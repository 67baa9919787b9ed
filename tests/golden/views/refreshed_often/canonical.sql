SELECT
  country AS country,
  LAST(customers.age) OVER all_time AS age
FROM customers
