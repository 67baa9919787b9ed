"""Dates and instants; all instants are UTC."""
