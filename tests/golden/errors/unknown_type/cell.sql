SELECT CAST(scoring.channel AS JSON) AS j
FROM txn
