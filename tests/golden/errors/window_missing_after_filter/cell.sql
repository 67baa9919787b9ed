SELECT
  SUM(amount) FILTER (WHERE ok) AS spend
FROM txn
