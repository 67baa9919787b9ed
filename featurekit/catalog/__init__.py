"""meaning gets a name and a version: append-only records."""
