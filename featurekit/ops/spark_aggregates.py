"""Aggregates in Spark's words.

The canonical order is one whole number a row, so the latest row is ``max_by`` of it. What needs
more than one look at the values collects them into an array, which a lambda then reads.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.noise import LEAST, SHARE
from featurekit.ops.spark_numbers import double, named
from featurekit.ops.spark_times import microseconds

_NAN = double("NaN")
_ZERO = double("0")


def _decimal(answer: str, **more: str) -> str:
    """Return an answer about a sum of decimals, null where the sum of their sizes is too long.

    Spark's own ABS and minus round to 34 digits; a minus is taken from the text instead.
    """
    size = "CASE WHEN {x} < 0 THEN CAST(SUBSTR(CAST({x} AS STRING), 2) AS {x_type}) ELSE {x} END"
    return named(
        f"CASE WHEN fk_v.size IS NOT NULL THEN {answer} END",
        total="TRY_SUM({x}) {filter}",
        size=f"TRY_SUM({size}) {{filter}}",
        **more,
    )


def _quantile(q: str) -> str:
    """Return the value at ``q`` of the way, on the line between its two neighbours."""
    line = named(
        "CASE WHEN fk_v.part = 0 OR fk_v.low = fk_v.high THEN fk_v.low"
        f" ELSE fk_v.low * (1 - fk_v.part) + fk_v.high * fk_v.part END + {_ZERO}",
        low="fk_v.v[CAST(FLOOR(fk_v.place) AS INT)]",
        high="fk_v.v[CAST(CEIL(fk_v.place) AS INT)]",
        part="fk_v.place - FLOOR(fk_v.place)",
    )
    between = named(line, v="fk_v.v", place=f"(SIZE(fk_v.v) - 1) * {q}")
    return named(
        f"CASE WHEN SIZE(fk_v.v) > 0 THEN {between} END",
        v="ARRAY_SORT(COLLECT_LIST({x}) {filter})",
    )


def _spread(function: str, least: int) -> str:
    """Return a spread; values of 1e150 and more have none (the language says NaN)."""
    small = f"ABS({{x}}) < {double('1e150')}"
    return (
        f"CASE WHEN COUNT(CASE WHEN NOT ({small}) THEN 1 END) {{filter}} > 0"
        f" AND COUNT({{x}}) {{filter}} >= {least} THEN {_NAN}"
        f" ELSE {function}(CASE WHEN {small} THEN {{x}} END) {{filter}} END"
    )


_SMALL = f"ABS({{x}}) < {double('1e150')} AND ABS({{y}}) < {double('1e150')}"
_X, _Y = (f"CASE WHEN {_SMALL} THEN {{{name}}} END" for name in "xy")


def _unless_noise(together: str, size: str, otherwise: str) -> str:
    """Return zero where ``together`` is smaller than its rounding beside ``size``."""
    noise = f"ABS({together}) < {double(repr(SHARE))} * {size}"
    return f"CASE WHEN {size} > {double(repr(LEAST))} AND {noise} THEN {_ZERO} ELSE {otherwise} END"


def _together(of: str, least: int) -> str:
    """Return a spread of two columns, as one column's."""
    return named(
        f"CASE WHEN fk_v.far > 0 AND fk_v.n >= {least} THEN {_NAN}"
        f" ELSE {_unless_noise('fk_v.c', '(fk_v.x * fk_v.y)', 'fk_v.c')} END",
        far=f"COUNT(CASE WHEN NOT ({_SMALL}) THEN 1 END) {{filter}}",
        n="COUNT({x}) {filter}",
        c=f"COVAR_{of}({_X}, {_Y}) {{filter}}",
        x=f"STDDEV_{of}({_X}) {{filter}}",
        y=f"STDDEV_{of}({_Y}) {{filter}}",
    )


