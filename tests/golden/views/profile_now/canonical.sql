SELECT
  country AS country,
  age AS age,
  VOCAB(country, country) AS place,
  COALESCE(score, 0.0) AS known_score,
  ELAPSED('day', born, AS_OF()) AS days_old,
  COUNT(*) OVER last_365d AS changes,
  scoring.amount / credit AS used
FROM customers
WHERE NOT (vip IS NOT DISTINCT FROM FALSE)
