SELECT JARO_WINKLER(scoring.channel, 'web') AS d
FROM txn
