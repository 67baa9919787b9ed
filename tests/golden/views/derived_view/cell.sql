SELECT spend.total / profile.n AS ratio, country, spend.n + 1 AS m, scoring.amount AS a
