SELECT COUNT(*) FILTER (WHERE event_time < AS_OF()) OVER last_30d AS s
FROM txn
