SELECT ELAPSED('day', scoring.sent, now()) AS age
FROM txn
