"""Text, by Unicode code point."""
