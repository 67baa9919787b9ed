SELECT
  score * 2 AS score,
  score + 1 AS more
FROM customers
