-- What a customer settled, as known at the moment of asking.
SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d  AS spend_30d,
  COUNT(*) OVER calendar_7d                                    AS orders_7_days,
  COALESCE(spend_30d, 0) / NULLIF(orders_7_days, 0)            AS spend_per_order
FROM txn
