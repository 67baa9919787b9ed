SELECT
  SUM(amount) OVER w AS spend
FROM txn
WINDOW w AS (PARTITION BY customer_id)
