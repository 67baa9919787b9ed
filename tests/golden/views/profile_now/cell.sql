SELECT country, age, VOCAB(country, country) AS place, COALESCE(score, 0) AS known_score,
  ELAPSED('day', CAST(born AS TIMESTAMP), AS_OF()) AS days_old, COUNT(*) OVER last_365d AS changes,
  scoring.amount / credit AS used
FROM customers WHERE vip IS NOT FALSE
