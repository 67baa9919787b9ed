"""Where a value that is bad means something else in polars: null here, as on every target."""

from __future__ import annotations

from collections.abc import Mapping

_LOGARITHM = "a logarithm of 0 or less is -inf or NaN in polars, NULL here"
_CAST = "a value that does not fit stops a strict cast in polars; it is NULL here"

REMARKS: Mapping[str, str] = {
    "div_double": "x / 0 is inf or NaN in polars, NULL here",
    "sqrt": "the root of a negative number is NaN in polars, NULL here",
    **dict.fromkeys(("ln", "log10", "log2", "log1p"), _LOGARITHM),
    **dict.fromkeys(("double_to_bigint", "double_to_decimal", "decimal_to_bigint"), _CAST),
}
