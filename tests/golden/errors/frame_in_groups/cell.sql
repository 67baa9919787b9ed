SELECT
  SUM(amount) OVER (ORDER BY event_time GROUPS 3 PRECEDING) AS spend
FROM txn
