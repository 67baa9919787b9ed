"""Operators are chosen by the types of their arguments; what widens is written down.

Literals are widened on the spot, so that ``amount / 2`` holds 2.0 and not a cast of 2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors import FeatureError, Where
from featurekit.errors.meaning import (
    ConstantNeeded,
    ConstantRefused,
    NoCommonType,
    TextCompared,
    TooManyDigits,
    WrongTypes,
)
from featurekit.frontends.advice import (
    cast_that_fits,
    in_own_words,
    of_types,
    with_constant,
)
from featurekit.frontends.misfits import place_of_misfit
from featurekit.ir.nodes import Call, Case, Expression, Literal
from featurekit.ops import BY_SURFACE, Bound, Operator, bind, casts

COMPARISONS = {"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"}
_WIDE = Context(prec=80)


def apply(
    surface: str,
    arguments: Sequence[Expression],
    where: Where | None,
    words: Sequence[str] = (),
    places: Sequence[Where | None] = (),
) -> Expression:
    """Return the call of the overload of ``surface`` that fits, its arguments widened.

    Args:
        surface: What the author wrote, upper case.
        arguments: The operands, literals as literals.
        where: The place to point at when nothing fits.
        words: The author's spelling of each argument, for the advice.
        places: Where each argument stands, so that the one that does not fit is shown.

    Raises:
        DefinitionError: FK120 wrong types, FK121 no common type, FK122 text compared with
            something else, FK125 a literal is needed, FK127 more places than a DECIMAL has,
            FK128 a literal that means nothing there.
    """
    try:
        bound = _bound(surface, arguments)
    except (TooManyDigits, ConstantRefused) as error:
        error.where = error.where or where
        error.fix = in_own_words(error.fix, words)
        raise
    if bound is None:
        misfit = _misfit(surface, arguments, where, words)
        if isinstance(misfit, WrongTypes):
            rows = [row.parameters for row in BY_SURFACE.get(surface, ())]
            given = [argument.type for argument in arguments]
            misfit.where = place_of_misfit(rows, given, places, where)
        raise misfit
    for parameter, argument in zip(bound.operator.parameters, arguments, strict=False):
        if parameter.constant and isinstance(argument, Literal) and argument.value is None:
            raise ConstantNeeded(_spoken(surface), parameter.name, (), where)
    if bound.type.kind is Kind.NULL:
        return Literal(None)
    targets = [types.BIGINT if t.kind is Kind.NULL else t for t in bound.arguments]
    widened = tuple(widen(a, t) for a, t in zip(arguments, targets, strict=True))
    return Call(bound.operator.name, widened, bound.type)


def _bound(surface: str, arguments: Sequence[Expression]) -> Bound | None:
    constants = [a.value if isinstance(a, Literal) else ... for a in arguments]
    return bind(surface, [a.type for a in arguments], constants)


def widen(node: Expression, target: DataType) -> Expression:
    """Return ``node`` as ``target``, which it must be able to become unasked."""
    if node.type == target:
        return node
    if isinstance(node, Literal):
        return Literal(_widened(node.value, target), target)
    name = casts.WIDENINGS[node.type.kind, target.kind]
    digits = (target.precision, target.scale) if target.kind is Kind.DECIMAL else ()
    return Call(name, (node, *(Literal(n, types.BIGINT) for n in digits)), target)


def _widened(value: Any, target: DataType) -> Any:
    if value is None:
        return None
    match target.kind:
        case Kind.DOUBLE:
            return float(value)
        case Kind.DECIMAL:
            return Decimal(value).quantize(Decimal(1).scaleb(-target.scale), context=_WIDE)
        case Kind.TIMESTAMP:
            return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
        case _:
            return value


def choose(
    construct: str,
    branches: Sequence[tuple[Expression, Expression]],
    default: Expression,
    where: Where | None,
) -> Expression:
    """Return the case of ``branches``, all values widened to one type.

    Raises:
        DefinitionError: FK121 when the values have no common type.
    """
    values = [value for _, value in branches] + [default]
    found = common([value.type for value in values])
    if found is None:
        given = dict.fromkeys(v.type for v in values if v.type.kind is not Kind.NULL)
        raise NoCommonType(construct, list(given), where)
    if found.kind is Kind.NULL:
        return Literal(None)
    widened = tuple((condition, widen(value, found)) for condition, value in branches)
    return Case(widened, widen(default, found), found)


def common(given: Sequence[DataType]) -> DataType | None:
    """Return the narrowest type that holds all of ``given``, or None."""
    found: DataType | None = types.NULL
    for kind in given:
        found = found and types.common_type(found, kind)
    return found


def _misfit(
    surface: str, arguments: Sequence[Expression], where: Where | None, words: Sequence[str]
) -> FeatureError:
    given = [a.type for a in arguments]
    kinds = {t.kind for t in given} - {Kind.NULL}
    shown = _spoken(surface)
    if (surface in COMPARISONS or surface == "IN") and Kind.VARCHAR in kinds and len(kinds) > 1:
        other = next(t for t in given if t.kind not in {Kind.NULL, Kind.VARCHAR})
        first = next(t for t in given if t.kind is not Kind.NULL)
        pairs = zip(words, arguments, strict=False)
        texts = [word for word, argument in pairs if argument.type.kind is Kind.VARCHAR]
        text_first = first.kind is Kind.VARCHAR
        return TextCompared(surface, other, texts[0] if texts else "", where, text_first=text_first)
    rows = [row for row in BY_SURFACE.get(surface, ()) if _takes(row, len(given))]
    for row in rows:
        for parameter, argument in zip(row.parameters, arguments, strict=False):
            if parameter.constant and not isinstance(argument, Literal):
                fix = with_constant(shown, row.parameters, row.cases, words)
                return ConstantNeeded(shown, parameter.name, (), where, fix)
    if rows and all(p.variable for row in rows for p in row.parameters) and not common(given):
        return NoCommonType(shown, list(dict.fromkeys(given)), where)
    if not rows and surface in BY_SURFACE:
        names = ", ".join(p.name for p in BY_SURFACE[surface][0].parameters)
        return WrongTypes(shown, given, [f"({names})"], where, f"{shown}({names})")
    accepted = dict.fromkeys(
        f"({', '.join(map(str, row.parameters))})" for row in BY_SURFACE.get(surface, ())
    )
    constants = [a.value if isinstance(a, Literal) else ... for a in arguments]
    fix = of_types(surface, given, words) or cast_that_fits(
        given, words, lambda kinds: bind(surface, kinds, constants) is not None
    )
    return WrongTypes(shown, given, list(accepted)[:4], where, fix)


def _takes(row: Operator, count: int) -> bool:
    parameters = row.parameters
    if parameters and parameters[-1].repeated:
        return count >= len(parameters)
    return len(parameters) == count


def _spoken(surface: str) -> str:
    return {"NEG": "unary -"}.get(surface, surface)
