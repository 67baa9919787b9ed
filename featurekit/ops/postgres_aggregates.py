"""Aggregates in PostgreSQL's words.

What needs more than one look at the values names their array, or their aggregate, in a subquery of
one row. A sum adds small and large numbers apart, the large ones scaled by a power of two, since
PostgreSQL raises where it would overflow to infinity.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.noise import LEAST, SHARE
from featurekit.ops.postgres_numbers import DOUBLE, INFINITY, OPERATORS, double, named, two
from featurekit.ops.postgres_times import microseconds

_BITS = "BETWEEN -9223372036854775808 AND 9223372036854775807"
_FAR = f"ABS({{x}}) > {double('1e200')}"


def _chosen(value: str, order: str) -> str:
    return f"(array_agg({value} ORDER BY {order}) {{filter}})[1]"


def _sum() -> str:
    near = f"SUM(CASE WHEN {_FAR} THEN 0 ELSE {{x}} END) {{filter}}"
    far = f"SUM(CASE WHEN {_FAR} THEN {{x}} * {two(-100)} ELSE 0 END) {{filter}}"
    most = two(923)
    whole = (
        f"CASE WHEN abs(fk_v.far) < {INFINITY} AND abs(fk_v.far) / 2 >= {most}"
        f" THEN sign(fk_v.far) * {INFINITY} ELSE fk_v.near + fk_v.far * {two(100)} END"
    )
    return named(whole, near=near, far=far)


def _mean() -> str:
    least = double("5e-324")
    tiny = f"abs(fk_v.total) / {least} <= fk_v.n / 2.0"
    return named(
        f"CASE WHEN fk_v.n > 0 THEN CASE WHEN abs(fk_v.total) < {double('1e-300')} THEN"
        f" CASE WHEN {tiny} THEN {double('0')} ELSE fk_v.total / fk_v.n END"
        " ELSE fk_v.total / fk_v.n END END",
        total=_sum(),
        n=f"CAST(COUNT({{x}}) {{filter}} AS {DOUBLE})",
    )


def _sum_decimal() -> str:
    return named(
        "CASE WHEN fk_v.size < CAST('{over}' AS NUMERIC) THEN CAST(fk_v.total AS {type}) END",
        total="SUM({x}) {filter}",
        size="SUM(ABS({x})) {filter}",
    )


def _mean_decimal() -> str:
    """Return the mean of decimals; null where the sum of their sizes is too long, as for SUM."""
    return named(
        "CASE WHEN fk_v.size * CAST('1e' || scale(fk_v.size) AS NUMERIC) < 1e38"
        f" THEN CAST(fk_v.total AS {DOUBLE}) / fk_v.n END",
        total="SUM({x}) {filter}",
        size="SUM(ABS({x})) {filter}",
        n="COUNT({x}) {filter}",
    )


def _quantile(q: str) -> str:
    """Return the value at ``q`` of the way, on the line between its two neighbours."""
    product = OPERATORS["multiply_double"]
    assert isinstance(product, str)  # noqa: S101  words are there
    low = product.format(a="fk_w.low", b="1 - fk_w.part")
    high = product.format(a="fk_w.high", b="fk_w.part")
    between = (
        "SELECT CASE WHEN fk_w.part = 0 OR fk_w.low = fk_w.high THEN fk_w.low"
        f" ELSE {low} + {high} END + {double('0')}"
    )
    place = f"(cardinality(fk_v.v) - 1) * {q}"
    floor = f"CAST(floor({place}) AS INTEGER) + 1"
    return named(
        f"({between} FROM (VALUES (fk_v.v[{floor}],"
        f" fk_v.v[least({floor} + 1, cardinality(fk_v.v))], {place} - floor({place})))"
        " AS fk_w(low, high, part))",
        v="array_agg({x} ORDER BY {x}) {filter}",
    )


def _spread(function: str, least: int) -> str:
    """Return a spread; values of 1e150 and more have none (the language says NaN)."""
    small = f"ABS({{x}}) < {double('1e150')}"
    return (
        f"CASE WHEN COUNT(CASE WHEN NOT ({small}) THEN 1 END) {{filter}} > 0"
        f" AND COUNT({{x}}) {{filter}} >= {least} THEN {double('NaN')}"
        f" ELSE {function}(CASE WHEN {small} THEN {{x}} END) {{filter}} END"
    )


_SMALL = f"ABS({{x}}) < {double('1e150')} AND ABS({{y}}) < {double('1e150')}"
_BOTH = f"CASE WHEN {_SMALL} THEN {{x}} END, CASE WHEN {_SMALL} THEN {{y}} END"


def _unless_noise(together: str, size: str, otherwise: str) -> str:
    """Return zero where ``together`` is smaller than its rounding beside ``size``."""
    noise = f"abs({together}) < {double(repr(SHARE))} * {size}"
    return (
        f"CASE WHEN {size} > {double(repr(LEAST))} THEN CASE WHEN {noise} THEN {double('0')}"
        f" ELSE {otherwise} END ELSE {otherwise} END"
    )


def _together(of: str, least: int) -> str:
    """Return a spread of two columns, as one column's."""
    product = OPERATORS["multiply_double"]
    assert isinstance(product, str)  # noqa: S101  words are there
    x, y = (f"CASE WHEN {_SMALL} THEN {{{name}}} END" for name in "xy")
    kept = named(
        _unless_noise("fk_v.c", "fk_v.size", "fk_v.c"),
        c="fk_w.c",
        size=product.format(a="fk_w.x", b="fk_w.y"),
    )
    return named(
        f"CASE WHEN fk_w.far > 0 AND fk_w.n >= {least} THEN {double('NaN')} ELSE {kept} END",
        far=f"COUNT(CASE WHEN NOT ({_SMALL}) THEN 1 END) {{filter}}",
        n="COUNT({x}) {filter}",
        c=f"COVAR_{of}({x}, {y}) {{filter}}",
        x=f"STDDEV_{of}({x}) {{filter}}",
        y=f"STDDEV_{of}({y}) {{filter}}",
    ).replace("AS fk_v(far, n, c, x, y)", "AS fk_w(far, n, c, x, y)")


