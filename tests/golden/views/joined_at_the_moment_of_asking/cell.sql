SELECT
  COUNT(*) FILTER (WHERE now_.kind = 'food') OVER last_30d         AS food_today,
  COUNT(*) FILTER (WHERE now_.kind <> m.kind) OVER last_30d        AS changed_since
FROM txn
LEFT JOIN merchants m USING (merchant_id)
LEFT JOIN merchants AS now_ AS OF REQUEST ON now_.merchant_id = txn.merchant_id
