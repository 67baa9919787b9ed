-- What comes.
SELECT
  COUNT(*) OVER next_30d = 0 AS gone,
  SUM(amount) FILTER (WHERE status = 'ok') OVER next_7d_after_7d AS spent,
  ELAPSED('day', AS_OF(), MIN(event_time) OVER next_30d) AS days_until,
  COUNT(*) OVER all_time > 0 AND gone AS lost
FROM txn
WHERE ok
