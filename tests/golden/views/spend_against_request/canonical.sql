SELECT
  scoring.amount / NULLIF(AVG(amount) OVER last_30d, 0.0) AS amount_to_mean,
  scoring.channel = LAST(status) OVER all_time AS same,
  device.os AS system,
  HOUR(AS_OF()) AS asked_hour
FROM txn
