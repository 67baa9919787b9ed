SELECT AS_OF() - scoring.sent AS waited
FROM txn
