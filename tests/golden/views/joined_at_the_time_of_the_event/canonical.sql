SELECT
  SUM(txn.amount) FILTER (WHERE merchants.fee < 5.0 AND merchants.kind = 'food') OVER last_30d AS food_30d,
  COUNT(DISTINCT merchants.kind) FILTER (WHERE merchants.fee < 5.0) OVER last_30d AS kinds,
  MAX(regions.rate) FILTER (WHERE merchants.fee < 5.0) OVER all_time AS highest_rate,
  AVG(txn.amount * (1.0 - terms.discount)) FILTER (WHERE merchants.fee < 5.0) OVER last_7d AS paid
FROM txn
LEFT JOIN merchants ON merchants.merchant_id = txn.merchant_id
LEFT JOIN regions ON regions.region_id = merchants.region_id
LEFT JOIN terms ON terms.customer_id = txn.customer_id AND terms.merchant_id = txn.merchant_id
