SELECT CAST(scoring.amount AS VARCHAR) AS t
FROM txn
