SELECT amount * 2 AS twice
FROM scoring
WHERE amount > 0
