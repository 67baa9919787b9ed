SELECT
  kind,
  fee / NULLIF(txn.amount, 0)                                      AS share,
  SUM(fee) OVER (RANGE INTERVAL '1' DAY PRECEDING)                 AS fees_with_this,
  AVG(fee) OVER last_30d                                           AS usual_fee
FROM txn
LEFT JOIN merchants AS OF REQUEST USING (merchant_id)
