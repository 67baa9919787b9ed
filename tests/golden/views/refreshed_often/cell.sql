SELECT country, LAST(age) OVER all_time AS age FROM customers
