"""Text in another dialect of SQL becomes text of the language, one call at a time.

The dialect's own grammar reads the text. Then each of its calls that the language calls otherwise
is replaced by what it means, from the tables of ``spoken_*``: ``DIV0(a, b)`` by
``CASE WHEN b = 0 THEN 0 ELSE a / b END``. What has the same name keeps the language's meaning; the
remarks of the table say where the dialect's own differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from featurekit.errors import UsageError, listed, nearest
from featurekit.errors.definition import SpokenElsewhere
from featurekit.lazy import require

_PURPOSE = "to read SQL"
_UNITS = {
    "YYYY": "YEAR",
    "YY": "YEAR",
    "MM": "MONTH",
    "MON": "MONTH",
    "DD": "DAY",
    "HH": "HOUR",
    "MI": "MINUTE",
    "SS": "SECOND",
    "Q": "QUARTER",
}
_PARSED = {"RegexpLike": "~", "RegexpILike": "~*", "WithinGroup": "WITHIN GROUP"}


_FROM_THE_END = "a start of 0 is 1 there and a negative one counts from the end: RIGHT(x, n)"
FROM_THE_END = dict.fromkeys(("substring", "substring_from"), _FROM_THE_END)
"""How SUBSTRING differs where it does; from a written position of 1 or more it does not."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call whose meaning the language does not have under that name: why, and what to write."""

    why: str
    fix: str


Meant = str | Refused


@dataclass(frozen=True, slots=True)
class Spoken:
    """One dialect's grammar and words.

    Attributes:
        name: What ``--dialect`` says.
        grammar: The class of its parser and of its tokens, in ``sqlglot.parsers`` and
            ``sqlglot.dialects``.
        calls: From a call with named parameters to what it means in the language. A parameter
            called ``unit`` takes a keyword or a text, ``'day'`` only that unit; ``...`` stands
            for any number of arguments, which are joined by the operator on the right.
        parts: What ``EXTRACT(part FROM x)`` means, where the part is called otherwise.
        remarks: By operator or aggregate of the language: how the dialect's own differs.
        whole_division: Whether an integer divided by an integer truncates.
        digits: Precision and scale of a DECIMAL that names none; None: refused.
    """

    name: str
    grammar: tuple[str, str]
    calls: Mapping[str, Meant] = field(default_factory=dict)
    parts: Mapping[str, Meant] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    whole_division: bool = False
    digits: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A call's parameters and the tree of what it means."""

    parameters: tuple[str, ...]
    meant: Any


def dialects() -> tuple[str, ...]:
    """Return the dialects that a cell may be written in."""
    return ("duckdb", "postgres", "spark", "snowflake", "bigquery")


def spoken(name: str) -> Spoken:
    """Return the dialect called ``name``.

    Raises:
        UsageError: FK900, with the dialects there are.
    """
    if name not in dialects():
        raise UsageError(
            f"there is no dialect '{name}'{nearest(name, dialects())}",
            fix=f"--dialect with one of {listed(dialects())}",
        )
    if name == "duckdb":
        return Spoken("duckdb", ("duckdb.DuckDBParser", "duckdb.DuckDB"))
    made: Spoken = import_module(f"featurekit.frontends.spoken_{name}").SPOKEN
    return made


def translated(
    tree: Any, dialect: Spoken, read: Callable[[str], Any], place: Callable[[Any], Any]
) -> Any:
    """Replace what ``dialect`` calls otherwise in ``tree``, inner calls first, and return it.

    Args:
        tree: A parsed SELECT; it is changed.
        dialect: Whose words they are.
        read: From an expression of the language to its tree.
        place: From a node to where it stands.

    Raises:
        SpokenElsewhere: FK157, a call that means something else there.
    """
    if not (dialect.calls or dialect.parts or dialect.digits):
        return tree
    rows = _rows(dialect.name, read)
    for node in reversed(list(tree.walk())):
        kind = type(node).__name__
        if kind == "DataType" and dialect.digits and _is_bare_decimal(node):
            _give_digits(node, dialect.digits)
        made = _text(str(node.this)) if kind == "RawString" else None
        if kind == "Anonymous":
            made = _meant(node, str(node.this).upper(), list(node.expressions), rows, place)
        elif kind in _PARSED:
            made = _meant(node, _PARSED[kind], _operands(node), rows, place)
        elif kind == "Extract":
            part = str(node.this.name).upper()
            made = _meant(node, f"EXTRACT {part}", [node.expression], rows, place)
        if made is not None:
            made.update_positions(node)
            node.replace(made)
    return tree


def _operands(node: Any) -> list[Any]:
    if type(node).__name__ != "WithinGroup":
        return [node.this, node.expression]
    ordered = node.expression.expressions[0]
    value = ordered.this if not ordered.args.get("desc") else ordered
    called = node.this
    return [_text(str(called.this).upper()), *called.expressions, value]


