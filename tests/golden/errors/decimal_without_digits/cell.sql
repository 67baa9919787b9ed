SELECT CAST(scoring.channel AS DECIMAL) AS d
FROM txn
