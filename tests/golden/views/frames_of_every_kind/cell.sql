SELECT
  SUM(amount) OVER (ORDER BY event_time)                                               AS ever,
  SUM(amount) OVER (PARTITION BY customer_id ORDER BY event_time
    RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW)                         AS days,
  SUM(amount) OVER (RANGE INTERVAL 90 SECONDS PRECEDING)                               AS seconds,
  SUM(amount) OVER (RANGE BETWEEN INTERVAL '2 hours' PRECEDING
    AND INTERVAL '1' HOUR PRECEDING)                                                   AS behind,
  SUM(amount) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1' WEEK PRECEDING) AS old,
  SUM(amount) OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW EXCLUDE NO OTHERS)        AS three,
  SUM(amount) OVER (ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING)                          AS four_before,
  SUM(amount) OVER (ROWS UNBOUNDED PRECEDING)                                          AS every_row,
  COUNT(*) OVER recent                                                                 AS n,
  COUNT(*) OVER (whole ORDER BY event_time ROWS 2 PRECEDING)                           AS up_to_two
FROM txn
WINDOW whole AS (PARTITION BY customer_id), recent AS (last_7d)
