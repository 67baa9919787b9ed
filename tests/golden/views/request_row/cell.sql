SELECT amount, amount * qty AS total, qty // 2 AS half, qty % 3 AS third, -amount AS minus,
  amount - (qty - 1) AS a1, amount - qty - 1 AS a2, (amount + qty) * 2 AS a3, - (-3) AS three,
  channel || '-' || UPPER(TRIM(channel)) AS label, CONCAT(channel, 'x', NULL) AS joined,
  CASE WHEN flag THEN 1 WHEN qty > 2 THEN 2.5 END AS branch, CASE qty WHEN 1 THEN 'one' ELSE 'many' END AS word,
  IF(flag, NULL, price) AS maybe, qty IN (1, 2, 3) AS few, qty NOT IN (1) AS other, NOT flag AS off,
  amount BETWEEN 1 AND qty AS inside, flag AND qty > 1 OR NOT (flag OR qty < 2) AS logic,
  price + 1 AS p1, price * price AS p2, price / 3 AS p3, CAST(amount AS DECIMAL(12, 2)) AS rounded,
  channel::BIGINT AS n, TRY_CAST(channel AS DATE) AS d, CAST(NULL AS BIGINT) AS nothing,
  GREATEST(amount, qty, 3) AS most, ROUND(amount, 2) AS cents, asked_on + INTERVAL 3 DAYS AS later,
  sent - INTERVAL (qty) HOUR AS before, EXTRACT(isodow FROM sent AT TIME ZONE 'Europe/London') AS weekday,
  DATE_TRUNC('month', asked_on) AS month, DAYS_BETWEEN(asked_on, DATE '2024-02-29') AS apart,
  sent < TIMESTAMP '2024-02-29 10:00:00+02:00' AS early, asked_on = sent AS midnight,
  channel IS DISTINCT FROM 'web' AS elsewhere, flag IS TRUE AS sure, 'it''s' AS quoted
FROM scoring
