SELECT total + 1 AS more