def _correlation() -> str:
    """Return how closely two columns follow a line, as DuckDB's words do."""
    product = OPERATORS["multiply_double"]
    assert isinstance(product, str)  # noqa: S101  words are there
    ratio = (
        f"CASE WHEN abs(fk_w.c) < {double('1e-290')} THEN {double('0')}"
        " ELSE fk_w.c / fk_w.spread END"
    )
    spread = product.format(a="fk_v.x", b="fk_v.y")
    inside = f"greatest({double('-1')}, least({double('1')}, {ratio}))"
    line = named(
        f"CASE WHEN fk_w.spread * fk_v.n > 1e-280 THEN"
        f" {_unless_noise('fk_w.c', 'fk_w.spread', inside)} ELSE {double('NaN')} END",
        c="fk_v.c",
        spread=spread,
    ).replace("fk_v(c, spread)", "fk_w(c, spread)")
    x, y = (f"CASE WHEN {_SMALL} THEN {{{name}}} END" for name in "xy")
    return named(
        f"CASE WHEN fk_v.n < 2 THEN NULL WHEN fk_v.far > 0 THEN {double('NaN')}"
        f" WHEN fk_v.level THEN NULL ELSE {line} END",
        n=f"CAST(COUNT({{x}}) {{filter}} AS {DOUBLE})",
        far=f"COUNT(CASE WHEN NOT ({_SMALL}) THEN 1 END) {{filter}}",
        level=("MIN({x}) {filter} = MAX({x}) {filter} OR MIN({y}) {filter} = MAX({y}) {filter}"),
        x=f"STDDEV_POP({x}) {{filter}}",
        y=f"STDDEV_POP({y}) {{filter}}",
        c=f"COVAR_POP({_BOTH}) {{filter}}",
    )


def _entropy(value: str) -> str:
    share = "(fk_c.c / cardinality(fk_v.v))"
    total = f"{double('0')} - SUM({share} * ln({share})) / {double('0.6931471805599453')}"
    counts = f"SELECT CAST(COUNT(*) AS {DOUBLE}) AS c FROM unnest(fk_v.v) AS fk_e(e)"  # noqa: S608  words of this table only
    over = f"FROM ({counts} GROUP BY fk_e.e) AS fk_c"
    return named(
        f"CASE WHEN fk_v.v IS NOT NULL THEN (SELECT {total} {over}) END",
        v=f"array_agg({value}) {{filter}}",
    )


def _streak() -> str:
    first = (
        "(SELECT COALESCE(MIN(fk_e.place) - 1, cardinality(fk_v.v))"
        " FROM unnest(fk_v.v) WITH ORDINALITY AS fk_e(e, place)"
        " WHERE fk_e.e IS DISTINCT FROM fk_v.v[1])"
    )
    return f"CAST({named(f'COALESCE({first}, 0)', v=_RECENT)} AS BIGINT)"


def _slope() -> str:
    """Return the slope per day; times count from one of them, which is exact."""
    small = f"ABS({{x}}) < {double('1e150')}"
    day = f"CAST(fk_e.t - fk_v.t[1] AS {DOUBLE}) / {double('8.64e10')}"
    over = "FROM unnest(fk_v.x, fk_v.t) AS fk_e(x, t)"
    line = f"fk_e.x - fk_v.x[1], {day}"
    size = f"(sqrt(regr_sxx({line})) * sqrt(regr_syy({line})))"
    slope = _unless_noise(f"regr_sxy({line})", size, f"regr_slope({line})")
    return named(
        f"CASE WHEN fk_v.varies THEN CASE WHEN fk_v.far > 0 THEN {double('NaN')}"
        f" ELSE (SELECT {slope} {over}) END END",
        varies="MIN({time}) {filter} < MAX({time}) {filter}",
        far=f"COUNT(CASE WHEN NOT ({small}) THEN 1 END) {{filter}}",
        x=f"array_agg(CASE WHEN {small} THEN {{x}} END) {{filter}}",
        t=f"array_agg({microseconds('{time}')}) {{filter}}",
    )


