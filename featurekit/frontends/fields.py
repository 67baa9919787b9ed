"""Columns as an author lists them: ``customer_id:string amount:double!``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from featurekit.datatypes import parse_type
from featurekit.errors import UsageError, listed, nearest
from featurekit.ir.definitions import Field, SourceKind, Vocabulary
from featurekit.ops import BY_SURFACE

TYPE_WORDS = (
    *("boolean", "bigint", "integer", "double", "float", "decimal(10,2)"),
    *("varchar", "string", "text", "date", "timestamp", "datetime"),
)


class BadField(UsageError):
    """FK907: a column that is not ``name:type``."""

    code = "FK907"

    def __init__(self, word: str) -> None:
        name, colon, kind = word.partition(":")
        kind, promise = kind.rstrip("!?"), "!" if kind.endswith("!") else ""
        strange = bool(colon and kind and name.isidentifier())
        near = get_close_matches(kind.lower(), TYPE_WORDS, n=1, cutoff=0.75) if strange else []
        problem = f"{word!r} is not of the form name:type"
        if strange:
            problem = f"unknown type {kind!r}" + (f"; did you mean {near[0]}" if near else "")
        super().__init__(
            problem,
            why="types are boolean, bigint, double, decimal(p,s), varchar (or string), date, "
            "timestamp; a ! after the type promises that the column is never null",
            fix=f"{name}:{near[0]}{promise}" if near else "customer_id:string, amount:double!",
        )


class RepeatedField(UsageError):
    """FK915: one column named twice."""

    code = "FK915"

    def __init__(self, name: str) -> None:
        super().__init__(f"column '{name}' is named twice", fix=f"name '{name}' once")


class AmbiguousAlias(UsageError):
    """FK918: a spelling that stands for two values of a vocabulary."""

    code = "FK918"

    def __init__(self, vocabulary: str, alias: str, values: Sequence[str]) -> None:
        super().__init__(
            f"vocabulary '{vocabulary}': {alias!r} stands for {listed(values)}",
            why="a spelling means one value",
            fix=f"keep {alias!r} in one of them",
        )


def unambiguous(vocabulary: Vocabulary) -> Vocabulary:
    """Return ``vocabulary`` when each of its spellings stands for one value.

    Raises:
        AmbiguousAlias: FK918.
    """
    (lower,) = BY_SURFACE["LOWER"]
    meant: dict[str, str] = {}
    for value, aliases in vocabulary.entries:
        for spelling in (value, *aliases):
            key = unicodedata.normalize("NFC", spelling).strip(" ")
            key = str(lower.body(key)) if vocabulary.ignore_case else key
            if meant.setdefault(key, value) != value:
                raise AmbiguousAlias(vocabulary.name, spelling, [meant[key], value])
    return vocabulary


class NoKeys(UsageError):
    """FK916: an entity that nothing identifies."""

    code = "FK916"

    def __init__(self, entity: str) -> None:
        super().__init__(
            f"entity '{entity}' has no key columns",
            why="a feature is looked up by them",
            fix="name at least one: customer_id:string",
        )


def entity_keys(name: str, words: Sequence[str]) -> tuple[Field, ...]:
    """Return the key columns of entity ``name``.

    Raises:
        NoKeys: FK916.
        BadField: FK907.
    """
    keys = parse_fields(" ".join(words))
    if not keys:
        raise NoKeys(name)
    return keys


def parse_fields(text: str | Mapping[str, str]) -> tuple[Field, ...]:
    """Return the columns of ``"customer_id:string amount:decimal(10,2)!"``, or of a dict of such.

    Spaces, commas or both stand between columns; those inside of parentheses belong to a type.

    Raises:
        BadField: FK907.
        RepeatedField: FK915.
    """
    if isinstance(text, Mapping):
        words = [f"{name}:{kind}" for name, kind in text.items()]
    else:
        words = re.findall(r"(?:\([^()]*\)|[^\s,])+", text)
    fields: list[Field] = []
    for word in words:
        name, colon, kind = word.partition(":")
        required = kind.endswith("!")
        found = parse_type(kind.rstrip("!?"))
        if not colon or not name.isidentifier() or found is None:
            raise BadField(word)
        if name in {field.name for field in fields}:
            raise RepeatedField(name)
        fields.append(Field(name, found, required))
    return tuple(fields)


class UnknownKind(UsageError):
    """FK912: a kind of source that there is not."""

    code = "FK912"

    def __init__(self, kind: str) -> None:
        known = [member.value for member in SourceKind]
        super().__init__(
            f"there is no kind of source '{kind}'{nearest(kind, known)}",
            fix=f"kind= one of {listed(known)}",
        )


def source_kind(word: str) -> SourceKind:
    """Return the kind that ``word`` names.

    Raises:
        UnknownKind: FK912.
    """
    try:
        return SourceKind(word)
    except ValueError:
        raise UnknownKind(word) from None


def names_in(words: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names in ``"carrier, airport"`` or in a list of names."""
    if isinstance(words, str):
        return tuple(words.replace(",", " ").split())
    return tuple(words or ())
