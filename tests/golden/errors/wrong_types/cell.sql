SELECT
  scoring.amount
    + scoring.channel AS sum
FROM txn
