"""Python as text: literals, names and comments that cannot become anything else.

Generated code is built as ``ast`` nodes and spelled here; no text of an author is ever pasted.
"""

from __future__ import annotations

import ast
import builtins
import datetime as dt
import io
import keyword
import math
import tokenize
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from featurekit.datatypes import DataType, Kind
from featurekit.ir.definitions import Source
from featurekit.ir.windows import UNITS

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ASCII_END, _BYTE_END, _PLANE_END = 0x7F, 0xFF, 0xFFFF

_UNIT_NAMES = {"d": "DAY", "h": "HOUR", "m": "MINUTE", "s": "SECOND"}

ANNOTATIONS = {
    Kind.BOOLEAN: "bool",
    Kind.BIGINT: "int",
    Kind.DOUBLE: "float",
    Kind.DECIMAL: "Decimal",
    Kind.VARCHAR: "str",
    Kind.DATE: "dt.date",
    Kind.TIMESTAMP: "dt.datetime",
    Kind.NULL: "None",
}


def annotation(kind: DataType, *, nullable: bool) -> str:
    """Return the annotation of a value of ``kind``: ``float | None``."""
    bare = f"list[{ANNOTATIONS[kind.element.kind]}]" if kind.element else ANNOTATIONS[kind.kind]
    return f"{bare} | None" if nullable and bare != "None" else bare


def quoted(text: str) -> str:
    """Return the double-quoted, ASCII-only Python literal of ``text``."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if character >= " " and code < _ASCII_END:
        return character
    if code <= _BYTE_END:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _PLANE_END else f"\\U{code:08x}"


def printable(text: str) -> str:
    """Return ``text`` on one line, with what cannot be seen escaped; for comments."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def documented(text: str) -> str:
    """Return ``text`` fit to stand inside a docstring, on one line."""
    return printable(text).replace("\\", "\\\\").replace('"', "'")


def literal(value: Any) -> ast.expr:
    """Return the expression of a constant of the language."""
    match value:
        case None | bool() | str():
            return ast.Constant(value)
        case int():
            return _signed(value < 0, ast.Constant(abs(value)))
        case float():
            return _float(value)
        case Decimal():
            return call("Decimal", ast.Constant(str(value)))
        case dt.datetime():
            parts = (value.year, value.month, value.day, value.hour, value.minute, value.second)
            given = [*parts, value.microsecond] if value.microsecond else list(parts)
            made = call("dt.datetime", *(ast.Constant(part) for part in given))
            made.keywords = [ast.keyword("tzinfo", dotted("dt.timezone.utc"))]
            return made
        case dt.date():
            return call("dt.date", *(ast.Constant(p) for p in (value.year, value.month, value.day)))
        case _:
            msg = f"no Python literal for {type(value).__name__}"
            raise TypeError(msg)


def _float(value: float) -> ast.expr:
    if math.isnan(value):
        return dotted("math.nan")
    size = dotted("math.inf") if math.isinf(value) else ast.Constant(abs(value))
    return _signed(math.copysign(1.0, value) < 0, size)


def _signed(negative: bool, size: ast.expr) -> ast.expr:  # noqa: FBT001  the sign is the first thing read
    return ast.UnaryOp(ast.USub(), size) if negative else size


def dotted(path: str) -> ast.expr:
    """Return the expression ``a.b.c``."""
    first, *rest = path.split(".")
    made: ast.expr = ast.Name(first)
    for part in rest:
        made = ast.Attribute(made, part)
    return made


def call(path: str, *arguments: ast.expr) -> ast.Call:
    """Return the call ``path(arguments)``."""
    return ast.Call(dotted(path), list(arguments), [])


def spelled(node: ast.AST) -> str:
    """Return the source of ``node`` on one line, every string double-quoted."""
    text = ast.unparse(ast.fix_missing_locations(node))
    pieces: list[str] = []
    at = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            pieces += [text[at : token.start[1]], quoted(ast.literal_eval(token.string))]
            at = token.end[1]
    return "".join(pieces) + text[at:]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return an expression with some of its names replaced by others."""

    class Rename(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.Name(names.get(node.id, node.id))

    return spelled(Rename().visit(ast.parse(text, mode="eval").body))


def identifier(name: str) -> str:
    """Return ``name`` with everything replaced that cannot stand in an identifier."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)


def names_in(lines: Iterable[str]) -> set[str]:
    """Return the names that statements read or bind."""
    nodes = ast.walk(ast.parse("\n".join(lines)))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def length(microseconds: int) -> str:
    """Return ``30 * windows.DAY`` for a length of time, ``windows.HOUR - 1`` for a little less."""
    for letter, name in _UNIT_NAMES.items():
        if microseconds and microseconds % UNITS[letter] == 0:
            count = microseconds // UNITS[letter]
            return f"windows.{name}" if count == 1 else f"{count} * windows.{name}"
    for less, sign in ((1, "+"), (-1, "-")):
        if (microseconds - less) % UNITS["s"] == 0 and microseconds > 1:
            return f"{length(microseconds - less)} {sign} 1"
    return str(microseconds)


def row_type(source: Source) -> str:
    """Return the name of the TypedDict of a source's rows."""
    return f"{camel(source.name)}Row"


def camel(name: str) -> str:
    """Return ``CustomerSpend`` for ``customer_spend``."""
    name = identifier(name)
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or "Unnamed"


class Names:
    """Hands out identifiers, each once, none of them a keyword, a builtin or taken."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {"l", "I", "O", *keyword.kwlist, *keyword.softkwlist, *dir(builtins), *taken}

    def new(self, wish: str) -> str:
        """Return ``wish``, or the nearest identifier to it that is free."""
        kept = (
            "".join(c if c.isascii() and c.isalnum() else "_" for c in wish).strip("_") or "value"
        )
        base = f"n_{kept}" if kept[0].isdigit() else kept
        name, count = base, 1
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name


def plain_key(name: str) -> bool:
    """Whether ``name`` can stand as a key in a TypedDict's class body."""
    return (
        name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and name[:2] != "__"
    )


def typed_dict(name: str, fields: Iterable[tuple[str, str]], doc: str) -> str:
    """Return the declaration of a TypedDict; ``fields`` are (key, annotation)."""
    listed = list(fields)
    if all(plain_key(key) for key, _ in listed):
        body = "".join(f"\n    {key}: {kind}" for key, kind in listed)
        return f'class {name}(TypedDict):\n    """{documented(doc)}"""\n{body}'.rstrip("\n")
    entries = "".join(f"\n        {quoted(key)}: {kind}," for key, kind in listed)
    return f"{name} = TypedDict(\n    {quoted(name)},\n    {{{entries}\n    }},\n)"
