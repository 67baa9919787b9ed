SELECT more + 1 AS total
