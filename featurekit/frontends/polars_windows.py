"""Windows of polars: ``.over("last_30d")``, ``.rolling(...)`` and ``.rolling_sum_by(...)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from featurekit.errors.meaning import AggregateRefused, ReadsTheFuture
from featurekit.errors.names import UnknownWindow
from featurekit.errors.polars import PolarsRefused, PolarsWindowRefused
from featurekit.frontends.lengths import window_meant
from featurekit.frontends.polars_reader import Form, PolarsReader, Tree, opened
from featurekit.ir.nodes import Expression
from featurekit.ir.windows import UNITS, Rolling, Window, parse_window, window_name

_BY = {
    "SumBy": "Sum",
    "MeanBy": "Mean",
    "MinBy": "Min",
    "MaxBy": "Max",
    "StdBy": "Std",
    "VarBy": "Var",
    "QuantileBy": "Quantile",
}
_WHOLE = 1_000  # nanoseconds a microsecond


def normal(tree: Tree, keys: Sequence[str]) -> Tree:
    """Return ``tree`` with ``.rolling_sum_by(...)`` as ``.sum().rolling(...)``.

    ``.over`` of the entity's own keys goes, too: the entity says for whom.
    """
    match tree:
        case {"Over": {"function": inner, "partition_by": by, "order_by": None}} if by and {
            opened(part)[1] for part in by
        } == set(keys):
            return normal(inner, keys)
        case {"Function": {"input": [value, by], "function": {"RollingExprBy": rolling}}}:
            return _rolling(normal(value, keys), by, rolling)
        case dict():
            return {key: normal(value, keys) for key, value in tree.items()}
        case list() if any(isinstance(part, dict | list) for part in tree):
            return [normal(part, keys) for part in tree]
        case _:
            return tree


def _rolling(value: Tree, by: Tree, rolling: Mapping[str, Any]) -> Tree:
    options, name = rolling["options"], _BY.get(rolling["function_by"])
    if name is None or options["min_periods"] > 1:
        why = "a window answers as soon as it has a row"
        found = f"rolling_{str(rolling['function_by']).removesuffix('By').lower()}_by"
        raise PolarsRefused(found, why, "min_samples=1, or .sum().rolling(...)")
    parameters = options["fn_params"] or {}
    size = options["window_size"]
    return {
        "Rolling": {
            "function": _aggregate(name, value, parameters),
            "index_column": by,
            "period": size,
            "offset": {**size, "negative": True},
            "closed_window": options["closed_window"],
        }
    }


def _aggregate(name: str, value: Tree, parameters: Mapping[str, Any]) -> Tree:
    match name:
        case "Std" | "Var":
            return {"Agg": {name: [value, parameters["Var"]["ddof"]]}}
        case "Min" | "Max":
            return {"Agg": {name: {"input": value, "propagate_nans": False}}}
        case "Quantile":
            given = parameters["Quantile"]
            share = {"Literal": {"Dyn": {"Float": given["prob"]}}}
            function = {"Quantile": {"method": given["method"]}}
            return {"Function": {"input": [value, share], "function": function}}
        case _:
            return {"Agg": {name: value}}


def read_over(reader: PolarsReader, body: Any) -> Expression:
    """Return what is aggregated over a named window.

    Raises:
        DefinitionError: FK114 an unknown window, FK144 a window in a window, FK163 a partition.
    """
    match body:
        case {"partition_by": [{"Column": str(name)}], "order_by": None, "mapping": "GroupsToRows"}:
            window = parse_window(name)
        case _:
            why = "the entity says for whom, the time of the rows their order"
            fix = '.over("last_30d"), and --entity for whom'
            raise PolarsWindowRefused(".over(...) of more than a window", why, fix)
    if window is not None:
        return _windowed(reader, body["function"], window)
    own = [field.name for relation in reader.names.relations for field in relation.fields]
    if name in own:
        why = "the entity says for whom, and a window which rows"
        raise PolarsWindowRefused(f'.over("{name}")', why, '.over("last_30d"), and --entity')
    raise UnknownWindow(name, window_meant(name), None)


def _windowed(reader: PolarsReader, function: Tree, window: Window) -> Expression:
    if reader.inside or reader.window is not None:
        why = "the rows of a window are those of the source, not of another window"
        raise AggregateRefused(".over(...)", "inside another window", why, "aggregate once", None)
    before = reader.aggregated
    reader.window = window
    made = reader.reads(function)
    reader.window = None
    if reader.aggregated == before:
        why = "a window says over which rows something is aggregated, and nothing is"
        fix = f'.sum().over("{window_name(window)}")'
        raise PolarsWindowRefused(".over(...) without an aggregate", why, fix)
    return made


def read_rolling(reader: PolarsReader, body: Any) -> Expression:
    """Return what is aggregated over ``.rolling(index_column, period=..., closed="left")``.

    Where a row is in hand, ``closed="both"`` counts it, as a frame that ends at CURRENT ROW does.

    Raises:
        DefinitionError: FK140 a window that ends later, FK163 one that is not of the language.
    """
    index = opened(body["index_column"])[1]
    if index != reader.time or reader.time is None:
        why = f"rows are in the order of {reader.time!r}"
        fix = f'index_column="{reader.time}"'
        raise PolarsWindowRefused(f"a window by {index!r}", why, fix)
    edges = "Both" if reader.in_hand else "Left"
    if body["closed_window"] not in {"Left", edges}:
        closed = str(body["closed_window"]).lower()
        why = (
            f"closed={closed!r} has other edges than [t - period, t), and an answer must not "
            "depend on whether the event of the very moment was stored first"
        )
        raise PolarsWindowRefused("this rolling window", why, 'closed="left"')
    length, offset = _length(body["period"]), _length(body["offset"])
    end = -offset - length
    if end < 0:
        raise ReadsTheFuture("a window that ends after the moment of asking", None)
    window = Rolling(length, end)
    if length <= 0 or length % UNITS["s"] or end % UNITS["s"]:
        why = "windows are whole seconds"
        raise PolarsWindowRefused("this rolling window", why, 'period="30d"')
    if parse_window(window_name(window)) is None:
        why = "no window is longer than 400 years"
        raise PolarsWindowRefused("this rolling window", why, '.over("all_time")')
    reader.with_row = body["closed_window"] == "Both" and not end
    made = _windowed(reader, body["function"], window)
    reader.with_row = False
    return made


def _length(duration: Mapping[str, Any]) -> int:
    """Return a duration of polars in microseconds.

    Raises:
        PolarsWindowRefused: FK163 for months, which have no length.
    """
    if duration["months"] or duration["nsecs"] % _WHOLE or duration["parsed_int"]:
        why = "months have no fixed length, and windows are whole seconds"
        raise PolarsWindowRefused("this rolling window", why, '.over("calendar_3mo")')
    days = 7 * duration["weeks"] + duration["days"]
    length = int(days * UNITS["d"] + duration["nsecs"] // _WHOLE)
    return -length if duration["negative"] else length


FORMS: dict[str, Form] = {"Over": read_over, "Rolling": read_rolling}
