"""What one aggregate is: an algebra over the rows of a window, in their order.

An aggregate is a class of static methods. ``start`` is the state of an empty window, ``add`` takes
one row's value (nulls are filtered one layer below, unless ``keeps_nulls``), ``merge`` joins the
states of two neighbouring stretches, the earlier one first, and ``result`` is the answer. ``add``
may change the state it is given and return it (a set); ``merge`` leaves both as they are. The laws
``merge(fold(a), fold(b)) == fold(a + b)`` and ``merge(start, s) == s`` are tested. The class is
what generated Python contains, so it uses the standard library only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.ops.cases import Case, parse_case
from featurekit.ops.gap import Gap, Sql
from featurekit.ops.operator import Polars, widening
from featurekit.ops.parameters import Parameter, data_type, parameter_of, without_none

Ranges = Literal["difference", "first", "last", "least", "most"]


@dataclass(frozen=True, slots=True)
class Lift:
    """The same algebra on columns, so that a range of rows is merged from blocks of 2**k rows.

    Attributes:
        start: ``lambda pl, *arguments: {"state column": expression}``: the state after each single
            row; a null argument gives the identity of ``merge``.
        empty: The identity, one literal a state column.
        merge: ``lambda pl, a, b: {"state column": expression}`` where ``a`` and ``b`` map state
            column to expression, the earlier stretch first.
        result: ``lambda pl, s: expression``.
        ranges: What the state of a range of rows also is, for engines that need no blocks then:
            ``difference`` (of whole numbers summed up to either end), the ``first`` or ``last``
            state that is not null, or the ``least`` or ``most`` state.
    """

    start: Callable[..., Mapping[str, Any]]
    empty: Mapping[str, Any]
    merge: Callable[..., Mapping[str, Any]]
    result: Callable[..., Any]
    ranges: Ranges | None = None


@dataclass(frozen=True, slots=True)
class Moments:
    """All that is asked of a range is what its numbers, or products of two of them, add up to.

    Engines add them up without any error, so that an answer depends on the rows of its range and
    on nothing else: not on their order, on what lies before them, or on how they were cut.

    Attributes:
        values: ``lambda pl, *arguments: {"x": expression}``: the numbers of each row, all null
            where it does not count; doubles, or whole numbers whose distances alone matter.
        result: ``lambda pl, s: expression`` of "n", how many rows count, and, without
            ``products``, "sum": of "x", rounded once; infinities and NaN add up as IEEE says.
        products: Such as "xy": what the distances of "x" and "y" from their means come to,
            multiplied and added up, is known as "xy"; NaN where a number is not finite. "x varies"
            says of each number whether two are different.
    """

    values: Callable[..., Mapping[str, Any]]
    result: Callable[..., Any]
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Different(Gap):
    """No state of fixed size, but the answer is how many different values there are.

    So engines may count the rows of a range whose value is not in an earlier row of it.
    """


@dataclass(frozen=True, slots=True)
class Ranked(Gap):
    """No state of fixed size, but the answer is a quantile of the values.

    So engines may keep the values of a range in order while it moves.

    Attributes:
        share: Which quantile; None: the second argument says, which is a constant.
    """

    share: float | None = None


@dataclass(frozen=True, slots=True)
class Fading(Gap):
    """No state of fixed size, but the answer is a sum of doubles that halve again and again.

    The arguments are the double, when it was whole, the moment of asking, and how long half of it
    lasts. So engines may weigh values as of a few fixed moments, add them up, and weigh the sums.

    Attributes:
        lasting: After so many halves a finite value weighs nothing.
        least: What is nearer to 0 is 0.0.
    """

    lasting: int
    least: float


@dataclass(frozen=True)
class AggregateFunction:
    """One row of the table of aggregates."""

    name: str
    surfaces: tuple[str, ...]
    algebra: Any
    polars: Polars
    sql: Sql
    lift: Lift | Moments | Gap
    ordered: bool = False
    keeps_nulls: bool = False
    makes_null: bool = False
    bound: str = "exact"
    result_rule: Callable[..., DataType | None] | None = None

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments of ``add`` after the state, in order, those that are implicit, too."""
        hints = get_type_hints(self.algebra.add, include_extras=True)
        given = list(inspect.signature(self.algebra.add).parameters.values())[1:]
        return tuple(parameter_of(p, hints[p.name]) for p in given)

    @cached_property
    def result(self) -> DataType | str:
        """The result's type, or the name of the type variable that says it (``T``, ``LIST<T>``)."""
        bare, _ = without_none(get_type_hints(self.algebra.result)["return"])
        if get_origin(bare) is list:
            (member,) = get_args(bare)
            name = member.__name__ if isinstance(member, TypeVar) else data_type(member)
            return f"LIST<{name}>"
        return bare.__name__ if isinstance(bare, TypeVar) else data_type(bare)

    @property
    def null_on_empty(self) -> bool:
        """Whether an empty window answers null (counts answer 0)."""
        return self.algebra.result(self.algebra.start()) is None

    @property
    def doc(self) -> str:
        """The docstring without its ``Cases:``."""
        return inspect.cleandoc(self.algebra.__doc__ or "").partition("Cases:")[0].strip()

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The lines under ``Cases:``: each argument is the list of that column's values."""
        listed = inspect.cleandoc(self.algebra.__doc__ or "").partition("Cases:")[2]
        return tuple(parse_case(line) for line in listed.splitlines() if line.strip())

    def rows(self, case: Case) -> list[tuple[Any, ...]]:
        """Return the rows that ``case`` lists by column, its constants the same in each."""
        columns = [c for c in case.arguments if isinstance(c, list)]
        count = len(columns[0]) if columns else 0
        whole = [c if isinstance(c, list) else [c] * count for c in case.arguments]
        return list(zip(*whole, strict=True))

    def fold(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        """Return the answer over ``rows`` (one tuple of arguments a row, in order): the meaning."""
        state = self.algebra.start()
        for row in rows:
            if self.keeps_nulls or None not in row:
                state = self.algebra.add(state, *row)
        return self.algebra.result(state)


AGGREGATES: dict[str, AggregateFunction] = {}
AGGREGATES_BY_SURFACE: dict[str, list[AggregateFunction]] = {}


def aggregate(
    *surfaces: str,
    polars: Polars,
    sql: Sql,
    lift: Lift | Moments | Gap,
    ordered: bool = False,
    keeps_nulls: bool = False,
    makes_null: bool = False,
    bound: str = "exact",
    result: Callable[..., DataType | None] | None = None,
) -> Callable[[type], type]:
    """Enter the decorated algebra into the table and return it unchanged.

    Args:
        surfaces: What an author writes, upper case; several rows with one surface are overloads.
        polars: ``lambda pl, x: ...``: the answer over a group (rows in canonical order), nulls in;
            constants arrive as Python values.
        sql: ``"SUM({x})"``; ``{filter}`` stands where ``FILTER (WHERE ...)`` goes (at the end
            when absent), ``{order}`` where the canonical order goes (``time, tie``) or the one that
            the author wrote, ``{order_back}`` that order reversed.
        lift: The algebra on columns, or why ranges must be gathered row by row.
        ordered: Whether the order of the rows matters.
        keeps_nulls: Whether ``add`` sees null arguments.
        makes_null: Whether it can answer null though some row has a value in every argument.
        bound: ``exact``; ``unit`` (1e-9), ``sum`` (1e-9 of the sum of absolute values), ``mean``
            (1e-9 of the largest absolute value), ``square`` (1e-9 of its square), ``slope``
            (1e-9 of the largest absolute value over the mean distance of two times, in days) or
            ``correlation`` (1e-9, more where values are close together for their size): how far
            engines may differ.
        result: From the argument types (constants as values) to the result's, for DECIMAL; None
            where a constant does not suit.
    """

    def enter(algebra: type) -> type:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in algebra.__name__).lstrip("_")
        row = AggregateFunction(
            name,
            surfaces,
            algebra,
            polars,
            sql,
            lift,
            ordered,
            keeps_nulls,
            makes_null,
            bound,
            result,
        )
        if name in AGGREGATES:
            msg = f"aggregate {name} is defined twice"
            raise ValueError(msg)
        AGGREGATES[name] = row
        for surface in surfaces:
            AGGREGATES_BY_SURFACE.setdefault(surface, []).append(row)
        return algebra

    return enter


