SELECT channel
FROM txn
