SELECT kind FROM order_now
JOIN merchants USING (merchant_id)
