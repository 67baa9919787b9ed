WITH recent AS (SELECT * FROM txn)
SELECT COUNT(*) OVER last_30d AS n
FROM recent
