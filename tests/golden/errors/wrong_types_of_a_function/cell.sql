SELECT ABS(scoring.channel) AS a
FROM txn
