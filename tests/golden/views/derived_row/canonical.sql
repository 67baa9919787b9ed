SELECT
  basket.twice + 1.0 AS more
FROM basket@draft
