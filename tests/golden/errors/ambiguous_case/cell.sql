SELECT LAST(note) OVER all_time AS c
FROM txn
