SELECT
  scoring.amount + AS a
FROM txn
