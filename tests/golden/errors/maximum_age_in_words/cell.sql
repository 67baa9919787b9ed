SELECT country FROM customers
