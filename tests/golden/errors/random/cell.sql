SELECT random() AS r
FROM txn
