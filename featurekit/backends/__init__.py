"""meaning becomes something that runs."""
