SELECT
  SUM(amount) OVER last_30d AS spend
FROM txn
WINDOW last_30d AS (ORDER BY event_time)
