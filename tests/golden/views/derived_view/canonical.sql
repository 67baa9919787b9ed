SELECT
  spend.total / profile.n AS ratio,
  profile.country AS country,
  spend.n + 1 AS m,
  scoring.amount AS a
FROM spend@1.0, profile@2.1
