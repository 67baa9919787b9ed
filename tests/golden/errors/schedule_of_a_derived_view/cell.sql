SELECT total * 2 AS twice FROM spend@1
