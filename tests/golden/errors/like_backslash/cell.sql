SELECT scoring.channel LIKE '100\%' AS whole
FROM txn
