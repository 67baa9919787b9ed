"""Spreads in the words of warehouses that have no FILTER, as texts to fill with columns."""

from __future__ import annotations

from collections.abc import Callable

Double = Callable[[str], str]
"""A warehouse's words for a literal of type DOUBLE."""


def spreads(double: Double) -> dict[str, str]:
    """Return the words of every spread, by the name of its aggregate."""
    return {
        "stddev_pop": _of_one(double, "STDDEV_POP", 1),
        "stddev_samp": _of_one(double, "STDDEV_SAMP", 2),
        "var_pop": _of_one(double, "VAR_POP", 1),
        "var_samp": _of_one(double, "VAR_SAMP", 2),
        "covar_pop": _of_two(double, "COVAR_POP", 1),
        "covar_samp": _of_two(double, "COVAR_SAMP", 2),
    }


def _of_one(double: Double, function: str, least: int) -> str:
    """Return a spread; values of 1e150 and more have none (the language says NaN)."""
    small = f"ABS({{x}}) < {double('1e150')}"
    return _unless_wild(double, small, least, f"{function}(CASE WHEN {small} THEN {{x}} END)")


def _of_two(double: Double, function: str, least: int) -> str:
    """Return a spread of two columns, as one column's."""
    small = f"ABS({{x}}) < {double('1e150')} AND ABS({{y}}) < {double('1e150')}"
    both = f"CASE WHEN {small} THEN {{x}} END, CASE WHEN {small} THEN {{y}} END"
    return _unless_wild(double, small, least, f"{function}({both})")


def _unless_wild(double: Double, small: str, least: int, answer: str) -> str:
    """Return ``answer``; NaN where a value that is not ``small`` is among enough of them."""
    return (
        f"CASE WHEN COUNT(CASE WHEN NOT ({small}) THEN 1 END) > 0 AND COUNT({{x}}) >= {least}"
        f" THEN {double('NaN')} ELSE {answer} END"
    )