@dataclass(frozen=True, slots=True)
class BoundAggregate:
    """An overload chosen: what each argument must widen to, the implicit ones among them."""

    function: AggregateFunction
    arguments: tuple[DataType, ...]
    type: DataType


def bind_aggregate(
    surface: str, arguments: Sequence[DataType], constants: Sequence[Any] | None = None
) -> BoundAggregate | None:
    """Return the overload of ``surface`` that takes ``arguments`` with the least widening.

    Args:
        surface: What the author wrote, upper case.
        arguments: One type an argument; those that the reader fills in are left out.
        constants: The value of each argument that is a literal, else ``...``; None: no literals.
    """
    best: tuple[int, BoundAggregate] | None = None
    values = tuple([...] * len(arguments) if constants is None else constants)
    for row in AGGREGATES_BY_SURFACE.get(surface, ()):
        fitted = _fit(row, tuple(arguments), values)
        if fitted and (best is None or fitted[0] < best[0]):
            best = fitted
    return best[1] if best else None


def _fit(
    row: AggregateFunction, given: tuple[DataType, ...], constants: tuple[Any, ...]
) -> tuple[int, BoundAggregate] | None:
    if sum(not parameter.implicit for parameter in row.parameters) != len(given):
        return None
    cost = 0
    wanted: list[DataType] = []
    variables: dict[str, DataType] = {}
    written = iter(zip(given, constants, strict=True))
    filled = [(types.TIMESTAMP, ...) if p.implicit else next(written) for p in row.parameters]
    for parameter, (actual, value) in zip(row.parameters, filled, strict=True):
        if parameter.constant and (value is ... or value is None):
            return None
        if parameter.variable:
            if actual.kind not in parameter.allowed:
                return None
            target = variables.setdefault(parameter.variable, actual)
        else:
            target = parameter.type or types.NULL
            if target.kind is types.Kind.DECIMAL:
                target = actual if actual.kind is types.Kind.DECIMAL else types.decimal(19, 0)
        step = widening(actual, target)
        if step is None:
            return None
        cost += step
        wanted.append(target)
    made = _result(row, wanted, [value for _, value in filled], variables)
    return (cost, BoundAggregate(row, tuple(wanted), made)) if made else None


def _result(
    row: AggregateFunction,
    wanted: Sequence[DataType],
    constants: Sequence[Any],
    variables: Mapping[str, DataType],
) -> DataType | None:
    if row.result_rule:
        facts = zip(row.parameters, wanted, constants, strict=True)
        return row.result_rule(*(v if p.constant else kind for p, kind, v in facts))
    outcome = row.result
    return variables[outcome] if isinstance(outcome, str) else outcome
