SELECT
  COUNT(*) FILTER (WHERE ok AND amount > 0.0) OVER last_90s AS rolling,
  COUNT(*) FILTER (WHERE ok AND amount > 0.0) OVER last_7d_before_7d AS earlier,
  COUNT(*) FILTER (WHERE ok AND amount > 0.0) OVER calendar_3mo AS months,
  COUNT(*) FILTER (WHERE ok AND amount > 0.0) OVER today AS today,
  COUNT(*) FILTER (WHERE ok AND amount > 0.0) OVER week_to_date AS week,
  COUNT(*) FILTER (WHERE ok AND amount > 0.0) OVER last_20_rows AS rows20,
  COUNT(DISTINCT status) FILTER (WHERE ok AND amount > 0.0) OVER all_time AS kinds,
  FIRST(status) FILTER (WHERE ok AND amount > 0.0) OVER year_to_date AS first_status,
  STDDEV_SAMP(price) FILTER (WHERE ok AND amount > 0.0) OVER last_28d AS spread,
  MAX(day) FILTER (WHERE ok AND amount > 0.0) OVER last_30d AS latest
FROM txn
