SELECT CAST(scoring.channel AS DECIMAL(38, 20)) * CAST(scoring.channel AS DECIMAL(38, 20)) AS d
FROM txn
