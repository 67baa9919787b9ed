SELECT vip
FROM customers
