"""The canonical form: what stays when everything that does not change the meaning is taken away.

Two definitions with the same canonical form mean the same; versions follow its hash. Formatting,
comments, table aliases, the order of ANDs and ORs, ``x > 1`` against ``1 < x`` are gone; a window
edge, a zone, a maximum age, a vocabulary entry, a cast are in.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal
from enum import Enum
from typing import Any

from featurekit.datatypes import DataType
from featurekit.ir.definitions import Source, Vocabulary
from featurekit.ir.nodes import Aggregate, Call, Case, Column, Expression, Literal
from featurekit.ir.rules import admitted
from featurekit.ir.schedules import schedule_name
from featurekit.ir.view import View
from featurekit.ops import OPERATORS

_MIRRORED = {"gt": "lt", "ge": "le", "gt_double": "lt_double", "ge_double": "le_double"}
_ASSOCIATIVE = {"and", "or"}


def canonical(view: View) -> dict[str, Any]:
    """Return the canonical form of ``view`` as JSON values."""
    labels = {"ahead": view.ahead} if view.is_label else {}
    strict = {"strict": True} if view.strict else {}
    return {
        **labels,
        **strict,
        **_admitted(*view.requests),
        "grain": view.grain.value,
        "source": view.source and _source(view.source),
        "entities": [
            {"name": e.name, "keys": [[k.name, str(k.type)] for k in e.keys]} for e in view.entities
        ],
        "requests": sorted(source.name for source in view.requests),
        "uses": list(view.uses),
        "where": view.where and _expression(view.where),
        "zone": view.zone,
        "max_age": view.max_age,
        "delay": view.delay,
        "fresh": schedule_name(view.fresh),
        "joins": [
            {
                "name": join.name,
                "source": _source(join.source),
                "on": sorted([key, _expression(column)] for key, column in join.on),
                "at_request": join.at_request,
            }
            for join in view.joins
        ],
        "features": {f.name: _expression(f.expression) for f in view.features},
    }


def meaning_hash(view: View) -> str:
    """Return the sha256 of the canonical form: equal exactly when the meaning is equal."""
    return digest(canonical(view))


def expression_hash(expression: Expression) -> str:
    """Return the sha256 of one expression's canonical form."""
    return digest(_expression(expression))


def digest(value: Any) -> str:
    """Return the sha256 of ``value`` as canonical JSON (sorted keys, no spaces)."""
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def to_json(value: Any) -> str:
    """Return ``value`` as JSON with sorted keys and no spaces; the same value, the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _source(source: Source) -> dict[str, Any]:
    """What of a source is meaning: its times, order and refusals, not where it lies."""
    return {
        **_admitted(source),
        "name": source.name,
        "kind": source.kind.value,
        "time": source.time,
        "available": source.available,
        "tie": source.tie,
        "zone": source.zone,
    }


def _admitted(*sources: Source) -> dict[str, Any]:
    """Return which rows and questions the contract lets in, where it refuses any."""
    found = {s.name: _expression(c) for s in sources if (c := admitted(s)) is not None}
    return {"admitted": found} if found else {}


def _expression(node: Expression) -> Any:
    if isinstance(node, Call):
        return _call(node)
    if isinstance(node, Literal):
        return ["literal", str(node.type), plain(node.value)]
    if isinstance(node, Column):
        return ["column", node.relation, node.name, str(node.type)]
    if isinstance(node, Case):
        branches = [[_expression(c), _expression(v)] for c, v in node.branches]
        return ["case", branches, _expression(node.default)]
    parts = [_part(getattr(node, part.name)) for part in dataclasses.fields(node)]
    if isinstance(node, Aggregate) and not node.order:
        parts.pop()  # what is in the order of time is as it was before there was another one
    return [type(node).__name__, *parts]


def _part(value: Any) -> Any:
    match value:
        case DataType():
            return str(value)
        case Vocabulary():
            return [value.name, plain(value)]
        case tuple():
            return [_part(member) for member in value]
        case None | bool() | str() | int():
            return value
        case _ if dataclasses.is_dataclass(value) and type(value).__module__.endswith("windows"):
            return plain(value)
        case _:
            return _expression(value)


def _call(node: Call) -> Any:
    name = node.operator
    arguments = [_expression(argument) for argument in node.arguments]
    if name in _MIRRORED:
        name, arguments = _MIRRORED[name], arguments[::-1]
    if name in _ASSOCIATIVE:
        flat: list[Any] = []
        for argument in arguments:
            inner = argument[2:] if argument[:2] == ["call", name] else [argument]
            flat += [a for a in inner if a not in flat]
        arguments = sorted(flat, key=to_json)
        if len(arguments) == 1:
            return arguments[0]
    elif OPERATORS[name].commutes:
        arguments = sorted(arguments, key=to_json)
    return ["call", name, *arguments]


def plain(value: Any) -> Any:
    """Return a Python value of the language, or a frozen dataclass of such, as JSON values.

    Floats are spelled exactly (hexadecimal), so that equal means equal to the bit.
    """
    match value:
        case None | bool() | int() | str():
            return value.value if isinstance(value, Enum) else value
        case float():
            return {"float": value.hex()}
        case Decimal():
            return {"decimal": str(value)}
        case dt.datetime() | dt.date() | dt.timedelta():
            return {type(value).__name__: str(value)}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case tuple() | list():
            return [plain(member) for member in value]
        case DataType():
            return str(value)
        case _ if dataclasses.is_dataclass(value):
            parts = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {"is": type(value).__name__, **parts}
        case _:
            msg = f"no canonical form for {type(value).__name__}"
            raise TypeError(msg)
