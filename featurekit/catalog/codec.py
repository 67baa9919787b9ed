"""Definitions as JSON values and back, exactly.

Records are data. Decoding builds frozen dataclasses from an allow-list, checks every value against
the field's annotation, and runs nothing that the text names: a record may be wrong, not harmful.
A field that a record lacks takes the class's default, and one that is retired is passed over, so
that older records stay readable.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import types
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cached_property
from typing import Any, Union, get_args, get_origin, get_type_hints

from featurekit.datatypes import INTERVAL, NULL, DataType, Kind, list_of, parse_type
from featurekit.errors.catalog import NotStorable
from featurekit.ir import definitions, nodes, schedules, view, windows

_MICROSECOND = dt.timedelta(microseconds=1)

DEFINITIONS: tuple[type, ...] = (
    definitions.Field,
    definitions.Entity,
    definitions.Rule,
    definitions.Source,
    definitions.Vocabulary,
    definitions.Member,
    definitions.FeatureSet,
    nodes.Literal,
    nodes.Column,
    nodes.Call,
    nodes.Case,
    nodes.InVocabulary,
    nodes.AsOf,
    nodes.Order,
    nodes.Aggregate,
    windows.Rolling,
    windows.Calendar,
    windows.ToDate,
    windows.LastRows,
    windows.AllTime,
    schedules.Every,
    schedules.At,
    view.Join,
    view.Feature,
    view.View,
)

_VALUES: dict[Kind, tuple[type, ...]] = {
    Kind.BOOLEAN: (bool,),
    Kind.BIGINT: (int,),
    Kind.DOUBLE: (float,),
    Kind.DECIMAL: (Decimal,),
    Kind.VARCHAR: (str,),
    Kind.DATE: (dt.date,),
    Kind.TIMESTAMP: (dt.datetime,),
    Kind.INTERVAL: (dt.timedelta, int),
    Kind.LIST: (),
    Kind.NULL: (),
}


_RETIRED = (("Aggregate", "distinct", False), ("View", "fresh", "realtime"))
"""What records of earlier versions hold where nothing stands now: class, field and value."""

_LATER = (("View", "strict", False), ("Source", "until", None))
"""What records leave out, so that those of what was known before are the same bytes as then."""


class Malformed(ValueError):
    """A JSON value that is not what the reader's types ask for; the message says where."""


class Codec:
    """Encodes and decodes the dataclasses it was given, and no others."""

    def __init__(self, classes: Iterable[type]) -> None:
        self._classes = {cls.__name__: cls for cls in classes}

    @cached_property
    def _hints(self) -> dict[str, dict[str, Any]]:
        names = {"DataType": DataType, **self._classes}
        return {name: get_type_hints(cls, None, names) for name, cls in self._classes.items()}

    def encode(self, value: Any) -> Any:
        """Return ``value`` as JSON values.

        Raises:
            NotStorable: FK312, for anything outside the allow-list.
        """
        match value:
            case Enum():
                return value.value
            case None | bool() | int() | str():
                return value
            case float() | Decimal() | dt.date() | dt.timedelta() | bytes():
                return _encode_scalar(value)
            case DataType():
                return str(value)
            case tuple() | list():
                return [self.encode(member) for member in value]
            case Mapping() if all(isinstance(key, str) for key in value):
                return {"map": {key: self.encode(value[key]) for key in sorted(value)}}
            case _ if type(value) is self._classes.get(type(value).__name__):
                name = type(value).__name__
                told = {f.name: getattr(value, f.name) for f in _fields(value)}
                kept = {n: part for n, part in told.items() if (name, n, part) not in _LATER}
                return {"is": name, **{n: self.encode(part) for n, part in kept.items()}}
            case _:
                raise NotStorable(f"a value of type {type(value).__name__}")

    def decode(self, value: Any, hint: Any) -> Any:
        """Return the value of type ``hint`` that ``value`` encodes.

        Raises:
            Malformed: With the path to the first part that does not fit.
        """
        try:
            return self._decode(value, hint)
        except RecursionError:
            raise Malformed("nested too deeply") from None

    def _decode(self, value: Any, hint: Any) -> Any:
        if hint is Any:
            return self._decode_any(value)
        if hint is DataType:
            return _decode_type(value)
        origin = get_origin(hint)
        if origin in {Union, types.UnionType}:
            return self._decode_union(value, get_args(hint))
        if origin is tuple:
            return self._decode_tuple(value, get_args(hint))
        if origin is Mapping or hint is Mapping:
            return self._decode_mapping(value, get_args(hint)[1])
        if isinstance(hint, type) and issubclass(hint, Enum):
            return _decode_enum(value, hint)
        if hint in {str, int, bool, float, type(None)}:
            return _decode_plain(value, hint)
        return self._decode_class(value, hint)

    def _decode_any(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self._decode_any(member) for member in value)
        if isinstance(value, dict):
            return _decode_scalar(value)
        return _decode_plain(value, type(value))

    def _decode_union(self, value: Any, members: tuple[Any, ...]) -> Any:
        if value is None and type(None) in members:
            return None
        named = {m.__name__: m for m in members if m in self._classes.values()}
        if isinstance(value, dict) and named:
            chosen = named.get(_text(value.get("is")))
            if chosen is None:
                raise Malformed(f"{value.get('is')!r} is not one of {', '.join(sorted(named))}")
            return self._decode_class(value, chosen)
        for member in members:
            if member is type(None) or member in named.values():
                continue
            try:
                return self._decode(value, member)
            except Malformed:
                continue
        raise Malformed(f"a {type(value).__name__} cannot stand here")

    def _decode_tuple(self, value: Any, members: tuple[Any, ...]) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Malformed(f"a list is wanted, not a {type(value).__name__}")
        if members[-1] is ...:
            return tuple(self._decode(part, members[0]) for part in value)
        if len(members) != len(value):
            raise Malformed(f"{len(members)} parts are wanted, not {len(value)}")
        return tuple(self._decode(p, m) for p, m in zip(value, members, strict=True))

    def _decode_mapping(self, value: Any, member: Any) -> dict[str, Any]:
        inside = value.get("map") if isinstance(value, dict) and set(value) == {"map"} else None
        if not isinstance(inside, dict):
            raise Malformed('{"map": {...}} is wanted')
        return {_text(key): self._decode(part, member) for key, part in inside.items()}

    def _decode_class(self, value: Any, cls: type) -> Any:
        name = cls.__name__
        if self._classes.get(name) is not cls:
            raise Malformed(f"{name} is not a definition")
        if not isinstance(value, dict) or value.get("is") != name:
            raise Malformed(f"{name} is wanted")
        known = {f.name: f for f in dataclasses.fields(cls)}
        value = {n: part for n, part in value.items() if (name, n, part) not in _RETIRED}
        if extra := sorted(set(value) - set(known) - {"is"}):
            raise Malformed(f"{name} has no field {extra[0]!r}")
        parts: dict[str, Any] = {}
        for field in known.values():
            if field.name in value:
                try:
                    hint = self._hints[name][field.name]
                    parts[field.name] = self._decode(value[field.name], hint)
                except Malformed as inner:
                    raise Malformed(f"{name}.{field.name}: {inner}") from None
            elif field.default is dataclasses.MISSING:
                raise Malformed(f"{name} lacks its {field.name}")
        made = cls(**parts)
        if isinstance(made, nodes.Literal):
            _check_literal(made)
        if isinstance(made, definitions.Source):
            _check_rules(made)
        return made


