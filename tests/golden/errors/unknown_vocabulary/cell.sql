SELECT VOCAB(scoring.channel, contry) AS c
FROM txn
