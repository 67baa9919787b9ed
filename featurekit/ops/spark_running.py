"""Aggregates on Spark in two steps: over the rows of parts of a window, then over the parts.

What is not named here needs all rows of a window at once (medians, distinct values, streaks), or
numbers that no two parts share: a slope counts time from a row of its window, and decay weighs each
value as of the moment of asking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from featurekit.ops.noise import LEAST, SHARE
from featurekit.ops.spark_numbers import double, named

_NAN, _ZERO, _LARGE = double("NaN"), double("0"), double("1e150")


@dataclass(frozen=True, slots=True)
class Running:
    """One aggregate.

    Attributes:
        value: What one row brings; it is null in rows that do not count.
        states: By name, what a part knows of its values ``{v}``, and how parts ``{s}`` make one;
            ``{over}`` stands where a frame may say which values.
        answer: The answer from the states of the whole window.
        holds: The constant that says how many values a part keeps; empty: a part's size is fixed.
    """

    value: str
    states: Mapping[str, tuple[str, str]]
    answer: str
    holds: str = ""


_N = ("COUNT({v}) {over}", "COALESCE(SUM({s}) {filter}, 0)")
_SUM = ("SUM({v}) {over}", "SUM({s}) {filter}")
_MOST, _LEAST = ("MAX({v}) {over}", "MAX({s}) {filter}"), ("MIN({v}) {over}", "MIN({s}) {filter}")
_WHOLE = "CAST({x} AS DECIMAL(20,0))"
_COUNT = Running("1", {"n": _N}, "{n}")


def _picked(value: str, state: tuple[str, str]) -> Running:
    return Running(value, {"s": state}, "{s}.value")


def _far(small: str) -> tuple[str, str]:
    """Return how many values are too large to be squared: answers are NaN then, as elsewhere."""
    return f"COUNT(CASE WHEN NOT ({small}) THEN 1 END) {{over}}", _N[1]


def _mean(x: str) -> str:
    """Return a part's mean: of equal values it is the value, so that parts lie not apart."""
    least, most, mean = (f"{function}({x}) {{over}}" for function in ("MIN", "MAX", "AVG"))
    return f"CASE WHEN {least} = {most} THEN {least} ELSE {mean} END"


