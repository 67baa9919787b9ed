SELECT COUNT(DISTINCT "Order No") OVER all_time AS orders, LAST("Note") OVER all_time AS mixed_case,
  LAST(NOTE) OVER all_time AS upper_case, LAST("group") OVER all_time AS reserved, SUM(AMOUNT) FILTER (WHERE Ok) OVER LAST_30D AS Spend
FROM TXN AS "my table" WHERE "my table".qty > 1
