"""What one operator is, and the decorator that makes a function one.

The function's name is the operator, its annotations are the signature, its docstring the help
page, the lines under ``Cases:`` its tests in every target, and its body is the meaning: standard
library only, and what generated Python contains. The other targets are fields of the same row.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, TypeVar, get_type_hints

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.ops.cases import Case, parse_case
from featurekit.ops.gap import Gap, Sql
from featurekit.ops.parameters import (
    CONSTANT,
    Parameter,
    data_type,
    parameter_of,
    without_none,
)

T = TypeVar("T", bool, int, float, Decimal, str, dt.date, dt.datetime)
"""Any type, the same for every parameter that names it."""

K = TypeVar("K", bool, int, float, Decimal, str, dt.date, dt.datetime)
"""Any type beside a ``T`` that may be another one: what values are ordered by."""

N = TypeVar("N", int, float, Decimal)
"""Any number, the same for every parameter that names it."""

ConstantText = Annotated[str, CONSTANT]
"""A parameter that must be a literal: it reaches a spelling as the Python value."""
ConstantInt = Annotated[int, CONSTANT]
ConstantDouble = Annotated[float, CONSTANT]


class Nulls(StrEnum):
    """What becomes of nulls.

    PROPAGATE: any null in, null out, and the body never sees one. HANDLE: the body decides.
    CHOOSE: it decides, too, and without a null in there is none out.
    """

    PROPAGATE = "propagate"
    HANDLE = "handle"
    CHOOSE = "choose"


Polars = Callable[..., Any] | Gap
"""``lambda pl, a, b: expression``; constants arrive as Python values, the rest as expressions.

With a keyword-only ``result`` the polars type of the answer arrives, too.
"""


@dataclass(frozen=True, eq=False)
class Operator:
    """One row of the table; equal to itself only, so that it can be a key."""

    name: str
    surfaces: tuple[str, ...]
    body: Callable[..., Any]
    polars: Polars
    sql: Sql
    nulls: Nulls = Nulls.PROPAGATE
    result_rule: Callable[..., DataType | None] | None = None
    ulps: int = 0
    commutes: bool = False

    @cached_property
    def signature(self) -> tuple[tuple[Parameter, ...], DataType | None, str | None, bool]:
        """Parameters, fixed result type, result type variable, and whether null may be made."""
        hints = get_type_hints(self.body, include_extras=True)
        parameters = tuple(
            parameter_of(p, hints[p.name]) for p in inspect.signature(self.body).parameters.values()
        )
        bare, nullable = without_none(hints["return"])
        if isinstance(bare, TypeVar):
            return parameters, None, bare.__name__, nullable
        return parameters, data_type(bare), None, nullable

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments, in order."""
        return self.signature[0]

    @property
    def makes_null(self) -> bool:
        """Whether the body can answer null."""
        return self.signature[3]

    @property
    def makes_null_of_values(self) -> bool:
        """Whether the body can answer null although no argument was null."""
        return self.makes_null and self.nulls is not Nulls.CHOOSE

    @property
    def doc(self) -> str:
        """The docstring without its ``Cases:``."""
        return inspect.cleandoc(self.body.__doc__ or "").partition("Cases:")[0].strip()

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The lines under ``Cases:``, parsed."""
        listed = inspect.cleandoc(self.body.__doc__ or "").partition("Cases:")[2]
        return tuple(parse_case(line) for line in listed.splitlines() if line.strip())

    def in_polars(self, pl: Any, arguments: Sequence[Any], result: Any) -> Any:
        """Return the polars spelling of ``arguments``; not for a row whose ``polars`` is a Gap.

        Args:
            pl: The polars module.
            arguments: An expression each, and the Python value of each constant.
            result: The polars type of the answer: spellings with a keyword-only ``result`` get it
                (DECIMAL, whose digits polars does not work out as the language does).
        """
        spelling: Any = self.polars
        if self._polars_asks_for_result:
            return spelling(pl, *arguments, result=result)
        return spelling(pl, *arguments)

    @cached_property
    def _polars_asks_for_result(self) -> bool:
        return callable(self.polars) and "result" in inspect.signature(self.polars).parameters

    def spelled(self, dialect: str) -> str | Gap:
        """Return the SQL text for ``dialect``, or the gap."""
        from featurekit.ops.spellings import SPELLINGS, said

        if dialect in SPELLINGS:
            return said(self.name, self.sql, dialect)
        if isinstance(self.sql, str | Gap):
            return self.sql
        if dialect in self.sql:
            return self.sql[dialect]
        if "" in self.sql:
            return self.sql[""]
        return Gap(f"{self.name} has no spelling for {dialect}")


OPERATORS: dict[str, Operator] = {}
BY_SURFACE: dict[str, list[Operator]] = {}


def operator(
    *surfaces: str,
    polars: Polars,
    sql: Sql,
    nulls: Nulls = Nulls.PROPAGATE,
    result: Callable[..., DataType | None] | None = None,
    ulps: int = 0,
    commutes: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated function into the table and return it unchanged.

    Args:
        surfaces: What an author writes: ``"+"``, ``"ROUND"``, ``"CAST VARCHAR"`` (upper case).
            The same surface on several operators makes them overloads of one another. No surface:
            only other code of the language uses it (an implicit widening, say).
        polars: ``lambda pl, a, b: ...`` or a ``Gap``.
        sql: ``"{a} + {b}"`` in DuckDB's words, a dict by dialect (key ``""``: all others), or a
            ``Gap``. Arguments arrive in parentheses unless they are atoms.
        nulls: Whether the body sees nulls.
        result: For DECIMAL results: from the argument types (constants as values) to the type.
            None where a constant does not suit this overload, so that another may take it.
        ulps: How far, in units in the last place, engines may differ; 0 means exact.
        commutes: Whether swapping the two arguments changes nothing, so that the hash ignores it.
    """

    def enter(body: Callable[..., Any]) -> Callable[..., Any]:
        name = getattr(body, "__name__").rstrip("_")  # noqa: B009  Callable has no __name__ for mypy
        row = Operator(name, surfaces, body, polars, sql, nulls, result, ulps, commutes)
        if name in OPERATORS:
            msg = f"operator {name} is defined twice"
            raise ValueError(msg)
        OPERATORS[name] = row
        for surface in surfaces:
            BY_SURFACE.setdefault(surface, []).append(row)
        return body

    return enter