def _fields(value: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(value)


def _check_literal(node: nodes.Literal) -> None:
    value = node.value
    allowed = _VALUES[node.type.kind]
    exact = type(value) in allowed  # bool is an int and datetime a date, but not here
    naive = isinstance(value, dt.datetime) and value.tzinfo is None
    if value is not None and (not exact or naive):
        raise Malformed(f"Literal: {value!r} is not a {node.type}")


def _check_rules(source: definitions.Source) -> None:
    for rule in source.rules:
        field = source.field(rule.column)
        if field is None:
            raise Malformed(f"Source.rules: {source.name!r} has no column {rule.column!r}")
        for value in (rule.low, rule.high, rule.default, *rule.options):
            _check_literal(nodes.Literal(value, field.type))


def _encode_scalar(value: float | Decimal | dt.date | dt.timedelta | bytes) -> dict[str, Any]:
    match value:
        case float():
            return {"float": value.hex()}
        case Decimal():
            return {"decimal": str(value)}
        case dt.datetime():
            return {"datetime": value.isoformat()}
        case dt.date():
            return {"date": value.isoformat()}
        case dt.timedelta():
            return {"microseconds": value // _MICROSECOND}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}


def _decode_scalar(value: dict[Any, Any]) -> Any:
    if len(value) != 1:
        raise Malformed("a plain value is wanted")
    ((tag, inside),) = value.items()
    try:
        match tag:
            case "float":
                return float.fromhex(_text(inside))
            case "decimal":
                return Decimal(_text(inside))
            case "datetime":
                return dt.datetime.fromisoformat(_text(inside))
            case "date":
                return dt.date.fromisoformat(_text(inside))
            case "microseconds":
                return dt.timedelta(microseconds=_decode_plain(inside, int))
            case "bytes":
                return base64.b64decode(_text(inside), validate=True)
            case _:
                raise Malformed(f"{tag!r} is not a kind of value")
    except (ValueError, InvalidOperation, OverflowError) as wrong:
        raise Malformed(f"not a {tag}: {wrong}") from None


def _decode_plain(value: Any, wanted: Any) -> Any:
    if type(value) is not wanted or isinstance(value, float | dict | list):
        raise Malformed(f"{wanted.__name__} is wanted, not {type(value).__name__}")
    return value


def _decode_enum(value: Any, wanted: type[Enum]) -> Enum:
    try:
        return wanted(value)
    except ValueError:
        raise Malformed(f"{value!r} is not a {wanted.__name__}") from None


def _decode_type(value: Any) -> DataType:
    text = _text(value)
    special = {"NULL": NULL, "INTERVAL": INTERVAL}
    if text.startswith("LIST<") and text.endswith(">"):
        return list_of(_decode_type(text[5:-1]))
    found = special.get(text) or parse_type(text)
    if found is None:
        raise Malformed(f"{text!r} is not a type")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed(f"text is wanted, not {type(value).__name__}")
    return value
