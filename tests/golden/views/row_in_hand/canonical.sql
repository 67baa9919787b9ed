SELECT
  amount AS amount,
  status = 'settled' AS is_settled,
  AVG(amount) OVER last_30d AS mean_before,
  SUM(amount) FILTER (WHERE ok AND qty > 0) OVER (RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW) AS settled_with_this,
  COUNT(*) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number,
  LAST(status) OVER last_1_rows AS status_before,
  MAX(amount) OVER last_3_rows AS largest_of_three,
  MIN(amount) OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS smallest_of_four,
  scoring.channel AS channel
FROM txn
