"""Columns as an author lists them: ``customer_id:string amount:double!``."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.datatypes import parse_type
from featurekit.errors import UsageError
from featurekit.ir.definitions import Field


class BadField(UsageError):
    """FK907: a column that is not ``name:type``."""

    code = "FK907"

    def __init__(self, word: str) -> None:
        super().__init__(
            f"{word!r} is not of the form name:type",
            why="types are boolean, bigint, double, decimal(p,s), varchar, date, timestamp",
            fix="customer_id:string, amount:double! (the ! promises that it is never null)",
        )


def parse_fields(text: str | Mapping[str, str]) -> tuple[Field, ...]:
    """Return the columns of ``"customer_id:string amount:decimal(10,2)!"``, or of a dict of such.

    Raises:
        BadField: FK907.
    """
    if isinstance(text, Mapping):
        words = [f"{name}:{kind}" for name, kind in text.items()]
    else:
        words = text.replace(", ", ",").split()
    fields: list[Field] = []
    for word in words:
        name, colon, kind = word.partition(":")
        required = kind.endswith("!")
        found = parse_type(kind.rstrip("!?"))
        if not colon or not name.isidentifier() or found is None:
            raise BadField(word)
        fields.append(Field(name, found, required))
    return tuple(fields)
