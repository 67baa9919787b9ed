SELECT
  COUNT(*) OVER last_90s AS rolling, COUNT(*) OVER last_7d_before_7d AS earlier,
  COUNT(*) OVER calendar_3mo AS months, COUNT(*) OVER today AS today,
  COUNT(*) OVER week_to_date AS week, COUNT(*) OVER last_20_rows AS rows20,
  COUNT(DISTINCT status) OVER all_time AS kinds, FIRST(status) OVER year_to_date AS first_status,
  STDDEV_SAMP(price) OVER last_4w AS spread, MAX(day) OVER (last_30d) AS latest
FROM txn t
WHERE t.ok AND amount > 0
