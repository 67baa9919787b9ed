SELECT
  CASE WHEN scoring.flag THEN 1 ELSE 'no' END AS x
FROM txn
