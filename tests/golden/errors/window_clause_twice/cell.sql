SELECT
  SUM(amount) OVER w AS spend
FROM txn
WINDOW w AS (ORDER BY event_time), w AS (ROWS 3 PRECEDING)
