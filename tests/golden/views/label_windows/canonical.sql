SELECT
  COUNT(*) FILTER (WHERE ok) OVER next_30d = 0 AS gone,
  SUM(amount) FILTER (WHERE ok AND status = 'ok') OVER next_7d_after_7d AS spent,
  ELAPSED('day', AS_OF(), MIN(event_time) FILTER (WHERE ok) OVER next_30d) AS days_until,
  COUNT(*) FILTER (WHERE ok) OVER all_time > 0 AND COUNT(*) FILTER (WHERE ok) OVER next_30d = 0 AS lost
FROM txn
