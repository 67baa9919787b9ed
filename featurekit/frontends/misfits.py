"""Which argument it is that no overload takes, so that the author is shown that one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors import Where
from featurekit.ops.parameters import Parameter


def place_of_misfit(
    overloads: Iterable[Sequence[Parameter]],
    given: Sequence[DataType],
    places: Sequence[Where | None],
    otherwise: Where | None,
) -> Where | None:
    """Return the place of the one argument whose type no overload takes there.

    Where several arguments are wrong, or none by itself, nothing is singled out.

    Args:
        overloads: The parameters of each.
        given: The arguments' types.
        places: The arguments' places.
        otherwise: The place of the whole.
    """
    rows = [row for row in overloads if len(row) == len(given) or (row and row[-1].repeated)]
    wrong = [
        position
        for position, kind in enumerate(given)
        if rows and not any(_takes(row[min(position, len(row) - 1)], kind) for row in rows)
    ]
    if len(wrong) == 1 and wrong[0] < len(places):
        return places[wrong[0]] or otherwise
    return otherwise


def _takes(parameter: Parameter, given: DataType) -> bool:
    if given.kind is Kind.NULL:
        return True
    if parameter.type is None:
        return not parameter.allowed or given.kind in parameter.allowed
    if parameter.type.kind is Kind.DECIMAL:  # of any digits
        return given.kind in {Kind.DECIMAL, Kind.BIGINT}
    return types.widening_cost(given, parameter.type) is not None
