"""One expression as SQL text, from the operators' own spellings by substitution.

Text and not a syntax tree: a tree of a general SQL library loses parentheses when parts are spliced
and prints what it thinks the engine means. Here an argument goes into its place in parentheses
unless it is an atom, and that is all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.datatypes import VARCHAR, DataType, Kind
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
)
from featurekit.ops import AGGREGATES, BY_SURFACE, OPERATORS, Gap
from featurekit.ops.gap import EACH
from featurekit.ops.spellings import adapted, aggregate_said, refused

_LONGEST = 200_000
_SINGLES = (("\u037e", ";"), ("\u1fef", "`"), ("\u212a", "K"))
"""The characters beyond ASCII whose NFC is one of ASCII, and that one."""
_TOO_LONG = (
    "nested this deep its text would exceed 200,000 characters; make the inner part a feature of"
    " another view and derive from it"
)
_NAME = r'(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\w+)'
_COLUMN = re.compile(rf"{_NAME}(?:\.{_NAME})*")
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|[()]|[^'\"`()]+")


def expression_sql(
    node: Expression,
    dialect: str | Dialect,
    column: Callable[[Column], str],
    as_of: str,
    aggregates: Mapping[Aggregate, str],
) -> str:
    """Return ``node`` as one SQL expression.

    Args:
        node: A checked expression.
        dialect: Whose words to use.
        column: The text that stands for a column.
        as_of: The text of the moment of asking.
        aggregates: The text that stands for each aggregate that is already computed.

    Raises:
        NoSpelling: FK190, an operator cannot be said exactly in this dialect.
    """
    return _Writer(_dialect(dialect), column, as_of, aggregates).write(node)


def aggregate_sql(
    node: Aggregate,
    dialect: str | Dialect,
    column: Callable[[Column], str],
    as_of: str,
    condition: str,
    order: str,
    over: str = "",
) -> str:
    """Return ``node`` as an aggregate over the group at hand.

    Args:
        node: The aggregate.
        dialect: Whose words to use.
        column: The text that stands for a column of the aggregated row, or of the request.
        as_of: The text of the moment of asking.
        condition: Whether the window holds the row; the aggregate's own WHERE is added here.
        order: One column that orders the rows canonically.
        over: The frame of rows to take instead of the group; only where aggregates have FILTER.

    Nulls: a row whose argument is null does not count, as everywhere in the language.

    Raises:
        NoSpelling: FK190, the aggregate cannot be said exactly in this dialect.
    """
    spoken = _dialect(dialect)
    row = AGGREGATES[node.function]
    kinds = [argument.type.kind for argument in node.arguments]
    template = aggregate_said(row.name, row.sql, spoken.name, kinds)
    if isinstance(template, Gap):
        raise NoSpelling(row.name, spoken.name, template.why)
    writer = _Writer(spoken, column, as_of, {}, inside=True)
    arguments = [writer.argument(a, plain=False) for a in node.arguments]
    whole = _counts(writer, node, arguments, condition)
    if not spoken.filters:
        arguments = [
            text if isinstance(argument, Literal) else f"(CASE WHEN {whole} THEN {text} END)"
            for text, argument in zip(arguments, node.arguments, strict=True)
        ]
    places = dict(zip((p.name for p in row.parameters), arguments, strict=True))
    places |= {"condition": whole, "filter": f"FILTER (WHERE {whole}) {over}".strip()}
    places |= _order_places(spoken, writer, node, order)
    places |= _type_places(spoken, node.type)
    for parameter, argument in zip(row.parameters, node.arguments, strict=True):
        text = argument.type.kind is Kind.VARCHAR
        places[f"{parameter.name}_collate"] = spoken.collate if text else ""
        places[f"{parameter.name}_type"] = spoken.type(argument.type)
    if spoken.filters and "{filter}" not in template:
        template += " {filter}"
    return template.format(**places)


def _counts(writer: _Writer, node: Aggregate, arguments: Sequence[str], condition: str) -> str:
    """Return the text for whether a row counts: in the window, by WHERE, and without nulls."""
    conditions = [condition]
    if node.where is not None:
        conditions.append(parenthesised(writer.write(node.where)))
    if not AGGREGATES[node.function].keeps_nulls:
        conditions += [
            f"{text} IS NOT NULL"
            for text, argument in zip(arguments, node.arguments, strict=True)
            if not isinstance(argument, Literal)
        ]
    return " AND ".join(conditions)


def _order_places(dialect: Dialect, writer: _Writer, node: Aggregate, order: str) -> dict[str, str]:
    """Return the places for the order of the rows: ``{order}``, and ``{order_back}``, reversed."""
    if node.order and not dialect.orders_inside:
        why = "what its words for this aggregate order by is one column"
        raise NoSpelling("ORDER BY inside an aggregate", dialect.name, why)
    there, back = [], []
    for one in node.order:
        collate = dialect.collate if one.key.type.kind is Kind.VARCHAR else ""
        key = f"{writer.argument(one.key, plain=False)}{collate}"
        ways = ("DESC", "ASC") if one.descending else ("ASC", "DESC")
        there.append(f"{key} {ways[0]} NULLS LAST")
        back.append(f"{key} {ways[1]} NULLS FIRST")
    return {
        "order": ", ".join([*there, order]),
        "order_back": ", ".join([*back, f"{order} DESC"]),
    }


def _type_places(dialect: Dialect, kind: DataType) -> dict[str, str]:
    """Return the places for the type of an answer.

    ``{type}`` is its word, for a DECIMAL ``{scale_of}`` its scale and ``{over}`` the first number
    that is too long for it.
    """
    places = {"type": dialect.type(kind)}
    if kind.kind is Kind.DECIMAL:
        places |= {"over": f"1e{kind.precision - kind.scale}", "scale_of": str(kind.scale)}
    return places


def _dialect(dialect: str | Dialect) -> Dialect:
    return dialect_named(dialect) if isinstance(dialect, str) else dialect


def parenthesised(text: str) -> str:
    """Return ``text`` so that no operator beside it can take it apart."""
    return text if _is_atom(text) else f"({text})"


def _is_atom(text: str) -> bool:
    """Whether ``text`` is a name, a literal, or one call or bracket from its first to its last."""
    if _COLUMN.fullmatch(text) or re.fullmatch(r"'(?:[^']|'')*'|\d+", text):
        return True
    head = re.match(r"\w*\(", text)
    if not head or not text.endswith(")"):
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0 and token[0] == ")":
            return token.end() == len(text)
    return False


class Taken(str):  # noqa: SLOT000  a text has no slots of its own
    """The arguments in one place of a template, between commas.

    ``{edges:...}`` writes for each of them what stands behind the colon, itself where EACH is.
    """

    _texts: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Taken:
        """Take the texts of the arguments."""
        each = tuple(texts)
        made = cls(", ".join(each))
        made._texts = each
        return made

    def __format__(self, spec: str) -> str:
        """Return the arguments between commas, or ``spec`` written for each of them."""
        return "".join(spec.replace(EACH, text) for text in self._texts) if spec else str(self)


class _Writer:
    """Writes expressions for one dialect and one row at hand."""

    def __init__(
        self,
        dialect: Dialect,
        column: Callable[[Column], str],
        as_of: str,
        aggregates: Mapping[Aggregate, str],
        *,
        inside: bool = False,
    ) -> None:
        self._dialect = dialect
        self._inside = inside
        self._column = column
        self._as_of = as_of
        self._aggregates = aggregates

    def write(self, node: Expression) -> str:
        match node:
            case Literal(value, kind):
                return self._dialect.literal(value, kind)
            case Column():
                return self._column(node)
            case AsOf():
                return self._as_of
            case Aggregate():
                return self._aggregates[node]
            case Call():
                return self._call(node)
            case Case(branches, default):
                return self._case(branches, default)
            case InVocabulary():
                return self._vocabulary(node)

    def argument(self, node: Expression, *, plain: bool) -> str:
        """Return ``node`` ready to stand in a place; ``plain``: a constant, without its type."""
        if plain and isinstance(node, Literal):
            if isinstance(node.value, str):
                return self._dialect.text(node.value)
            return str(node.value) if node.value >= 0 else f"({node.value})"
        return parenthesised(self.write(node))

    def _call(self, node: Call) -> str:
        row = OPERATORS[node.operator]
        pairs = zip(row.parameters, node.arguments, strict=False)
        constants = {p.name: a.value for p, a in pairs if p.constant and isinstance(a, Literal)}
        gap = refused(row.name, self._dialect.name, constants)
        template = gap or row.spelled(self._dialect.name)
        if isinstance(template, Gap):
            raise NoSpelling(row.name, self._dialect.name, template.why)
        places: dict[str, str] = self._places(node)
        rest = list(node.arguments)
        for place, parameter in enumerate(row.parameters):
            given = rest[place] if parameter.constant else None
            if isinstance(given, Literal):
                value = adapted(row.name, parameter.name, self._dialect.name, given.value)
                rest[place] = replace(given, value=value)
        for parameter in row.parameters:
            taken = rest if parameter.repeated else [rest.pop(0)]
            places[parameter.name] = Taken.of(
                self.argument(a, plain=parameter.constant) for a in taken
            )
        text = template.format(**places)
        if len(text) > _LONGEST:
            raise NoSpelling(row.name, self._dialect.name, _TOO_LONG)
        return text

    def _places(self, node: Call) -> dict[str, str]:
        """Return what a template may ask beside its arguments; ``{collate}``: for its texts."""
        texts = any(a.type.kind is Kind.VARCHAR for a in node.arguments)
        collate = self._dialect.collate if texts else ""
        return _type_places(self._dialect, node.type) | {"collate": collate}

    def _case(self, branches: Sequence[tuple[Expression, Expression]], default: Expression) -> str:
        whens = " ".join(
            f"WHEN {self.write(condition)} THEN {self.write(value)}"
            for condition, value in branches
        )
        return f"CASE {whens} ELSE {self.write(default)} END"

    def _vocabulary(self, node: InVocabulary) -> str:
        """Write the vocabulary as CASE: what it knows, then what it does not."""
        spoken, words = self._dialect, node.vocabulary
        given = self.argument(node.argument, plain=False)
        entries = folded_entries(words)
        plain = all(folded.isascii() for folded in entries)
        key = self._folded(words, self._ascii(given) if plain else self._nfc(given))
        by_value: dict[str, list[str]] = {}
        for folded, value in entries.items():
            by_value.setdefault(value, []).append(spoken.text(folded))
        whens = "".join(
            f" WHEN {key} IN ({', '.join(keys)}) THEN {spoken.text(value)}"
            for value, keys in by_value.items()
        )
        unknown = (
            f"CASE WHEN {given} IS NOT NULL THEN {spoken.text(words.bucket)} END"
            if words.unknown is Unknown.BUCKET and words.bucket is not None
            else "NULL"
        )
        return f"CASE{whens or ' WHEN FALSE THEN NULL'} ELSE {spoken.cast(unknown, VARCHAR)} END"

    def _folded(self, words: Vocabulary, text: str) -> str:
        """Spell the folding of vocabularies with the words of the operators that define it."""
        folded = self._applied("TRIM", text)
        return parenthesised(self._applied("LOWER", folded)) if words.ignore_case else folded

    def _ascii(self, text: str) -> str:
        """Return the text in NFC as far as ASCII is concerned: what is equal to no ASCII stays."""
        letters = (self._dialect.text("".join(part)) for part in zip(*_SINGLES, strict=True))
        return f"translate({text}, {', '.join(letters)})"

    def _nfc(self, text: str) -> str:
        dialect = self._dialect
        if dialect.nfc is None:
            why = "it has no word for Unicode NFC, which aliases beyond ASCII need"
            raise NoSpelling("a vocabulary", dialect.name, why)
        if self._inside and dialect.nfc_varies:
            why = "it holds Unicode NFC, which aliases beyond ASCII need, for something that varies"
            raise NoSpelling("a vocabulary inside an aggregate", dialect.name, why)
        return dialect.nfc.format(x=text)

    def _applied(self, surface: str, text: str) -> str:
        """Return the one operator of ``surface`` that takes a text, applied to it."""
        (row,) = BY_SURFACE[surface]
        template = row.spelled(self._dialect.name)
        if isinstance(template, Gap):
            raise NoSpelling(row.name, self._dialect.name, template.why)
        return template.format(**{row.parameters[0].name: text})


def folded_entries(words: Vocabulary) -> dict[str, str]:
    """Return the folded spelling of each value and alias, and the value it means."""
    (lower,) = BY_SURFACE["LOWER"]
    entries: dict[str, str] = {}
    for value, aliases in words.entries:
        for spelling in (value, *aliases):
            key = unicodedata.normalize("NFC", spelling).strip(" ")
            entries.setdefault(str(lower.body(key)) if words.ignore_case else key, value)
    return entries
