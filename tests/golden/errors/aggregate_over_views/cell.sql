SELECT SUM(total) OVER last_30d AS s
FROM spend