def _correlation() -> str:
    """Return how closely two columns follow a line, as DuckDB's words do."""
    size = "(fk_v.x * fk_v.y)"
    inside = f"GREATEST({double('-1')}, LEAST({double('1')}, fk_v.c / {size}))"
    return named(
        f"CASE WHEN fk_v.n < 2 THEN NULL WHEN fk_v.far > 0 THEN {_NAN} WHEN fk_v.level THEN NULL"
        f" WHEN {size} * fk_v.n > {double('1e-280')}"
        f" THEN {_unless_noise('fk_v.c', size, inside)} ELSE {_NAN} END",
        n="COUNT({x}) {filter}",
        far=f"COUNT(CASE WHEN NOT ({_SMALL}) THEN 1 END) {{filter}}",
        level="MIN({x}) {filter} = MAX({x}) {filter} OR MIN({y}) {filter} = MAX({y}) {filter}",
        x=f"STDDEV_POP({_X}) {{filter}}",
        y=f"STDDEV_POP({_Y}) {{filter}}",
        c=f"COVAR_POP({_X}, {_Y}) {{filter}}",
    )


def _runs(text: str, value: str) -> str:
    """Return ``text`` over ``fk_v.v``, the values in order, and ``fk_v.ends`` of equal ones."""
    ends = "FILTER(SEQUENCE(1, SIZE(fk_v.v)), fk_i -> NOT (GET(fk_v.v, fk_i) <=> fk_v.v[fk_i - 1]))"
    return named(
        f"CASE WHEN SIZE(fk_v.v) > 0 THEN {named(text, v='fk_v.v', ends=ends)} END",
        v=f"ARRAY_SORT(COLLECT_LIST({value}) {{filter}})",
    )


_BEFORE = "COALESCE(GET(fk_v.ends, fk_i - 1), 0)"


def _entropy(value: str) -> str:
    shares = f"TRANSFORM(fk_v.ends, (fk_c, fk_i) -> (fk_c - {_BEFORE}) / SIZE(fk_v.v))"
    bits = f"AGGREGATE({shares}, {_ZERO}, (fk_s, fk_p) -> fk_s - fk_p * LOG2(fk_p))"
    return _runs(bits, value)


def _top(value: str) -> str:
    run = f"STRUCT({_BEFORE} - fk_c AS fewer, fk_v.v[fk_c - 1] AS x)"
    ordered = f"ARRAY_SORT(TRANSFORM(fk_v.ends, (fk_c, fk_i) -> {run}))"
    return _runs(f"SLICE({ordered}, 1, CAST({{k}} AS INT)).x", value)


_ROWS = "COLLECT_LIST(STRUCT({order} AS place, {x} AS x)) {filter}"


def _latest() -> str:
    """Return the latest ``n``, the newest last."""
    n = "CAST({n} AS INT)"
    latest = f"SLICE(fk_v.v, GREATEST(SIZE(fk_v.v) - {n} + 1, 1), {n}).x"
    return named(f"CASE WHEN SIZE(fk_v.v) > 0 THEN {latest} END", v=f"ARRAY_SORT({_ROWS})")


def _streak() -> str:
    other = "ARRAY_POSITION(TRANSFORM(fk_v.v, fk_e -> fk_e.x <=> fk_v.v[0].x), FALSE)"
    return named(
        f"CAST(COALESCE(NULLIF({other}, 0) - 1, SIZE(fk_v.v)) AS BIGINT)",
        v=f"SORT_ARRAY({_ROWS}, FALSE)",
    )


def _slope() -> str:
    """Return the slope per day; times count from one of them, which is exact."""
    small = f"ABS({{x}}) < {double('1e150')}"
    day = f"CAST(fk_e.t - fk_v.v[0].t AS DOUBLE) / {double('8.64e10')}"
    moved = f"TRANSFORM(fk_v.v, fk_e -> STRUCT({day} AS t, fk_e.x - fk_v.v[0].x AS x))"

    def total(text: str) -> str:
        return f"AGGREGATE(fk_v.m, {_ZERO}, (fk_s, fk_e) -> fk_s + {text})"

    far_t, far_x = "(fk_e.t - fk_v.t)", "(fk_e.x - fk_v.x)"
    ratio = named(
        _unless_noise("fk_v.c", "(SQRT(fk_v.t) * SQRT(fk_v.x))", "fk_v.c / fk_v.t"),
        c=total(f"{far_t} * {far_x}"),
        t=total(f"{far_t} * {far_t}"),
        x=total(f"{far_x} * {far_x}"),
    )
    means = {name: f"{total(f'fk_e.{name}')} / SIZE(fk_v.m)" for name in "tx"}
    line = named(named(ratio, m="fk_v.m", **means), m=moved)
    return named(
        f"CASE WHEN fk_v.varies THEN CASE WHEN fk_v.far > 0 THEN {_NAN} ELSE {line} END END",
        varies="MIN({time}) {filter} < MAX({time}) {filter}",
        far=f"COUNT(CASE WHEN NOT ({small}) THEN 1 END) {{filter}}",
        v=f"COLLECT_LIST(STRUCT({{x}} AS x, {microseconds('{time}')} AS t)) {{filter}}",
    )


