"""What is allowed and perhaps not meant: one function a rule, its docstring its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from inspect import getdoc

from featurekit.datatypes import Kind
from featurekit.frontends import row_lints
from featurekit.frontends.polars_remarks import REMARKS
from featurekit.frontends.remarks import Lint, Remark
from featurekit.frontends.spoken import spoken
from featurekit.frontends.to_text import expression_text, window_text
from featurekit.ir.definitions import Unknown
from featurekit.ir.nodes import (
    Aggregate,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
    children,
    walk,
    walk_outside_aggregates,
)
from featurekit.ir.rules import under_rules
from featurekit.ir.view import Feature, View, aggregates
from featurekit.ir.windows import UNITS, AllTime, LastRows, Rolling
from featurekit.ops import AGGREGATES, OPERATORS
from featurekit.ops.gap import Gap

_MONEY = re.compile(
    r"(^|_)(amount|amt|price|prices|total|cost|costs|fee|fees|fare|fares|tax|taxes|balance|revenue"
    r"|salary|income|spend|spent|payment|payments|refund|refunds|charge|charges|paid|due)($|_)",
    re.IGNORECASE,
)
_DAYS = re.compile(
    r"(^|_)(\d+_?(s|m|h|d|w|mo|sec|min|hours?|days?|weeks?|months?)|days?|weeks?)($|_)"
)
_NULL_IS_HANDLED = {"COALESCE", "IS NULL", "IS NOT NULL"}
_FROM_THE_END = {"last", "lag", "list_last", "streak", "streak_double", "decay_sum"}
_EQUALITY = {"=", "<>", "IN", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"}


def lint(view: View, dialect: str = "duckdb", text: str = "") -> tuple[Lint, ...]:
    """Return every remark about ``view``, rule by rule, each once.

    ``dialect`` is the one that the author's cell, whose ``text`` it is, is written in, or
    ``polars``.
    """
    found = [Lint(code, said, fix) for code, rule in RULES.items() for said, fix in rule(view)]
    more = [*_spoken_elsewhere(view, dialect), *_counted_exactly(text)]
    return tuple(dict.fromkeys([*found, *more]))


def _counted_exactly(text: str) -> Iterator[Lint]:
    """FKL21: what is written as an approximate count of different values is the exact one.

    Sketches differ between engines and versions, so that training and serving would differ, too.
    The exact count is the same everywhere; it keeps each value of the window while it counts.
    """
    plain = re.sub(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    if re.search(r"\bAPPROX_COUNT_DISTINCT\b", plain, re.IGNORECASE):
        said = "APPROX_COUNT_DISTINCT is the exact count here, so that every engine agrees"
        yield Lint("FKL21", said, "COUNT(DISTINCT x)   -- means the same; nothing must change")


def _spoken_elsewhere(view: View, dialect: str) -> Iterator[Lint]:
    """FKL20: an operator means one thing in the cell's dialect and another in the language.

    The language's meaning holds on every target, also on the engine whose dialect the cell is
    written in: its query spells it out.
    """
    remarks = REMARKS if dialect == "polars" else spoken(dialect).remarks
    for feature in view.features:
        for node in walk(feature.expression):
            name = node.operator if isinstance(node, Call) else getattr(node, "function", "")
            if name in remarks and not _begins_inside(node):
                yield Lint("FKL20", f"{dialect}: {remarks[name]}", f"featurekit ops {name}")


def page(code: str) -> str:
    """Return the page of the rule called ``code``; empty when there is none."""
    rules: Mapping[str, object] = {
        **RULES,
        **row_lints.RULES,
        "FKL20": _spoken_elsewhere,
        "FKL21": _counted_exactly,
    }
    rule = rules.get(code)
    return (getdoc(rule) or "") if rule else ""


def sum_of_nothing_is_null(view: View) -> Iterator[Remark]:
    """FKL01: a SUM over an empty window is NULL, not 0.

    A customer without transactions in the last 30 days has no sum: NULL says "nothing happened"
    to readers of SQL and "missing" to a model. Counts answer 0. Write
    ``COALESCE(SUM(x) OVER w, 0)`` when nothing means zero, and leave it when a model should tell
    the two apart.
    """
    for feature in view.features:
        for node in _unhandled(feature.expression):
            certain = node.current and node.where is None
            if "SUM" in AGGREGATES[node.function].surfaces and not certain:
                yield (
                    f"{feature.name} is NULL, not 0, when {window_text(node)} has no rows",
                    f"COALESCE({expression_text(node)}, 0)",
                )


def ties_have_no_breaker(view: View) -> Iterator[Remark]:
    """FKL02: rows of equal time have no order of their own.

    FIRST, LAST, ``last_20_rows`` and a look-up in a snapshot depend on the order of rows. Where two
    rows have the same time, the whole row decides, column by column: always the same answer, but
    not one that means anything. Name the column that numbers the rows: ``--tie txn_id``.
    """
    for source in view.stored:
        joined = any(join.source == source for join in view.joins)
        if joined and source.tie is None:
            said = f"two rows of {source.name} with one time are told apart by their content"
            yield said, f"%source {source.name} ... --tie COLUMN"
    if view.source is None or view.source.tie is not None:
        return
    fix = f"%source {view.source.name} ... --tie COLUMN"
    if view.looks_up and any(_looks_up(view, f) for f in view.features):
        yield f"two rows of {view.source.name} with one time are told apart by their content", fix
    for node in aggregates(view):
        if AGGREGATES[node.function].ordered or isinstance(node.window, LastRows):
            said = f"{expression_text(node)} depends on the order of rows of equal time"
            yield said, fix


def window_has_no_bound(view: View) -> Iterator[Remark]:
    """FKL03: ``all_time`` begins with the first row that anybody kept.

    Its value grows with the age of the data, so it drifts by itself, it differs between a store
    with two years of history and one with ten, and a correction of old rows changes it for ever.
    What counts from the latest row, such as LAST or LAG, does not drift.
    """
    for node in aggregates(view):
        if isinstance(node.window, AllTime) and not _counts_from_the_end(view, node):
            said = f"{expression_text(node)} has no beginning: it drifts as history grows"
            yield said, f"OVER {_a_year(node, node.window)}"


def floats_are_compared_for_equality(view: View) -> Iterator[Remark]:
    """FKL04: two floats that should be equal often are not.

    ``0.1 + 0.2 = 0.3`` is false everywhere. Comparing with a whole number is left alone: counts
    and codes that arrived as floats are compared like that.
    """
    for feature in view.features:
        for node in walk(feature.expression):
            if isinstance(node, Call) and _EQUALITY & set(OPERATORS[node.operator].surfaces):
                fractional = [a for a in node.arguments if not _is_whole(a)]
                floats = all(a.type.kind is Kind.DOUBLE for a in node.arguments)
                if floats and len(fractional) == len(node.arguments):
                    fix = "ABS(a - b) < 0.000001, or CAST both sides to DECIMAL"
                    yield f"{feature.name} compares floats: {expression_text(node)}", fix


def money_is_summed_as_float(view: View) -> Iterator[Remark]:
    """FKL05: a sum of money in floats is right only to the last digits.

    Floats add up to different last digits in a different order of rows, so engines agree within a
    bound and not to the cent. DECIMAL is exact in every target.
    """
    for node in aggregates(view):
        if "SUM" not in AGGREGATES[node.function].surfaces or node.type.kind is not Kind.DOUBLE:
            continue
        columns = [part for part in walk(node.arguments[0]) if isinstance(part, Column)]
        for column in columns:
            if _MONEY.search(column.name) and column.type.kind is Kind.DOUBLE:
                fix = f"SUM(CAST({column.name} AS DECIMAL(18, 2))) OVER {window_text(node)}"
                yield f"{column.name} looks like money and is summed as a float", fix


def rows_are_called_days(view: View) -> Iterator[Remark]:
    """FKL06: the name says days and the window counts rows.

    ``last_7_rows`` is seven days only for an entity with one row a day, and then only until a day
    is missing.
    """
    for feature in view.features:
        if not _DAYS.search(feature.name):
            continue
        for node in walk(feature.expression):
            if isinstance(node, Aggregate) and isinstance(node.window, LastRows):
                said = f"{feature.name} is named for time and counts {node.window.count} rows"
                yield said, f"OVER last_{node.window.count}d"


def state_grows_without_bound(view: View) -> Iterator[Remark]:
    """FKL08: some aggregates keep every value, and ``all_time`` never forgets one.

    A sum of all time is one number. How many different values there were, their median, the most
    frequent of them need all that ever came: what serving keeps for an entity grows as long as the
    entity lives, and so does the time of an answer.
    """
    for node in aggregates(view):
        growing = isinstance(AGGREGATES[node.function].lift, Gap)
        if growing and isinstance(node.window, AllTime):
            said = f"{expression_text(node)} keeps every value that an entity ever had"
            yield said, f"OVER {_a_year(node, node.window)}"


def rows_are_counted_before_they_are_filtered(view: View) -> Iterator[Remark]:
    """FKL11: ``last_20_rows`` are the 20 latest rows, whatever FILTER or WHERE says.

    Of these 20 the ones that satisfy the condition count, so that there may be none of them,
    however many there were before. The 20 latest rows that satisfy a condition are no window; a
    length of time is one that does not depend on the other rows.
    """
    for node in aggregates(view):
        if isinstance(node.window, LastRows) and node.where is not None:
            rows = node.window.count
            said = f"{expression_text(node)} reads those of the latest {rows} rows that satisfy it"
            yield said, "OVER last_30d   -- a length of time keeps every row that satisfies it"


def written_nulls_break_a_strict_contract(view: View) -> Iterator[Remark]:
    """FKL12: in a strict view a NULL that the author wrote is outside of the contract, too.

    Strictness says that whatever has inputs has an answer. CASE without ELSE, NULLIF and a
    vocabulary that answers null for what it does not know make NULL of good inputs on purpose:
    serving will count each as a breach. Give them a value, or keep them in a view of its own.
    """
    ruled = under_rules(view)
    for feature in view.features if view.strict else ():
        for node in walk_outside_aggregates(feature.expression):
            if (said := _written_null(node)) and node not in ruled:
                fix = "COALESCE(..., 0), or a view of its own without --strict"
                yield f"{feature.name} is outside of the contract where {said}", fix


def _written_null(node: Expression) -> str:
    """Return how an author made ``node`` null on purpose; empty where that cannot be."""
    match node:
        case Case(default=Literal(value=None)):
            return "no branch of its CASE holds"
        case Call(operator) if "NULLIF" in OPERATORS[operator].surfaces:
            return f"{expression_text(node)} is null"
        case InVocabulary(_, vocabulary) if vocabulary.unknown is Unknown.NULL:
            return f"{vocabulary.name} does not know a category"
        case _:
            return ""


RULES: Mapping[str, Callable[[View], Iterator[Remark]]] = {
    "FKL01": sum_of_nothing_is_null,
    "FKL02": ties_have_no_breaker,
    "FKL03": window_has_no_bound,
    "FKL04": floats_are_compared_for_equality,
    "FKL05": money_is_summed_as_float,
    "FKL06": rows_are_called_days,
    "FKL08": state_grows_without_bound,
    "FKL11": rows_are_counted_before_they_are_filtered,
    "FKL12": written_nulls_break_a_strict_contract,
}


def _counts_from_the_end(view: View, node: Aggregate) -> bool:
    """Whether older rows hardly matter: the latest ones decide, or weights fade."""
    if node.function in _FROM_THE_END:
        return True
    time = view.source.time if view.source else None
    return node.function == "max" and [getattr(a, "name", "") for a in node.arguments] == [time]


def _a_year(node: Aggregate, window: AllTime) -> str:
    """Return the window of a year that ends where ``window`` does."""
    return window_text(replace(node, window=Rolling(365 * UNITS["d"], window.offset)))


def _unhandled(node: Expression) -> Iterator[Aggregate]:
    """Yield the aggregates whose null nobody handles."""
    if isinstance(node, Aggregate):
        yield node
        return
    if isinstance(node, Call) and _NULL_IS_HANDLED & set(OPERATORS[node.operator].surfaces):
        return
    if isinstance(node, Case):
        return  # the author thought about what happens when
    for child in children(node):
        yield from _unhandled(child)


def _looks_up(view: View, feature: Feature) -> bool:
    name = view.source.name if view.source else ""
    nodes = walk_outside_aggregates(feature.expression)
    return any(isinstance(node, Column) and node.relation == name for node in nodes)


def _begins_inside(node: Expression) -> bool:
    """Whether it is a SUBSTRING from a written position of 1 or more, which all dialects share."""
    if not isinstance(node, Call) or "SUBSTRING" not in OPERATORS[node.operator].surfaces:
        return False
    start = node.arguments[1]
    return isinstance(start, Literal) and isinstance(start.value, int) and start.value > 0


def _is_whole(node: Expression) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, float) and node.value.is_integer()
