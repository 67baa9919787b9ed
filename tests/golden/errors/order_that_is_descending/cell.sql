SELECT
  SUM(amount) OVER (ORDER BY event_time DESC ROWS 3 PRECEDING) AS spend
FROM txn