def _decayed() -> str:
    """Return the decayed sum; what would underflow, which raises here, is nothing beside 1e-280."""
    age = f"greatest({microseconds('{at}')} - {microseconds('{time}')}, 0)"
    halves = f"CAST({age} AS {DOUBLE}) / {{half_life}}"
    fades = f"power({double('2')}, least({halves}, 1000))"
    faded = (
        f"CASE WHEN NOT (ABS({{x}}) < {INFINITY}) THEN {{x}}"
        f" WHEN {halves} >= 1000 OR ABS({{x}}) < {fades} * {double('1e-300')} THEN 0"
        f" ELSE {{x}} / {fades} END"
    )
    total = _sum().replace("{x}", f"({faded})")
    least = double("1e-280")
    return named(f"CASE WHEN ABS(fk_v.x) < {least} THEN 0 ELSE fk_v.x END", x=total)


def _latest() -> str:
    """Return the latest ``n``, the newest last."""
    place = "greatest(cardinality(fk_v.v) - {n} + 1, 1)"
    return named(f"fk_v.v[{place} : ]", v="array_agg({x} ORDER BY {order}) {filter}")


def _top(value: str, collate: str = "") -> str:
    order = f"COUNT(*) DESC, fk_e.e{collate}"
    place = f"row_number() OVER (ORDER BY {order}) AS place"
    counted = "FROM unnest(fk_v.v) AS fk_e(e) GROUP BY fk_e.e"
    most = f"SELECT fk_e.e AS e, {place} {counted} ORDER BY {order} LIMIT {{k}}"
    return named(
        f"(SELECT array_agg(fk_c.e ORDER BY fk_c.place) FROM ({most}) AS fk_c)",  # noqa: S608  words of this table only
        v=f"array_agg({value}) {{filter}}",
    )


_RECENT = "array_agg({x} ORDER BY {order_back}) {filter}"

AGGREGATES: Mapping[str, str | Gap | None] = {
    **dict.fromkeys(("bool_and", "bool_or", "count_distinct", "count_distinct_double")),
    **dict.fromkeys(("count_if", "count_rows", "count_values", "string_agg")),
    "first": _chosen("{x}", "{order}"),
    "last": _chosen("{x}", "{order_back}"),
    "max": "MAX({x}{x_collate})",
    "min": "MIN({x}{x_collate})",
    "max of BOOLEAN": "BOOL_OR({x})",
    "min of BOOLEAN": "BOOL_AND({x})",
    "max_double": f"MAX({{x}}) {{filter}} + {double('0')}",
    "min_double": f"MIN({{x}}) {{filter}} + {double('0')}",
    "arg_max": _chosen("{value}", "{by}{by_collate} DESC, {order}"),
    "arg_min": _chosen("{value}", "{by}{by_collate}, {order}"),
    "arg_max_double": _chosen("{value}", "{by} DESC, {order}"),
    "arg_min_double": _chosen("{value}", "{by}, {order}"),
    "median": _quantile(double("0.5")),
    "quantile_cont": _quantile("{q}"),
    "sum_bigint": named(
        f"CASE WHEN fk_v.n {_BITS} THEN CAST(fk_v.n AS BIGINT) END", n="SUM({x}) {filter}"
    ),
    "sum_decimal": _sum_decimal(),
    "sum_double": _sum(),
    "avg_bigint": (f"CAST(SUM({{x}}) {{filter}} AS {DOUBLE}) / COUNT({{x}}) {{filter}}"),
    "avg_decimal": _mean_decimal(),
    "avg_double": _mean(),
    "stddev_pop": _spread("STDDEV_POP", 1),
    "stddev_samp": _spread("STDDEV_SAMP", 2),
    "var_pop": _spread("VAR_POP", 1),
    "var_samp": _spread("VAR_SAMP", 2),
    "corr": _correlation(),
    "covar_pop": _together("POP", 1),
    "covar_samp": _together("SAMP", 2),
    "mode": "mode() WITHIN GROUP (ORDER BY {x}{x_collate})",
    "mode_double": f"mode() WITHIN GROUP (ORDER BY {{x}} + {double('0')})",
    "entropy": _entropy("{x}"),
    "entropy_double": _entropy(f"{{x}} + {double('0')}"),
    "decay_sum": _decayed(),
    "slope": _slope(),
    "lag": "(array_agg({x} ORDER BY {order_back}) {filter})[{n}]",
    "list_last": _latest(),
    "top_k": _top("{x}", "{x_collate}"),
    "top_k_double": _top(f"{{x}} + {double('0')}"),
    "streak": _streak(),
    "streak_double": _streak(),
}
"""Words of each aggregate, of one type of argument where it differs; None: DuckDB's hold here."""
