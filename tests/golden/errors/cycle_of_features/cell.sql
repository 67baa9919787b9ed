SELECT
  b + 1 AS a,
  c + 1 AS b,
  a + 1 AS c
FROM txn
