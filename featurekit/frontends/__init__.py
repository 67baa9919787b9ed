"""text becomes meaning: the header, SQL, and back to text."""
