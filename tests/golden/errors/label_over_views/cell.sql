SELECT spend_30d AS n
FROM spend
