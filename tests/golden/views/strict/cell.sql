SELECT amount / qty AS each, LN(amount) AS log_amount FROM scoring
