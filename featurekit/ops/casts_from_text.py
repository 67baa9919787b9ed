"""Casts from VARCHAR by fixed ASCII grammars, outer spaces dropped; what does not parse is null.

Engines' own casts read '1e3', '0x1F' or '2024/02/29' each as it pleases, so that every cast first
asks a regular expression. Only spaces are dropped: a tab or a line break makes the text unreadable.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from featurekit.ops.casts import decimal_of
from featurekit.ops.decimals import EXACT, of_units
from featurekit.ops.operator import ConstantInt, operator

INTEGER_TEXT = re.compile(r"[+-]?[0-9]{1,30}")
DECIMAL_TEXT = re.compile(r"[+-]?([0-9]{1,38}([.][0-9]*)?|[.][0-9]+)")
DOUBLE_TEXT = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,4})?")
DAY_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT_TEXT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[ T]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.]([0-9]{1,9}))?)?"
    r"(?:Z|([+-])(0[0-9]|1[0-4]):?([0-5][0-9])?)?)?"
)

_TEXT = "trim({a}, ' ')"


def _fits(pattern: re.Pattern[str]) -> str:
    """Spell that the whole text fits the grammar; braces are doubled for the template."""
    doubled = pattern.pattern.replace("{", "{{").replace("}", "}}")
    return f"regexp_full_match({_TEXT}, '{doubled}')"


def _trimmed(a: Any, pattern: re.Pattern[str], pl: Any) -> Any:
    """Return the text without outer spaces where it fits the grammar, else null."""
    text = a.str.strip_chars(" ")
    return pl.when(text.str.contains(f"^(?:{pattern.pattern})$")).then(text)


@operator(
    "CAST BIGINT",
    polars=lambda pl, a: (
        _trimmed(a, INTEGER_TEXT, pl).str.strip_prefix("+").cast(pl.Int128, strict=False)
    ).cast(pl.Int64, strict=False),
    sql=f"CASE WHEN {_fits(INTEGER_TEXT)} THEN TRY_CAST({_TEXT} AS BIGINT) END",
)
def text_to_bigint(a: str) -> int | None:
    """Return the integer that the text spells: digits with or without a sign, at most 30.

    Cases:
        text_to_bigint(" 42 ") = 42
        text_to_bigint("-007") = -7
        text_to_bigint("4.5") = null
        text_to_bigint("1e3") = null
        text_to_bigint("9223372036854775808") = null
        text_to_bigint(null) = null
    """
    text = a.strip(" ")
    if not INTEGER_TEXT.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


@operator(
    "CAST DOUBLE",
    polars=lambda pl, a: _trimmed(a, DOUBLE_TEXT, pl).cast(pl.Float64, strict=False),
    sql=f"CASE WHEN {_fits(DOUBLE_TEXT)} THEN TRY_CAST({_TEXT} AS DOUBLE) END",
)
def text_to_double(a: str) -> float | None:
    """Return the double nearest to the decimal number that the text spells.

    Digits, a point, an exponent; no NaN, no infinity by name, though 1e400 is too large to be
    another.

    Cases:
        text_to_double(" 1.5e3 ") = 1500.0
        text_to_double(".5") = 0.5
        text_to_double("1e400") = inf
        text_to_double("nan") = null
        text_to_double("1_000") = null
        text_to_double(null) = null
    """
    text = a.strip(" ")
    return float(text) if DOUBLE_TEXT.fullmatch(text) else None


def _text_units(pl: Any, a: Any, scale: int, result: Any) -> Any:
    """Count the units of the last place by the digits themselves: polars' cast drops places."""
    text = _trimmed(a, DECIMAL_TEXT, pl)
    whole = text.str.extract("^[+-]?([0-9]*)", 1)
    places = text.str.extract("[.]([0-9]*)$", 1).fill_null("").str.pad_end(scale + 1, "0")
    digits = pl.concat_str(pl.lit("0"), whole, places.str.slice(0, scale))
    counted = digits.cast(pl.Int128, strict=False)
    up = places.str.slice(scale, 1).cast(pl.Int128, strict=False) >= 5
    size = counted + up.cast(pl.Int128)
    return of_units(pl, pl.when(text.str.starts_with("-")).then(0 - size).otherwise(size), result)


