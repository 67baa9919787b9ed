"""Casts between types by fixed grammars; what does not parse is null."""
