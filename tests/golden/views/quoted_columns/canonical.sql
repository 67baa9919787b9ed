SELECT
  COUNT(DISTINCT "Order No") FILTER (WHERE qty > 1) OVER all_time AS orders,
  LAST(Note) FILTER (WHERE qty > 1) OVER all_time AS mixed_case,
  LAST(NOTE) FILTER (WHERE qty > 1) OVER all_time AS upper_case,
  LAST("group") FILTER (WHERE qty > 1) OVER all_time AS reserved,
  SUM(amount) FILTER (WHERE qty > 1 AND ok) OVER last_30d AS spend
FROM txn
