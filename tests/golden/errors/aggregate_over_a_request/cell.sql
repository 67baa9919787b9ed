SELECT SUM(amount) OVER last_30d AS s
FROM scoring
