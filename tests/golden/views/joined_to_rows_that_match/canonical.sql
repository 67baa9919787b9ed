SELECT
  COUNT(*) FILTER (WHERE merchants.merchant_id IS NOT NULL AND ok) OVER last_30d AS n
FROM txn
LEFT JOIN merchants ON merchants.merchant_id = txn.merchant_id
