SELECT kind, basket * fee AS cost, r.rate
FROM order_now AS o
LEFT JOIN merchants ON merchants.merchant_id = o.merchant_id
LEFT JOIN regions r ON merchants.region_id = r.region_id
