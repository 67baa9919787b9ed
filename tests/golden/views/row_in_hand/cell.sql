-- A payment is scored when it happens, among the customer's earlier ones.
SELECT
  amount,
  status = 'settled'                                   AS is_settled,
  AVG(amount) OVER last_30d                            AS mean_before,
  SUM(amount) FILTER (WHERE ok AND qty > 0) OVER with_this         AS settled_with_this,
  COUNT(*) OVER (ORDER BY event_time)                  AS number,
  LAST(status) OVER (ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS status_before,
  MAX(amount) OVER (with_this_partition ROWS 3 PRECEDING EXCLUDE CURRENT ROW) AS largest_of_three,
  MIN(amount) OVER (ROWS 3 PRECEDING)                  AS smallest_of_four,
  scoring.channel
FROM txn
WINDOW with_this_partition AS (PARTITION BY customer_id ORDER BY event_time),
  with_this AS (with_this_partition RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)
