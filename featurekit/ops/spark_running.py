"""Aggregates on Spark in two steps: over the rows of parts of a window, then over the parts.

What is not named here needs all rows of a window at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from featurekit.ops.spark_numbers import double, named

_NAN, _ZERO = double("NaN"), double("0")


@dataclass(frozen=True, slots=True)
class Running:
    """One aggregate.

    Attributes:
        value: What one row brings; it is null in rows that do not count.
        states: By name, what a part knows of its values ``{v}``, and how parts ``{s}`` make one;
            ``{over}`` stands where a frame may say which values.
        answer: The answer from the states of the whole window.
    """

    value: str
    states: Mapping[str, tuple[str, str]]
    answer: str


_N = ("COUNT({v}) {over}", "COALESCE(SUM({s}) {filter}, 0)")
_SUM = ("SUM({v}) {over}", "SUM({s}) {filter}")
_MOST, _LEAST = ("MAX({v}) {over}", "MAX({s}) {filter}"), ("MIN({v}) {over}", "MIN({s}) {filter}")
_WHOLE = "CAST({x} AS DECIMAL(20,0))"
_COUNT = Running("1", {"n": _N}, "{n}")


def _picked(value: str, state: tuple[str, str]) -> Running:
    return Running(value, {"s": state}, "{s}.value")


def _spread(answer: str, least: int) -> Running:
    """Return a spread; means and squares of parts become those of all, no large sums are taken.

    Values of 1e150 and more have none (the language says NaN).
    """
    small = f"ABS({{v}}) < {double('1e150')}"
    near = f"CASE WHEN {small} THEN {{v}} END"
    n, m, s = (f"{function}({near}) {{over}}" for function in ("COUNT", "AVG", "VAR_POP"))
    part = f"STRUCT(CAST({n} AS DOUBLE) AS n, {m} AS m, {s} * {n} AS s)"
    both, apart = "(fk_a.n + fk_p.n)", "(fk_p.m - fk_a.m)"
    together = (
        f"STRUCT({both} AS n, fk_a.m + {apart} * fk_p.n / {both} AS m,"
        f" fk_a.s + fk_p.s + {apart} * {apart} * fk_a.n * fk_p.n / {both} AS s)"
    )
    none = f"STRUCT({_ZERO} AS n, {_ZERO} AS m, {_ZERO} AS s)"
    squares = f"AGGREGATE(fk_v.parts, {none}, (fk_a, fk_p) -> {together}).s"
    return Running(
        "{x}",
        {
            "n": _N,
            "far": (f"COUNT(CASE WHEN NOT ({small}) THEN 1 END) {{over}}", _N[1]),
            "parts": (
                f"CASE WHEN {n} > 0 THEN {part} END",
                "COLLECT_LIST({s}) {filter}",
            ),
        },
        named(
            f"CASE WHEN fk_v.n >= {least} THEN CASE WHEN fk_v.far > 0 THEN {_NAN}"
            f" ELSE {named(answer, n='fk_v.n', squares=squares)} END END",
            n="{n}",
            far="{far}",
            parts="{parts}",
        ),
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
    "var_pop": _spread("fk_v.squares / fk_v.n", 1),
    "var_samp": _spread("fk_v.squares / (fk_v.n - 1)", 2),
    "stddev_pop": _spread("SQRT(fk_v.squares / fk_v.n)", 1),
    "stddev_samp": _spread("SQRT(fk_v.squares / (fk_v.n - 1))", 2),
}
"""By the aggregate's name."""
