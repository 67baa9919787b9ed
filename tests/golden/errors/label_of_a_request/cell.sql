SELECT basket AS n
FROM order_now
