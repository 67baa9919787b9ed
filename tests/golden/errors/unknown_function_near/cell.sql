SELECT UPPR(scoring.channel) AS u
FROM txn
