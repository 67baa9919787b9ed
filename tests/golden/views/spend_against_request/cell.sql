SELECT
  scoring.amount / NULLIF(AVG(amount) OVER last_30d, 0) AS amount_to_mean,
  scoring.channel = LAST(status) OVER all_time AS same, os AS system, hour(as_of()) AS asked_hour
FROM txn
