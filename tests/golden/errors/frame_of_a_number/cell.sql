SELECT
  SUM(amount) OVER (ORDER BY event_time RANGE 30 PRECEDING) AS spend
FROM txn
