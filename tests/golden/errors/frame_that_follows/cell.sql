SELECT
  SUM(amount) OVER (
    ORDER BY event_time
    ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING
  ) AS around
FROM txn
