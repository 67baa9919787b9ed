SELECT DATE_TRUNC('fortnight', AS_OF()) AS d
FROM txn
