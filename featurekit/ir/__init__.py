"""The sentences: typed expressions, windows, views, and their canonical form."""
