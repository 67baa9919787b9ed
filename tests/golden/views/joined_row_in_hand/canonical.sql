SELECT
  merchants.kind AS kind,
  merchants.fee / NULLIF(txn.amount, 0.0) AS share,
  SUM(merchants.fee) OVER (RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) AS fees_with_this,
  AVG(merchants.fee) OVER last_30d AS usual_fee
FROM txn
LEFT JOIN merchants AS OF REQUEST ON merchants.merchant_id = txn.merchant_id