@operator(
    "CAST DECIMAL",
    polars=lambda pl, a, precision, scale, *, result: _text_units(pl, a, scale, result),
    sql=f"CASE WHEN {_fits(DECIMAL_TEXT)} THEN TRY_CAST({_TEXT} AS {{type}}) END",
    result=decimal_of,
)
def text_to_decimal(a: str, precision: ConstantInt, scale: ConstantInt) -> Decimal | None:
    """Return the DECIMAL that the text spells, halves away from zero; null where it is too long.

    Digits and a point; no exponent.

    Cases:
        text_to_decimal(" 1.005 ", 10, 2) = DECIMAL "1.01"
        text_to_decimal("-1.0049999999999999999999999999", 10, 2) = DECIMAL "-1.00"
        text_to_decimal("-.001", 10, 2) = DECIMAL "0.00"
        text_to_decimal("99999999.995", 10, 2) = null
        text_to_decimal("1e3", 10, 2) = null
        text_to_decimal(null, 10, 2) = null
    """
    text = a.strip(" ")
    if not DECIMAL_TEXT.fullmatch(text):
        return None
    rounded = Decimal(text).quantize(Decimal((0, (1,), -scale)), ROUND_HALF_UP, EXACT)
    return EXACT.plus(rounded) if rounded.adjusted() < precision - scale else None


TRUE_WORDS = "true", "t", "yes", "1"
FALSE_WORDS = "false", "f", "no", "0"


@operator(
    "CAST BOOLEAN",
    polars=lambda pl, a: (
        pl.when(a.str.strip_chars(" ").str.to_lowercase().is_in(TRUE_WORDS))
        .then(pl.lit(value=True))
        .when(a.str.strip_chars(" ").str.to_lowercase().is_in(FALSE_WORDS))
        .then(pl.lit(value=False))
    ),
    sql=(
        f"CASE WHEN lower({_TEXT}) IN {TRUE_WORDS} THEN TRUE "
        f"WHEN lower({_TEXT}) IN {FALSE_WORDS} THEN FALSE END"
    ),
)
def text_to_boolean(a: str) -> bool | None:
    """Return true for true, t, yes, 1 and false for false, f, no, 0, in any case; else null.

    Cases:
        text_to_boolean(" TRUE ") = true
        text_to_boolean("no") = false
        text_to_boolean("on") = null
        text_to_boolean(null) = null
    """
    word = a.strip(" ").lower()
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None


@operator(
    "CAST DATE",
    polars=lambda pl, a: _day(pl, _trimmed(a, DAY_TEXT, pl)),
    sql=(
        f"CASE WHEN {_fits(DAY_TEXT)} AND NOT starts_with({_TEXT}, '0000') "
        f"THEN TRY_CAST({_TEXT} AS DATE) END"
    ),
)
def text_to_date(a: str) -> dt.date | None:
    """Return the day that the text spells as YYYY-MM-DD; null where there is no such day.

    Cases:
        text_to_date(" 2024-02-29 ") = DATE "2024-02-29"
        text_to_date("2023-02-29") = null
        text_to_date("2024/02/29") = null
        text_to_date("0000-01-01") = null
        text_to_date(null) = null
    """
    text = a.strip(" ")
    if not DAY_TEXT.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _day(pl: Any, text: Any) -> Any:
    read = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(~text.str.starts_with("0000")).then(read)


_SECOND = 1_000_000
_FIRST, _LAST = -62_135_596_800 * _SECOND, 253_402_300_800 * _SECOND - 1


