SELECT RANK() OVER (ORDER BY event_time) AS x
FROM txn
