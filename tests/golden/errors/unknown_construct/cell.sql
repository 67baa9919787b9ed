SELECT scoring.channel ~ 'a+' AS m
FROM txn
