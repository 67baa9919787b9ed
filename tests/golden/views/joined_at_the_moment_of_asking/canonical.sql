SELECT
  COUNT(*) FILTER (WHERE merchants_2.kind = 'food') OVER last_30d AS food_today,
  COUNT(*) FILTER (WHERE merchants_2.kind <> merchants.kind) OVER last_30d AS changed_since
FROM txn
LEFT JOIN merchants ON merchants.merchant_id = txn.merchant_id
LEFT JOIN merchants AS merchants_2 AS OF REQUEST ON merchants_2.merchant_id = txn.merchant_id
