SELECT
  merchants.kind AS kind,
  basket * merchants.fee AS cost,
  regions.rate AS rate
FROM order_now
LEFT JOIN merchants AS OF REQUEST ON merchants.merchant_id = order_now.merchant_id
LEFT JOIN regions AS OF REQUEST ON regions.region_id = merchants.region_id