def _meant(
    node: Any,
    name: str,
    given: list[Any],
    rows: Mapping[str, list[_Row]],
    place: Callable[[Any], Any],
) -> Any:
    for row in rows.get(name, ()):
        found = _fitted(row.parameters, given)
        if found is None:
            continue
        if isinstance(row.meant, Refused):
            raise SpokenElsewhere(name, row.meant.why, row.meant.fix, place(node))
        if row.parameters == ("...",):
            return _chained(row.meant, given)
        return _filled(row.meant, found)
    return None


def _fitted(parameters: tuple[str, ...], given: list[Any]) -> dict[str, Any] | None:
    """Return the argument of each parameter, or None where the call is another."""
    if parameters == ("...",):
        return {} if len(given) > 1 else None
    if len(parameters) != len(given):
        return None
    found: dict[str, Any] = {}
    for parameter, argument in zip(parameters, given, strict=True):
        if parameter.startswith("'"):
            if _word(argument) != parameter.strip("'").upper():
                return None
        elif parameter == "unit":
            word = _word(argument)
            if word is None:
                return None
            found[parameter] = _text(word.lower())
        else:
            found[parameter] = argument
    return found


def _word(node: Any) -> str | None:
    """Return the keyword or text that names a unit, upper case and in the singular."""
    kind = type(node).__name__
    plain = kind in {"Column", "Var"} or (kind == "Literal" and node.is_string)
    if not plain or node.args.get("table") is not None:
        return None
    word = str(node.name).upper()
    word = _UNITS.get(word, word)
    return word.removesuffix("S") if len(word) > 2 else word  # noqa: PLR2004  a unit is longer


def _text(value: str) -> Any:
    return require("sqlglot.expressions", _PURPOSE).Literal.string(value)


def _filled(meant: Any, arguments: Mapping[str, Any]) -> Any:
    """Return a copy of ``meant`` with its parameters replaced; each argument moves once."""
    made = meant.copy()
    moved: set[str] = set()
    for node in list(made.find_all(type(_name_node()))):
        word = str(node.name)
        if node.args.get("table") is not None or word not in arguments:
            continue
        given = arguments[word].copy() if word in moved else arguments[word]
        moved.add(word)
        if node is made:
            made = given
        else:
            node.replace(_held(given))
    return made


def _held(node: Any) -> Any:
    """Return ``node`` in parentheses unless it is an atom."""
    atoms = {"Column", "Literal", "Anonymous", "Paren", "Null", "Boolean", "Cast", "Interval"}
    if type(node).__name__ in atoms | {"TryCast", "Case", "Extract", "Distinct", "Star"}:
        return node
    return require("sqlglot.expressions", _PURPOSE).Paren(this=node)


@cache
def _name_node() -> Any:
    return require("sqlglot.expressions", _PURPOSE).Column()


def _chained(operator: Any, given: list[Any]) -> Any:
    made = _held(given[0])
    for argument in given[1:]:
        made = operator(this=made, expression=_held(argument))
    return made


def _is_bare_decimal(node: Any) -> bool:
    return str(getattr(node.this, "name", node.this)) == "DECIMAL" and not node.expressions


def _give_digits(node: Any, digits: tuple[int, int]) -> None:
    expressions = require("sqlglot.expressions", _PURPOSE)
    parts = [
        expressions.DataTypeParam(this=expressions.Literal.number(number)) for number in digits
    ]
    node.set("expressions", parts)


_ROWS: dict[str, dict[str, list[_Row]]] = {}


def _rows(name: str, read: Callable[[str], Any]) -> Mapping[str, list[_Row]]:
    """Return the rows of a dialect by the name of the call, read once."""
    if name not in _ROWS:
        made: dict[str, list[_Row]] = {}
        dialect = spoken(name)
        for said, meant in dialect.calls.items():
            called, _, parameters = said.partition("(")
            listed_ = tuple(p.strip() for p in parameters.removesuffix(")").split(",") if p.strip())
            made.setdefault(called.strip(), []).append(_Row(listed_, _tree(meant, listed_, read)))
        for part, meant in dialect.parts.items():
            made[f"EXTRACT {part}"] = [_Row(("x",), _tree(meant, ("x",), read))]
        _ROWS[name] = made
    return _ROWS[name]


def _tree(meant: Meant, parameters: tuple[str, ...], read: Callable[[str], Any]) -> Any:
    if isinstance(meant, Refused):
        return meant
    if parameters == ("...",):
        return getattr(require("sqlglot.expressions", _PURPOSE), meant)
    made = read(meant)
    for node in made.walk():
        node.meta.clear()  # its places are those of the table's text, not of the author's
    return made
