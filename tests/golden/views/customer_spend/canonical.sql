SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d,
  COUNT(*) OVER calendar_7d AS orders_7_days,
  COALESCE(SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d, 0.0) / NULLIF(COUNT(*) OVER calendar_7d, 0) AS spend_per_order
FROM txn
