"""What is tried on an operator: concrete argument types, constants, and rows."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.ops.operator import OPERATORS, Case, Operator, Parameter

_DECIMALS = (types.decimal(10, 2), types.decimal(38, 10), types.decimal(18, 0))
_OF_VALUE = (
    (bool, types.BOOLEAN),
    (int, types.BIGINT),
    (float, types.DOUBLE),
    (str, types.VARCHAR),
    (dt.datetime, types.TIMESTAMP),
    (dt.date, types.DATE),
)
_MOST_REPEATED = 3


@dataclass(frozen=True)
class Sample:
    """One operator bound to types: ``arguments`` is a type, or a constant's value in a 1-tuple."""

    operator: Operator
    arguments: tuple[DataType | tuple[Any], ...]
    result: DataType

    @property
    def columns(self) -> tuple[DataType, ...]:
        """The types of the arguments that are columns."""
        return tuple(a for a in self.arguments if isinstance(a, DataType))

    def filled(self, row: Sequence[Any]) -> list[Any]:
        """Return the arguments of one call: the constants with the row's values between them."""
        values = iter(row)
        return [next(values) if isinstance(a, DataType) else a[0] for a in self.arguments]

    def __str__(self) -> str:
        said = (str(a) if isinstance(a, DataType) else repr(a[0]) for a in self.arguments)
        return f"{self.operator.name}({', '.join(said)}) -> {self.result}"


def bound(operator: Operator, arguments: Sequence[DataType | tuple[Any]]) -> Sample | None:
    """Return the sample for these arguments, or None where the operator refuses the types."""
    parameters = spread(operator, len(arguments))
    _, fixed, variable, _ = operator.signature
    if operator.result_rule:
        facts = [a if isinstance(a, DataType) else a[0] for a in arguments]
        try:
            ruled = operator.result_rule(*facts)
        except types_refused():
            return None
        if ruled is None:
            return None
        result = ruled
    elif variable:
        pairs = zip(parameters, arguments, strict=True)
        result = next(a for p, a in pairs if p.variable == variable and isinstance(a, DataType))
    else:
        result = fixed or types.NULL
    return Sample(operator, tuple(arguments), result)


def types_refused() -> type[Exception]:
    """Return what a result rule raises where no DECIMAL holds the result."""
    from featurekit.errors import FeatureError

    return FeatureError


def spread(operator: Operator, count: int) -> tuple[Parameter, ...]:
    """Return one parameter an argument, the repeated one as often as needed."""
    parameters = operator.parameters
    extra = count - len(parameters)
    return parameters + (parameters[-1],) * extra if extra > 0 else parameters[:count]


@cache
def samples(name: str) -> tuple[Sample, ...]:
    """Return every signature that is tried: type variables, decimals, constants of the cases."""
    operator = OPERATORS[name]
    last = operator.parameters[-1:]
    repeats = range(1, _MOST_REPEATED + 1) if last and last[0].repeated else (1,)
    found: dict[str, Sample] = {}
    for repeat in repeats:
        parameters = spread(operator, len(operator.parameters) + repeat - 1)
        for constants in _constants(operator, parameters):
            for arguments in _typed(parameters, constants):
                sample = bound(operator, arguments)
                if sample:
                    found.setdefault(str(sample), sample)
    assert found, f"no signature of {name} could be made"
    return tuple(found.values())


def _constants(
    operator: Operator, parameters: Sequence[Parameter]
) -> Iterator[tuple[tuple[Any], ...]]:
    """Yield the distinct tuples of constants that the operator's cases use."""
    places = [place for place, parameter in enumerate(parameters) if parameter.constant]
    seen: set[str] = set()
    for case in operator.cases:
        if len(case.arguments) < len(operator.parameters) or not places:
            continue
        made = tuple((case.arguments[place],) for place in places if place < len(case.arguments))
        if repr(made) not in seen:
            seen.add(repr(made))
            yield made
    if not places:
        yield ()


def _typed(
    parameters: Sequence[Parameter], constants: Sequence[tuple[Any]]
) -> Iterator[tuple[DataType | tuple[Any], ...]]:
    names = list(dict.fromkeys(p.variable for p in parameters if p.variable))
    allowed = {p.variable: _every(p.allowed) for p in parameters if p.variable}
    for chosen in itertools.product(*(allowed[name] for name in names)):
        variables = dict(zip(names, chosen, strict=True))
        given = iter(constants)
        options: list[Sequence[DataType | tuple[Any]]] = []
        for parameter in parameters:
            if parameter.constant:
                options.append([next(given)])
            elif parameter.variable:
                options.append([variables[parameter.variable]])
            elif parameter.type and parameter.type.kind is Kind.DECIMAL:
                options.append(_DECIMALS)
            else:
                options.append([parameter.type or types.NULL])
        yield from itertools.product(*options)


def _every(kinds: Sequence[Kind]) -> list[DataType]:
    made: list[DataType] = []
    for kind in kinds:
        made += _DECIMALS[:2] if kind is Kind.DECIMAL else [DataType(kind)]
    return made


def case_sample(operator: Operator, case: Case) -> tuple[Sample, tuple[Any, ...], Any]:
    """Return the sample, the row and the expected value of one line under ``Cases:``."""
    parameters = spread(operator, len(case.arguments))
    variables: dict[str, DataType] = {}
    for parameter, value in zip(parameters, case.arguments, strict=True):
        if parameter.variable:
            joined = types.common_type(variables.get(parameter.variable, types.NULL), _of(value))
            assert joined, case.text
            variables[parameter.variable] = joined
    arguments: list[DataType | tuple[Any]] = []
    row: list[Any] = []
    for parameter, value in zip(parameters, case.arguments, strict=True):
        if parameter.constant:
            arguments.append((value,))
            continue
        kind = variables[parameter.variable] if parameter.variable else parameter.type
        if kind is None or kind.kind is Kind.NULL:
            kind = DataType(parameter.allowed[0])  # nothing but nulls: any type will do
        if kind.kind is Kind.DECIMAL and not parameter.variable:
            kind = _of(value) if value is not None else types.decimal(18, 2)
        arguments.append(kind)
        row.append(_fit(value, kind))
    sample = bound(operator, arguments)
    assert sample, case.text
    return sample, tuple(row), _fit(case.expected, sample.result)


def _of(value: Any) -> DataType:
    if value is None:
        return types.NULL
    if isinstance(value, Decimal):
        scale = max(0, -int(value.as_tuple().exponent))
        return types.decimal(max(18, len(value.as_tuple().digits), scale), scale)
    return next(kind for python, kind in _OF_VALUE if isinstance(value, python))


def _fit(value: Any, kind: DataType) -> Any:
    """Return the case's JSON value as the type's Python value (``1`` for a DOUBLE is 1.0)."""
    if kind.kind is Kind.DOUBLE and isinstance(value, int):
        return float(value)
    if kind.kind is Kind.DECIMAL and isinstance(value, int | Decimal):
        from decimal import Context

        return Decimal(value).quantize(Decimal((0, (1,), -kind.scale)), context=Context(prec=80))
    return value
