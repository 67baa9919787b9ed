SELECT FIRST_VALUE(amount) OVER (ORDER BY event_time) AS x
FROM txn