def _decayed() -> str:
    age = f"GREATEST({microseconds('{at}')} - {microseconds('{time}')}, 0)"
    halves = f"CAST({age} AS DOUBLE) / {{half_life}}"
    faded = (
        f"CASE WHEN NOT (ABS({{x}}) < {double('Infinity')}) THEN {{x}}"
        f" WHEN {halves} < 1000 THEN {{x}} * POWER({double('2')}, - ({halves})) ELSE {_ZERO} END"
    )
    least = double("1e-280")
    return named(
        f"CASE WHEN ABS(fk_v.x) < {least} THEN {_ZERO} ELSE fk_v.x END",
        x=f"SUM({faded}) {{filter}}",
    )


AGGREGATES: Mapping[str, str | Gap | None] = {
    **dict.fromkeys(("bool_and", "bool_or", "count_distinct", "count_distinct_double")),
    **dict.fromkeys(("count_if", "count_rows", "count_values", "max", "min")),
    "sum_double": None,
    # a sum and a count that are asked for, too, are made once for both
    "avg_double": "SUM({x}) {filter} / NULLIF(COUNT({x}) {filter}, 0)",
    "string_agg": "LISTAGG({x}, {separator}) WITHIN GROUP (ORDER BY {order}) {filter}",
    "first": "MIN_BY({x}, {order})",
    "last": "MAX_BY({x}, {order})",
    "max_double": f"MAX({{x}}) {{filter}} + {_ZERO}",
    "min_double": f"MIN({{x}}) {{filter}} + {_ZERO}",
    **dict.fromkeys(("arg_max", "arg_max_double"), "MAX_BY({value}, STRUCT({by}, - {order}))"),
    **dict.fromkeys(("arg_min", "arg_min_double"), "MIN_BY({value}, STRUCT({by}, {order}))"),
    "median": _quantile(double("0.5")),
    "quantile_cont": _quantile("{q}"),
    "sum_bigint": "TRY_CAST(SUM(CAST({x} AS DECIMAL(20,0))) {filter} AS BIGINT)",
    "sum_decimal": _decimal("CAST(fk_v.total AS {type})"),
    "avg_bigint": (
        "CAST(SUM(CAST({x} AS DECIMAL(20,0))) {filter} AS DOUBLE) / COUNT({x}) {filter}"
    ),
    "avg_decimal": _decimal("CAST(fk_v.total AS DOUBLE) / fk_v.n", n="COUNT({x}) {filter}"),
    "stddev_pop": _spread("STDDEV_POP", 1),
    "stddev_samp": _spread("STDDEV_SAMP", 2),
    "var_pop": _spread("VAR_POP", 1),
    "var_samp": _spread("VAR_SAMP", 2),
    "corr": _correlation(),
    "covar_pop": _together("POP", 1),
    "covar_samp": _together("SAMP", 2),
    "mode": "MODE({x}, TRUE)",
    "mode_double": f"MODE({{x}} + {_ZERO}, TRUE)",
    "entropy": _entropy("{x}"),
    "entropy_double": _entropy(f"{{x}} + {_ZERO}"),
    "decay_sum": _decayed(),
    "slope": _slope(),
    "lag": f"GET(SORT_ARRAY({_ROWS}, FALSE), CAST({{n}} AS INT) - 1).x",
    "list_last": _latest(),
    "top_k": _top("{x}"),
    "top_k_double": _top(f"{{x}} + {_ZERO}"),
    **dict.fromkeys(("streak", "streak_double"), _streak()),
}
"""Words of each aggregate, of one type of argument where it differs; None: DuckDB's hold here."""
