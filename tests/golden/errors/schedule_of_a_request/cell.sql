SELECT amount FROM scoring
