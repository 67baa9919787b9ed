"""Spreads in the words of warehouses that have no FILTER, as texts to fill with columns."""

from __future__ import annotations

from collections.abc import Callable

Double = Callable[[str], str]
"""A warehouse's words for a literal of type DOUBLE."""


def spread(double: Double, function: str, least: int) -> str:
    """Return a spread; values of 1e150 and more have none (the language says NaN)."""
    small = f"ABS({{x}}) < {double('1e150')}"
    return _unless_wild(double, small, least, f"{function}(CASE WHEN {small} THEN {{x}} END)")


def together(double: Double, function: str) -> str:
    """Return a spread of two columns, as one column's."""
    small = f"ABS({{x}}) < {double('1e150')} AND ABS({{y}}) < {double('1e150')}"
    both = f"CASE WHEN {small} THEN {{x}} END, CASE WHEN {small} THEN {{y}} END"
    least = 2 if function.endswith("SAMP") else 1
    return _unless_wild(double, small, least, f"{function}({both})")


def _unless_wild(double: Double, small: str, least: int, answer: str) -> str:
    """Return ``answer``; NaN where a value that is not ``small`` is among enough of them."""
    return (
        f"CASE WHEN COUNT(CASE WHEN NOT ({small}) THEN 1 END) > 0 AND COUNT({{x}}) >= {least}"
        f" THEN {double('NaN')} ELSE {answer} END"
    )
