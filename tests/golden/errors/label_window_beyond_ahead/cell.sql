SELECT vip, COUNT(*) OVER next_30d AS changes
FROM customers
