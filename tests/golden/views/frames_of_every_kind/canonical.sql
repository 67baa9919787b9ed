SELECT
  SUM(amount) OVER all_time AS ever,
  SUM(amount) OVER last_30d AS days,
  SUM(amount) OVER last_90s AS seconds,
  SUM(amount) OVER (RANGE BETWEEN INTERVAL '2' HOUR PRECEDING AND INTERVAL '1' HOUR PRECEDING) AS behind,
  SUM(amount) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '7' DAY PRECEDING) AS old,
  SUM(amount) OVER last_3_rows AS three,
  SUM(amount) OVER last_4_rows_before_1 AS four_before,
  SUM(amount) OVER all_time AS every_row,
  COUNT(*) OVER last_7d AS n,
  COUNT(*) OVER last_2_rows AS up_to_two
FROM txn
