"""The values that engines are known to disagree on, by type: drawn from in every run."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from featurekit.datatypes import BIGINT_MAX, BIGINT_MIN, DataType, Kind

NAN, INF = float("nan"), float("inf")

BIGINTS = [
    *(0, 1, -1, 2, -2, 3, 7, -7, 10, 64, 100, -100, 1999, 2024),
    *(2**31, -(2**31), 2**31 - 1, 2**53, 2**53 + 1, 2**53 - 1, -(2**53) - 1),
    *(3037000500, -3037000500, BIGINT_MAX, BIGINT_MIN, BIGINT_MAX - 1, BIGINT_MIN + 1),
]
DOUBLES = [
    *(0.0, -0.0, 0.1, 0.2, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, 2.5, -2.5, 3.5, 7.5, -7.5),
    *(1.005, 2.675, 0.49999999999999994, -0.49999999999999994, 10.0, 100.0, 1e15 + 0.5, 1e16),
    *(2.0**52, 2.0**52 + 1, 2.0**53, 2.0**63, -(2.0**63), 9223372036854774784.0, 1e19, -1e19),
    *(5e-324, -5e-324, sys.float_info.min, 1e-308, 1e-16, 1e308, -1e308, sys.float_info.max),
    *(709.0, 710.0, -745.0, -746.0, math.pi, NAN, INF, -INF),
]
TEXTS = [
    *("", " ", "a", "A", "b", "abc", " a ", "  abc", "abc  ", "\t", "\n", "a\n", "\ta", "a\nb"),
    *(
        "\u00a0a\u00a0",
        "\u2003a",
        "ß",
        "straße",
        "İ",
        "\u0131",
        "é",
        "e\u0301",
        "ﬁ",
        "Σ",
        "ΣΑΣ",
        "ς",
    ),
    *("😀", "👩‍👩‍👧", "a😀b", "\uffff", "𐐀", "x" * 1000, "ab,cd", "ab,cd,", ",", "%", "_", "a%b"),
    *("\\", "'", '"', "''", "'; DROP TABLE t; --", "{a}", "{0}", "$1", "\\1", "<b>", "__import__"),
    *("0", "1", "-1", "+1", "007", "1.5", "4.5", "-0", "-0.0", ".5", "5.", ".", "+", "-", "1e3"),
    *("1E-3", "1e400", "-1e400", "1e-400", "1_000", "0x1F", "1,5", " 42 ", "\t42", "1 2", "٣"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" * 30, "1" * 40),
    *("0.1", "2.675", "1.005", "123456789012345678901234567890.5", "nan", "NaN", "inf", "Infinity"),
    *("true", "TRUE", "t", "f", "false", "yes", "no", "y", "n", "on", "off", "tRuE", " true "),
    *("2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "10000-01-01"),
    *("2024-13-01", "2024-1-1", "20240229", "2024/02/29", " 2024-02-29 ", "-2024-01-01"),
    *("2024-02-29 10:00:00", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00.123456789Z"),
    *("2024-02-29T10:00:00+05:30", "2024-02-29T10:00:00.5-0800", "2024-02-29 24:00:00"),
    *("2024-02-29T10:00", "2024-02-29 23:59:60", "0001-01-01T00:00:00+01:00", "epoch", "now"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-01:00", "2024-02-29T10:00:00+24:00"),
]
DATES = [
    dt.date.fromisoformat(day)
    for day in (
        *("1970-01-01", "1969-12-31", "1900-01-01", "1900-02-28", "1900-03-01", "0001-01-01"),
        *("9999-12-31", "2000-02-29", "2023-12-31", "2024-01-01", "2024-01-31", "2024-02-28"),
        *("2024-02-29", "2024-03-01", "2024-03-31", "2024-06-30", "2024-12-29", "2024-12-30"),
        *("2024-12-31", "2025-01-01", "2020-12-31", "2021-01-03", "2021-01-04", "2015-12-31"),
        *("1883-11-18", "2026-11-20"),
    )
]
TIMESTAMPS = [
    dt.datetime.fromisoformat(f"{moment}+00:00")
    for moment in (
        *("1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "1970-01-01T00:00:00.000001"),
        *("1900-01-01T00:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"),
        *("2000-02-29T12:34:56.789", "2024-02-29T00:00:00", "2024-02-29T23:59:59.999999"),
        *("2024-12-31T23:59:59.5", "2025-01-01T00:00:00", "2020-12-31T12:00:00"),
        # New York: the hour that does not exist and the one that comes twice, with neighbours
        *("2024-03-10T01:59:59.999999", "2024-03-10T02:00:00", "2024-03-10T02:30:00"),
        *("2024-03-10T03:00:00", "2024-03-10T06:59:59.999999", "2024-03-10T07:00:00"),
        *("2024-11-03T00:59:59.999999", "2024-11-03T01:00:00", "2024-11-03T01:30:00"),
        *("2024-11-03T02:00:00", "2024-11-03T05:30:00", "2024-11-03T06:30:00"),
        # Lord Howe Island moves its clock by 30 minutes
        *("2024-10-06T02:15:00", "2024-04-07T01:45:00", "2024-10-05T15:30:00"),
        *("2024-01-15T00:00:00.000001", "2024-01-14T23:59:59.999999", "2024-01-15T10:30:15.123456"),
    )
]


def decimals(precision: int, scale: int) -> list[Decimal]:
    """Return decimals at the edges of DECIMAL(precision, scale), at exactly that scale."""
    most = 10**precision - 1
    whole = (0, 1, -1, 5, -5, 15, 25, -25, 49, 50, 51, 99, 100, 250, -250, 12345, most, -most)
    fixed = [scaled(c, scale) for c in whole]
    half = [scaled(c, scale) for c in (most // 2, -(most // 3), 10 ** (precision - 1))]
    return [c for c in (*fixed, *half) if len(c.as_tuple().digits) <= precision]


def values(kind: DataType) -> list[Any]:
    """Return null and the adversarial values of ``kind``."""
    match kind.kind:
        case Kind.BOOLEAN:
            return [None, True, False]
        case Kind.BIGINT:
            return [None, *BIGINTS]
        case Kind.DOUBLE:
            return [None, *DOUBLES]
        case Kind.DECIMAL:
            return [None, *decimals(kind.precision, kind.scale)]
        case Kind.VARCHAR:
            return [None, *TEXTS]
        case Kind.DATE:
            return [None, *DATES]
        case Kind.TIMESTAMP:
            return [None, *TIMESTAMPS]
    raise AssertionError(kind)


def rows(kinds: Sequence[DataType], *, most: int = 4000, seed: int = 7) -> list[tuple[Any, ...]]:
    """Return the cross product of the adversarial values, or a seeded sample of ``most`` rows.

    A sample still holds every value of every column at least once.
    """
    columns = [values(kind) for kind in kinds]
    if math.prod(map(len, columns)) <= most:
        return list(itertools.product(*columns))
    chance = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    drawn = [tuple(chance.choice(column) for column in columns) for _ in range(most)]
    for place, column in enumerate(columns):
        for value in column:
            row = [chance.choice(other) for other in columns]
            row[place] = value
            drawn.append(tuple(row))
    return drawn


def strategy(kind: DataType) -> st.SearchStrategy[Any]:
    """Return hypothesis' values of ``kind``, null included."""
    made: st.SearchStrategy[Any]
    match kind.kind:
        case Kind.BOOLEAN:
            made = st.booleans()
        case Kind.BIGINT:
            made = st.integers(BIGINT_MIN, BIGINT_MAX) | st.integers(-50, 50)
        case Kind.DOUBLE:
            made = st.floats() | st.decimals(-1000, 1000, places=3).map(float)
        case Kind.DECIMAL:
            most = 10**kind.precision - 1
            coefficients = st.integers(-most, most) | st.integers(-min(999, most), min(999, most))
            made = coefficients.map(lambda c: scaled(c, kind.scale))
        case Kind.VARCHAR:
            alphabet = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
            plain = st.text("abAB 019.,-+:%_\n", max_size=8)
            made = st.text(alphabet, max_size=8) | plain
        case Kind.DATE:
            made = st.dates()
        case Kind.TIMESTAMP:
            made = st.datetimes(timezones=st.just(dt.UTC), allow_imaginary=False)
        case _:
            raise AssertionError(kind)
    return st.none() | made | st.sampled_from(values(kind))


def scaled(coefficient: int, scale: int) -> Decimal:
    """Return coefficient / 10**scale, exactly and with ``scale`` places."""
    digits = tuple(int(d) for d in str(abs(coefficient)))
    return Decimal((int(coefficient < 0), digits, -scale))
