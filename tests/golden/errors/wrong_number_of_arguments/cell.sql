SELECT ABS(scoring.amount, 2) AS a
FROM txn