def _moments(fields: Mapping[str, str], pairs: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return the state of means and of sums of products of distances from these.

    No large sums are taken: those of parts become those of all.

    Args:
        fields: By name, the numbers of a value; all are null where one of them is too large.
        pairs: By name, the two fields whose distances are multiplied.
    """
    n = f"COUNT({next(iter(fields.values()))}) {{over}}"
    part = [f"CAST({n} AS DOUBLE) AS n", *(f"{_mean(x)} AS {name}" for name, x in fields.items())]
    for name, (one, other) in pairs.items():
        x, y = fields[one], fields[other]
        spread = f"VAR_POP({x})" if one == other else f"COVAR_POP({x}, {y})"
        part.append(f"{spread} {{over}} * {n} AS {name}")
    return f"CASE WHEN {n} > 0 THEN STRUCT({', '.join(part)}) END", "COLLECT_LIST({s}) {filter}"


def _merged(parts: str, fields: Iterable[str], pairs: Mapping[str, tuple[str, str]]) -> str:
    """Return the struct of moments that an array of such structs makes together."""
    both, apart = "(fk_a.n + fk_p.n)", {name: f"(fk_p.{name} - fk_a.{name})" for name in fields}
    made = [f"{both} AS n"]
    made += [f"fk_a.{name} + {far} * fk_p.n / {both} AS {name}" for name, far in apart.items()]
    made += [
        f"fk_a.{name} + fk_p.{name} + {apart[one]} * {apart[other]} * fk_a.n * fk_p.n / {both}"
        f" AS {name}"
        for name, (one, other) in pairs.items()
    ]
    none = ", ".join(f"{_ZERO} AS {name}" for name in ("n", *apart, *pairs))
    return f"AGGREGATE({parts}, STRUCT({none}), (fk_a, fk_p) -> STRUCT({', '.join(made)}))"


def _spread(answer: str, least: int) -> Running:
    """Return a spread of ``fk_v.n`` values, given ``fk_v.squares``."""
    small, pairs = f"ABS({{v}}) < {_LARGE}", {"s": ("m", "m")}
    near = {"m": f"CASE WHEN {small} THEN {{v}} END"}
    squares = f"{_merged('fk_v.parts', near, pairs)}.s"
    return Running(
        "{x}",
        {"n": _N, "far": _far(small), "parts": _moments(near, pairs)},
        named(
            f"CASE WHEN fk_v.n >= {least} THEN CASE WHEN fk_v.far > 0 THEN {_NAN}"
            f" ELSE {named(answer, n='fk_v.n', squares=squares)} END END",
            n="{n}",
            far="{far}",
            parts="{parts}",
        ),
    )


_SIZE = "(SQRT(fk_v.m.xx) * SQRT(fk_v.m.yy))"
_TOGETHER = (
    f"CASE WHEN {_SIZE} > {double(repr(LEAST))}"
    f" AND ABS(fk_v.m.xy) < {double(repr(SHARE))} * {_SIZE} THEN {_ZERO} ELSE fk_v.m.xy END"
)


def _pair(answer: str, least: int, level: str = "FALSE", **ends: tuple[str, str]) -> Running:
    """Return what two columns do together, given ``fk_v.n`` pairs and their moments ``fk_v.m``.

    Args:
        answer: What is answered.
        least: Of fewer pairs nothing is said.
        level: When nothing is said either.
        ends: States that ``level`` reads.
    """
    small = f"ABS({{v}}.x) < {_LARGE} AND ABS({{v}}.y) < {_LARGE}"
    near = {name: f"CASE WHEN {small} THEN {{v}}.{name} END" for name in "xy"}
    pairs = {"xy": ("x", "y"), "xx": ("x", "x"), "yy": ("y", "y")}
    found = named(answer, n="fk_v.n", m=_merged("fk_v.parts", near, pairs))
    return Running(
        "STRUCT({x} AS x, {y} AS y)",
        {"n": _N, "far": _far(small), "parts": _moments(near, pairs), **ends},
        named(
            f"CASE WHEN fk_v.n < {least} THEN NULL WHEN fk_v.far > 0 THEN {_NAN}"
            f" WHEN fk_v.level THEN NULL ELSE {found} END",
            n="{n}",
            far="{far}",
            parts="{parts}",
            level=level,
        ),
    )


def _correlation() -> Running:
    ends = {
        f"{word}_{x}": (f"{function}({{v}}.{x}) {{over}}", f"{function}({{s}}) {{filter}}")
        for x in "xy"
        for word, function in (("least", "MIN"), ("most", "MAX"))
    }
    inside = f"GREATEST({double('-1')}, LEAST({double('1')}, {_TOGETHER} / {_SIZE}))"
    return _pair(
        f"CASE WHEN {_SIZE} > {double(repr(LEAST))} THEN {inside} ELSE {_NAN} END",
        2,
        "{least_x} = {most_x} OR {least_y} = {most_y}",
        **ends,
    )


def _of_decimals(answer: str) -> Running:
    """Return an answer about a sum, null where the sum of sizes is too long for 38 digits.

    Spark's own ABS rounds to 34 digits; a minus is taken from the text instead.
    """
    size = "CASE WHEN {x} < 0 THEN CAST(SUBSTR(CAST({x} AS STRING), 2) AS {x_type}) ELSE {x} END"
    lost = "COUNT({v}) {over} > 0 AND TRY_SUM({v}.size) {over} IS NULL"
    return Running(
        f"STRUCT({{x}} AS x, {size} AS size)",
        {
            "n": _N,
            "total": ("TRY_SUM({v}.x) {over}", "TRY_SUM({s}) {filter}"),
            "size": ("TRY_SUM({v}.size) {over}", "TRY_SUM({s}) {filter}"),
            "lost": (f"CASE WHEN {lost} THEN 1 END", "COUNT({s}) {filter}"),
        },
        f"CASE WHEN {{lost}} = 0 AND {{size}} IS NOT NULL THEN {answer} END",
    )


def _of_latest(answer: str) -> Running:
    """Return an answer from ``fk_v.v``, the ``n`` latest rows, the newest first."""
    latest = "MAX_BY({v}, {v}.place, CAST({n} AS INT)) {over}"
    return Running(
        "STRUCT({order} AS place, {x} AS x)",
        {"parts": (latest, "COLLECT_LIST({s}) {filter}")},
        named(answer, v="SORT_ARRAY(FLATTEN({parts}), FALSE)"),
        holds="n",
    )


RUNNING: Mapping[str, Running] = {
    "count_rows": _COUNT,
    "count_values": _COUNT,
    "count_if": Running("CASE WHEN {x} THEN 1 END", {"n": _N}, "{n}"),
    "sum_double": Running("{x}", {"total": _SUM}, "{total}"),
    "avg_double": Running("{x}", {"total": _SUM, "n": _N}, "{total} / NULLIF({n}, 0)"),
    "sum_bigint": Running(_WHOLE, {"total": _SUM}, "TRY_CAST({total} AS BIGINT)"),
    "avg_bigint": Running(
        _WHOLE, {"total": _SUM, "n": _N}, "CAST({total} AS DOUBLE) / NULLIF({n}, 0)"
    ),
    "max": Running("{x}", {"most": _MOST}, "{most}"),
    "min": Running("{x}", {"least": _LEAST}, "{least}"),
    "max_double": Running("{x}", {"most": _MOST}, f"{{most}} + {_ZERO}"),
    "min_double": Running("{x}", {"least": _LEAST}, f"{{least}} + {_ZERO}"),
    "bool_and": Running(
        "{x}", {"all": ("BOOL_AND({v}) {over}", "BOOL_AND({s}) {filter}")}, "{all}"
    ),
    "bool_or": Running("{x}", {"any": ("BOOL_OR({v}) {over}", "BOOL_OR({s}) {filter}")}, "{any}"),
    "first": _picked("STRUCT({order} AS place, {x} AS value)", _LEAST),
    "last": _picked("STRUCT({order} AS place, {x} AS value)", _MOST),
    **dict.fromkeys(
        ("arg_max", "arg_max_double"),
        _picked("STRUCT({by} AS by, - {order} AS place, {value} AS value)", _MOST),
    ),
    **dict.fromkeys(
        ("arg_min", "arg_min_double"),
        _picked("STRUCT({by} AS by, {order} AS place, {value} AS value)", _LEAST),
    ),
    "sum_decimal": _of_decimals("CAST({total} AS {type})"),
    "avg_decimal": _of_decimals("CAST({total} AS DOUBLE) / {n}"),
    "lag": _of_latest("GET(fk_v.v, CAST({n} AS INT) - 1).x"),
    "list_last": _of_latest(
        "CASE WHEN SIZE(fk_v.v) > 0 THEN REVERSE(SLICE(fk_v.v, 1, CAST({n} AS INT))).x END"
    ),
    "var_pop": _spread("fk_v.squares / fk_v.n", 1),
    "var_samp": _spread("fk_v.squares / (fk_v.n - 1)", 2),
    "stddev_pop": _spread("SQRT(fk_v.squares / fk_v.n)", 1),
    "stddev_samp": _spread("SQRT(fk_v.squares / (fk_v.n - 1))", 2),
    "covar_pop": _pair(f"{_TOGETHER} / fk_v.n", 1),
    "covar_samp": _pair(f"{_TOGETHER} / (fk_v.n - 1)", 2),
    "corr": _correlation(),
}
"""By the aggregate's name."""
