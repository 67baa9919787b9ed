"""Three-valued logic and comparison."""
