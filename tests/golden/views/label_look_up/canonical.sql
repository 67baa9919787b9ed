SELECT
  country <> 'US' AS abroad
FROM customers
WHERE vip
