SELECT ROUND(scoring.amount, scoring.qty) AS r
FROM txn
