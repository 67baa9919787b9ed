"""Random expressions in polars over the shop of ``front_scope``, as an author would type them."""

from __future__ import annotations

import random
from collections.abc import Callable

Columns = dict[str, tuple[str, ...]]
EVENTS: Columns = {
    "int": ('pl.col("qty")',),
    "float": ('pl.col("amount")',),
    "decimal": ('pl.col("price")',),
    "text": ('pl.col("status")', 'pl.col("Note")', 'pl.col("group")'),
    "bool": ('pl.col("ok")',),
    "date": ('pl.col("day")',),
    "time": ('pl.col("event_time")',),
}
REQUESTS: Columns = {
    "int": ('pl.col("qty")',),
    "float": ('pl.col("amount")',),
    "decimal": ('pl.col("price")',),
    "text": ('pl.col("channel")',),
    "bool": ('pl.col("flag")',),
    "date": ('pl.col("asked_on")',),
    "time": ('pl.col("sent")',),
}
LITERALS = {
    "int": ("0", "1", "-2", "3", "7", "100"),
    "float": ("0.5", "2.5", "-1.0", "1000000.0"),
    "text": ('pl.lit("a")', 'pl.lit("")', 'pl.lit("Ab")', 'pl.lit("ß")'),
    "bool": ("pl.lit(True)", "pl.lit(False)"),
    "date": ("pl.lit(date(2024, 2, 29))",),
    "time": ("pl.lit(datetime(2024, 2, 29, 12, tzinfo=timezone.utc))",),
}
SCALARS: dict[str, tuple[str, ...]] = {
    "int": (
        *("({int} + {int})", "({int} - {int})", "({int} * {int})", "({int} // {int})"),
        *("({int} % {int})", "(-{int})", "{int}.abs()", "{int}.sign()", "{int}.fill_null({Int})"),
        *("{int}.clip({Int}, 50)", "{int}.clip({Int})", "{int}.clip(upper_bound={Int})"),
        *("pl.max_horizontal({int}, {int})", "pl.min_horizontal({int}, {int})"),
        *("pl.sum_horizontal({int}, {int})", "pl.coalesce({int}, {int})"),
        *("pl.when({bool}).then({int}).otherwise({int})", "{text}.str.len_chars()"),
        *("{float}.cast(pl.Int64)", "{bool}.cast(pl.Int64)", "{time}.dt.hour()"),
        *("{time}.dt.weekday()", "{date}.dt.month()", "{date}.dt.ordinal_day()"),
        *("({time} - {time}).dt.total_hours()", "({date} - {date}).dt.total_days()"),
        *("({int} ** 2)", "{time}.dt.week()", "{date}.dt.quarter()"),
    ),
    "float": (
        *("({float} + {float})", "({float} - {int})", "({float} * {int})", "({float} / {float})"),
        *("({int} / {int})", "({float} // {Float})", "({float} % {Float})", "(-{float})"),
        *("{float}.abs()", "{float}.sqrt()", "{float}.log()", "{float}.log1p()", "{float}.exp()"),
        *("{float}.floor()", "{float}.ceil()", "{float}.sin()", "{int}.cast(pl.Float64)"),
        *('{float}.round(1, mode="half_away_from_zero")', "{float}.fill_null({Float})"),
        *("{float}.fill_nan({Float})", "{float}.clip({Float}, 99.5)", "{float}.clip({Float})"),
        *("{float}.clip(upper_bound={Float})", "pl.max_horizontal({float}, {float})"),
        *("pl.min_horizontal({float}, {float})", "pl.coalesce({float}, {int})"),
        *("pl.when({bool}).then({float})", "({float} ** 2)", "{decimal}.cast(pl.Float64)"),
    ),
    "decimal": ("({decimal} + {decimal})", "(-{decimal})", "{decimal}.abs()", "({decimal} * 2)"),
    "text": (
        *("({text} + {text})", "{text}.str.slice(1, 2)", "{text}.str.head(2)"),
        *("{text}.str.tail(2)", '{text}.str.strip_chars(" ")', '{text}.str.pad_start(3, "0")'),
        *('{text}.str.replace_all("a", "bb", literal=True)', "{text}.fill_null({Text})"),
        *('pl.concat_str({text}, {text}, separator="-")', "{int}.cast(pl.String)"),
        *("pl.when({bool}).then({text}).otherwise({text})", "{date}.cast(pl.String)"),
        *('{text}.str.extract("([a-z]+)", 1)', "{text}.str.slice(-2)"),
    ),
    "bool": (
        *("({int} > {int})", "({float} <= {int})", "({text} == {text})", "({text} < {text})"),
        *("({bool} & {bool})", "({bool} | {bool})", "(~{bool})", "({bool} ^ {bool})"),
        *("{int}.is_in([1, 7, None])", '{text}.is_in(["a", "Ab"])', "{float}.is_nan()"),
        *("{float}.is_finite()", "{int}.is_null()", "{text}.is_not_null()"),
        *("{float}.is_between({Float}, {Float})", "{int}.eq_missing({int})"),
        *('{text}.str.contains("a", literal=True)', '{text}.str.contains("^[a-z]+$")'),
        *('{text}.str.starts_with("A")', "({date} < {date})", "({time} >= {time})"),
        *("({decimal} > 1)", "({float} != {float})", "{text}.ne_missing({text})"),
    ),
    "date": ("{time}.dt.date()", '{date}.dt.truncate("1mo")', '{date}.dt.offset_by("-1mo")'),
    "time": (
        *('{time}.dt.truncate("1w")', "({time} + pl.duration(hours=5))"),
        *('{time}.dt.offset_by("1d")', '{date}.cast(pl.Datetime("us", "UTC"))'),
    ),
}
AGGREGATES = {
    "float": (
        *("{float}.sum()", "{float}.mean()", "{int}.mean()", "{float}.min()", "{float}.max()"),
        *("{float}.std()", "{int}.var(ddof=0)", "{float}.median()", "{bool}.mean()"),
        *('{int}.quantile(0.25, interpolation="linear")', "{float}.drop_nulls().last()"),
        *("{float}.drop_nans().sum()", "{float}.filter({bool}).max()", "{decimal}.mean()"),
    ),
    "int": (
        *("{int}.sum()", "{int}.max()", "{int}.min()", "{int}.count()", "pl.len()"),
        *("{text}.n_unique()", "{float}.n_unique()", "{bool}.sum()", "{int}.null_count()"),
        *("{text}.filter({bool}).n_unique()", "{int}.filter({bool}).sum()"),
        *("{text}.drop_nulls().n_unique()", "{int}.filter({bool}).len()"),
        "{int}.first(ignore_nulls=True)",
    ),
    "decimal": ("{decimal}.sum()", "{decimal}.max()"),
    "text": ("{text}.min()", "{text}.max()", "{text}.drop_nulls().first()"),
    "bool": ("{bool}.any()", "{bool}.all()", "{bool}.max()"),
    "date": ("{date}.max()", "{date}.min()"),
    "time": ("{time}.max()", "{time}.min()"),
}