def _moment(pl: Any, a: Any) -> Any:
    """Add up the microseconds of the parts: polars reads whole columns in one format only."""
    text = _trimmed(a, MOMENT_TEXT, pl)
    parts = text.str.extract_groups(MOMENT_TEXT.pattern)

    def part(place: int) -> Any:
        return parts.struct.field(str(place))

    def number(place: int) -> Any:
        return part(place).cast(pl.Int64, strict=False).fill_null(0)

    days = _day(pl, part(1)).to_physical().cast(pl.Int64)
    minutes = days * 1440 + number(2) * 60 + number(3)
    offset = number(7) * 60 + number(8)
    minutes = pl.when(part(6) == "-").then(minutes + offset).otherwise(minutes - offset)
    fraction = (
        part(5).fill_null("").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False)
    )
    total = (minutes * 60 + number(4)) * _SECOND + fraction
    return pl.when(total.is_between(_FIRST, _LAST)).then(total).cast(pl.Datetime("us", "UTC"))


def _moment_sql() -> str:
    doubled = MOMENT_TEXT.pattern.replace("{", "{{").replace("}", "}}")

    def part(place: int) -> str:
        return f"regexp_extract({_TEXT}, '{doubled}', {place})"

    def number(place: int) -> str:
        return f"COALESCE(TRY_CAST({part(place)} AS BIGINT), 0)"

    days = f"CASE WHEN NOT starts_with({_TEXT}, '0000') THEN TRY_CAST({part(1)} AS DATE) END"
    offset = (
        f"CASE WHEN {part(6)} = '-' THEN -60000000 ELSE 60000000 END "
        f"* ({number(7)} * 60 + {number(8)})"
    )
    clock = f"(({number(2)} * 60 + {number(3)}) * 60 + {number(4)}) * 1000000"
    fraction = f"CAST(rpad({part(5)}, 6, '0') AS BIGINT)"
    total = f"epoch_us({days}) + {clock} + {fraction} - {offset}"
    kept = f"list_filter([{total}], lambda x: x BETWEEN {_FIRST} AND {_LAST})[1]"
    return f"CASE WHEN {_fits(MOMENT_TEXT)} THEN make_timestamp({kept}) END"


@operator("CAST TIMESTAMP", polars=_moment, sql=_moment_sql())
def text_to_timestamp(a: str) -> dt.datetime | None:
    """Return the instant that the text spells by ISO 8601; UTC where it names no offset.

    YYYY-MM-DD, then perhaps a space or T and HH:MM, :SS, a fraction (of which microseconds count),
    and Z or an offset of at most 14 hours.

    Cases:
        text_to_timestamp("2024-02-29T10:00:00Z") = TIMESTAMP "2024-02-29T10:00:00Z"
        text_to_timestamp("2024-02-29 05:30:00.5+05:30") = TIMESTAMP "2024-02-29T00:00:00.5Z"
        text_to_timestamp("1970-01-01T00:00:00.0000019") = TIMESTAMP "1970-01-01T00:00:00.000001Z"
        text_to_timestamp("2024-02-29T10:00-0800") = TIMESTAMP "2024-02-29T18:00:00Z"
        text_to_timestamp("2024-02-29") = TIMESTAMP "2024-02-29T00:00:00Z"
        text_to_timestamp("2024-02-29 24:00:00") = null
        text_to_timestamp("0001-01-01T00:00:00+01:00") = null
        text_to_timestamp(null) = null
    """
    found = MOMENT_TEXT.fullmatch(a.strip(" "))
    if found is None:
        return None
    day, hour, minute, second, fraction, sign, ahead, past = found.groups("0")
    offset = dt.timedelta(hours=int(ahead), minutes=int(past))
    clock = dt.timedelta(
        hours=int(hour),
        minutes=int(minute),
        seconds=int(second),
        microseconds=int(fraction.ljust(6, "0")[:6]),
    )
    try:
        midnight = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC)
        return midnight + (clock + offset if sign == "-" else clock - offset)
    except (ValueError, OverflowError):
        return None
