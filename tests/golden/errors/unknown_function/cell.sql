SELECT LEVENSHTEN(scoring.channel, 'web') AS d
FROM txn