@dataclass(frozen=True, slots=True)
class Bound:
    """An overload chosen: what each argument must widen to, and what comes out."""

    operator: Operator
    arguments: tuple[DataType, ...]
    type: DataType


def bind(
    surface: str, arguments: Sequence[DataType], constants: Sequence[Any] | None = None
) -> Bound | None:
    """Return the overload of ``surface`` that takes ``arguments`` with the least widening.

    Args:
        surface: What the author wrote, upper case.
        arguments: One type an argument.
        constants: The value of each argument that is a literal, else ``...``; None: no literals.
    """
    best: tuple[int, Bound] | None = None
    for candidate in BY_SURFACE.get(surface, ()):
        fitted = _fit(candidate, tuple(arguments), tuple(constants or [...] * len(arguments)))
        if fitted and (best is None or fitted[0] < best[0]):
            best = fitted
    return best[1] if best else None


def _spread(parameters: tuple[Parameter, ...], count: int) -> tuple[Parameter, ...] | None:
    if parameters and parameters[-1].repeated and count >= len(parameters):
        extra = count - len(parameters)
        return parameters + (parameters[-1],) * extra
    return parameters if len(parameters) == count else None


def _fit(
    row: Operator, given: tuple[DataType, ...], constants: tuple[Any, ...]
) -> tuple[int, Bound] | None:
    parameters = _spread(row.parameters, len(given))
    if parameters is None:
        return None
    variables = _unify(parameters, given)
    if variables is None:
        return None
    cost = 0
    wanted: list[DataType] = []
    for parameter, actual, value in zip(parameters, given, constants, strict=True):
        if parameter.constant and value is ...:
            return None
        target = _target(parameter, actual, variables)
        step = widening(actual, target)
        if step is None:
            return None
        cost += step
        wanted.append(target)
    _, fixed, variable, _ = row.signature
    if row.result_rule:
        facts = [
            value if parameter.constant else target
            for parameter, target, value in zip(parameters, wanted, constants, strict=True)
        ]
        ruled = row.result_rule(*facts)
        if ruled is None:
            return None
        outcome = ruled
    else:
        outcome = variables[variable] if variable else fixed or types.NULL
    return cost, Bound(row, tuple(wanted), outcome)


def widening(actual: DataType, target: DataType) -> int | None:
    """Return the cost of using ``actual`` where ``target`` is wanted, None where it cannot be."""
    if actual.kind is Kind.DECIMAL and target.kind is Kind.DECIMAL:
        return 0 if actual == target else 1
    return types.widening_cost(actual, target)


def _target(parameter: Parameter, actual: DataType, variables: Mapping[str, DataType]) -> DataType:
    if parameter.variable:
        return variables[parameter.variable]
    wanted = parameter.type
    assert wanted is not None  # noqa: S101  a parameter has a variable or a type
    if wanted.kind is not Kind.DECIMAL:
        return wanted
    if actual.kind is Kind.DECIMAL:
        return actual  # each DECIMAL argument keeps its own digits
    return types.decimal(19, 0) if actual.kind is Kind.BIGINT else types.decimal(1, 0)


def _unify(
    parameters: Sequence[Parameter], given: Sequence[DataType]
) -> dict[str, DataType] | None:
    found: dict[str, DataType] = {}
    for parameter, actual in zip(parameters, given, strict=True):
        if not parameter.variable:
            continue
        if actual.kind not in {*parameter.allowed, Kind.NULL}:
            return None
        joined = types.common_type(found.get(parameter.variable, types.NULL), actual)
        if joined is None:
            return None
        found[parameter.variable] = joined
    return found