class Sentences:
    """Draws expressions; ``over`` says whether they aggregate events or ask of a request."""

    def __init__(self, seed: int, *, over: bool) -> None:
        self.chance = random.Random(seed)  # noqa: S311  the same sentences every time
        self.over = over

    def sentence(self) -> str:
        """Return one expression of any type."""
        kind = self.chance.choice(("int", "float", "bool", "text", "float", "decimal", "date"))
        if not self.over:
            return self._scalar(kind, REQUESTS, 3)
        made = self._made(kind, 1, self._aggregate)
        return f'({made}).over("last_30d")'

    def _aggregate(self, kind: str, depth: int) -> str:
        del depth
        pattern = self.chance.choice(AGGREGATES[kind])
        return self._filled(pattern, lambda inner: self._scalar(inner, EVENTS, 1))

    def _scalar(self, kind: str, columns: Columns, depth: int) -> str:
        if depth <= 0 or self.chance.random() < 0.25:
            literal = kind in LITERALS and self.chance.random() < 0.2
            return self.chance.choice(LITERALS[kind] if literal and depth < 1 else columns[kind])
        pattern = self.chance.choice(SCALARS[kind])
        return self._filled(pattern, lambda inner: self._scalar(inner, columns, depth - 1))

    def _made(self, kind: str, depth: int, leaf: Callable[[str, int], str]) -> str:
        if depth <= 0 or self.chance.random() < 0.4:
            return leaf(kind, depth)
        pattern = self.chance.choice(SCALARS[kind])
        return self._filled(pattern, lambda inner: self._made(inner, depth - 1, leaf))

    def _filled(self, pattern: str, part: Callable[[str], str]) -> str:
        """Return ``pattern`` with parts: ``{int}`` an expression, ``{Int}`` a constant."""
        made = pattern
        for kind in SCALARS:
            while f"{{{kind}}}" in made:
                made = made.replace(f"{{{kind}}}", _method_ready(part(kind)), 1)
            while f"{{{kind.title()}}}" in made:
                constant = self.chance.choice(LITERALS[kind])
                made = made.replace(f"{{{kind.title()}}}", constant, 1)
        return made


def _method_ready(text: str) -> str:
    """Return a number as an expression, so that a method may follow it."""
    return f"pl.lit({text})" if text.lstrip("-").replace(".", "").isdigit() else text
