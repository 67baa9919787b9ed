"""What works on any type: COALESCE, NULLIF, GREATEST, LEAST, IS NULL, IN."""
