SELECT (SELECT MAX(amount) FROM txn) AS largest
FROM txn
