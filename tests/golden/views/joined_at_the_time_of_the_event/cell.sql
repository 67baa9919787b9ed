SELECT
  SUM(t.amount) FILTER (WHERE m.kind = 'food') OVER last_30d        AS food_30d,
  COUNT(DISTINCT kind) OVER last_30d                                AS kinds,
  MAX(rate) OVER all_time                                           AS highest_rate,
  AVG(t.amount * (1 - discount)) OVER last_7d                       AS paid
FROM txn AS t
LEFT JOIN merchants AS m ON t.merchant_id = m.merchant_id
LEFT JOIN regions USING (region_id)
LEFT OUTER JOIN terms d ON (d.merchant_id = t.merchant_id AND t.customer_id = d.customer_id)
WHERE m.fee < 5
