SELECT COALESCE(scoring.channel, scoring.flag) AS x
FROM txn
