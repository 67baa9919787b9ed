SELECT
  SUM(amount) OVER (PARTITION BY merchant_id ORDER BY event_time) AS spend
FROM txn
