SELECT NULL AS nothing
FROM txn
