"""IR expressions as straight-line Python: what is used twice gets a name, nulls are tested once.

An operator whose body is one expression is written in place, with its arguments put into its body;
what is constant or never null is folded away. Nothing here knows an operator's name.
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from featurekit.backends import python_fold as fold
from featurekit.backends.python_inline import LOGIC, Value, applied, logic, uses
from featurekit.backends.python_module import Module
from featurekit.backends.python_numbers import Numbers, used_often
from featurekit.backends.python_sources import Imported, definition_of
from featurekit.backends.python_syntax import Names, annotation, call, literal, printable, spelled
from featurekit.datatypes import Kind
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
    walk,
)
from featurekit.ir.windows import window_name
from featurekit.ops import BY_SURFACE, OPERATORS, Nulls

_LOOKUP_FROM = 4
_NOTHING: frozenset[str] = frozenset()


class Scope:
    """The body of one function while it is being written.

    Attributes:
        lines: The statements so far, in order.
        names: What the function's locals are called.

    Args:
        timeless: Whether the moment of asking may be None.
    """

    def __init__(
        self,
        module: Module,
        names: Names,
        column: Callable[[Column], Value],
        aggregate: Callable[[Aggregate], Value] | None = None,
        *,
        timeless: bool = False,
    ) -> None:
        self.lines: list[str] = []
        self.names = names
        self._module = module
        self._numbers = Numbers()
        self._column = column
        self._aggregate = aggregate
        self._timeless = timeless
        self._bound: dict[int, Value] = {}
        self._often: set[int] = set()
        self._features: dict[int, str] = {}
        self._comments: Mapping[str, str] = {}

    def prepare(
        self,
        roots: Iterable[Expression],
        features: Mapping[str, Expression] | None = None,
        comments: Mapping[str, str] | None = None,
    ) -> None:
        """Say what the function computes, so that what is used twice is computed once.

        Args:
            roots: Every expression of the function.
            features: Those that have a name of their own.
            comments: The text that stands above the line of a feature.
        """
        self._often = used_often(roots, self._numbers)
        self._comments = comments or {}
        for name, node in (features or {}).items():
            if not isinstance(node, Literal | AsOf):
                self._features.setdefault(self._numbers.of(node), name)

    def feature(self, name: str, node: Expression) -> Value:
        """Write the line of a feature, unless another wrote it, and return its local."""
        made = self.value(node)
        if self._features.get(self._numbers.of(node)) == name:
            return made
        return self._assigned(self.names.new(name), made, name)

    def _assigned(self, local: str, made: Value, feature: str | None = None) -> Value:
        if feature is not None and (text := self._comments.get(feature)):
            self.lines.append(f"# {printable(text)}")
        self.lines.append(f"{local} = {spelled(made.node)}")
        return Value(ast.Name(local), made.nullable)

    def value(self, node: Expression, known: frozenset[str] = _NOTHING) -> Value:
        """Return the source of ``node`` where the names in ``known`` are not None."""
        number = self._numbers.of(node)
        if number in self._bound or number in self._features or isinstance(node, Aggregate):
            found = self.named(node)
            proved = isinstance(found.node, ast.Name) and found.node.id in known
            return Value(found.node, found.nullable and not proved)
        if number in self._often and not isinstance(node, Literal | AsOf):
            return self.named(node)
        return self._fresh(node, known)

    def named(self, node: Expression) -> Value:
        """Bind ``node`` to a name and return that; computed always, so nothing is known."""
        number = self._numbers.of(node)
        if number not in self._bound:
            made = self._fresh(node, _NOTHING)
            feature = self._features.get(number)
            if feature is None and _needs_no_name(made.node):
                self._bound[number] = made
                return made
            local = self.names.new(feature or wish(node))
            self._bound[number] = self._assigned(local, made, feature)
        return self._bound[number]

    def _fresh(self, node: Expression, known: frozenset[str]) -> Value:
        match node:
            case Literal(value):
                return Value(self._module.literal(value), value is None)
            case Column():
                return self._column(node)
            case AsOf():
                return Value(ast.Name("as_of"), self._timeless)
            case Call():
                return self._call(node, known)
            case Case():
                return self._case(node, known)
            case InVocabulary(argument, vocabulary):
                return self._vocabulary(argument, vocabulary, known)
            case Aggregate():
                assert self._aggregate is not None  # noqa: S101  checked views do not nest them
                return self._aggregate(node)

    def _call(self, node: Call, known: frozenset[str]) -> Value:
        row = OPERATORS[node.operator]
        values = [self.value(argument, known) for argument in node.arguments]
        if (word := logic(row)) and not any(value.nullable for value in values):
            return Value(LOGIC[word](*(value.node for value in values)), nullable=False)
        strict = row.nulls is Nulls.PROPAGATE
        if strict and any(_is_null(value) for value in values):
            return Value(ast.Constant(None), nullable=True)
        counted = uses(row, values, assume_present=strict)
        for index, argument in enumerate(node.arguments):
            value = values[index]
            guarded = value.nullable and strict
            needed = guarded or counted[index] > 1 or isinstance(value.node, ast.IfExp)
            if needed and not _atomic(value.node):
                values[index] = self.named(argument)
        guards = list(dict.fromkeys(spelled(v.node) for v in values if v.nullable and strict))
        present = [Value(v.node, v.nullable and not strict) for v in values]
        made = applied(self._module, row, present)
        if not guards:
            return made
        absent = [_is_none(ast.Name(name)) for name in guards]
        if isinstance(made.node, ast.IfExp) and _is_none_literal(made.node.body):
            absent.append(made.node.test)
            made = Value(made.node.orelse, made.nullable)
        return Value(ast.IfExp(fold.either(*absent), ast.Constant(None), made.node), nullable=True)

    # --- conditions

    def truth(self, node: Expression, known: frozenset[str] = _NOTHING) -> ast.expr:
        """Return source that is truthy exactly when ``node`` is true; null is not true."""
        number = self._numbers.of(node)
        named = number in self._bound or number in self._often or number in self._features
        if isinstance(node, Call) and not named and (word := logic(OPERATORS[node.operator])):
            if word == "not":
                return self._falsity(node.arguments[0], known)
            first = self.truth(node.arguments[0], known)
            proved = fold.proved(first, holds=word == "and")
            return LOGIC[word](first, self.truth(node.arguments[1], known | proved))
        return fold.truth(self.value(node, known).node)

    def _falsity(self, node: Expression, known: frozenset[str]) -> ast.expr:
        value = self.value(node, known)
        match value.node:
            case made if not value.nullable:
                return fold.negated(made)
            case ast.IfExp(test, ast.Constant(None), orelse):
                return fold.both(fold.negated(test), _is(orelse, value=False))
            case made:
                return _is(made, value=False)

    def _case(self, node: Case, known: frozenset[str]) -> Value:
        taken: list[tuple[ast.expr, Value]] = []
        rest = node.default
        for condition, answer in node.branches:
            test = self.truth(condition, known)
            if fold.is_constant(test):
                if fold.constant(test):
                    rest = answer
                    break
                continue
            taken.append((test, self.value(answer, known | fold.proved(test, holds=True))))
            known |= fold.proved(test, holds=False)
        made = self.value(rest, known)
        if (looked_up := self._lookup(node, taken, made)) is not None:
            return looked_up
        nullable = made.nullable or any(chosen.nullable for _, chosen in taken)
        source = made.node
        for test, chosen in reversed(taken):
            source = ast.IfExp(test, chosen.node, source)
        return Value(source, nullable)

    def _lookup(self, node: Case, taken: list[tuple[ast.expr, Value]], rest: Value) -> Value | None:
        """Return a dict's answer where every branch compares one name with a constant."""
        compared = [key for key in (_compared(test) for test, _ in taken) if key is not None]
        answers = [*(answer.node for _, answer in taken), rest.node]
        if len(taken) < _LOOKUP_FROM or len(compared) < len(taken):
            return None
        if len({name for name, _ in compared}) > 1 or not all(map(fold.is_constant, answers)):
            return None
        entries: dict[str | int, ast.expr] = {}
        for (_, key), answer in zip(compared, answers, strict=False):
            entries.setdefault(key, answer)
        nullable = any(answer.nullable for _, answer in taken)
        kind = "str" if isinstance(compared[0][1], str) else "int"
        table = self._module.constant(
            "lookup",
            spelled(ast.Dict([literal(key) for key in entries], list(entries.values()))),
            f"dict[{kind}, {annotation(node.type, nullable=nullable)}]",
        )
        name = ast.Name(compared[0][0])
        default = [] if fold.constant(rest.node) is None else [rest.node]
        found: ast.expr = ast.Call(ast.Attribute(table, "get"), [name, *default], [])
        if any(isinstance(test, ast.BoolOp) for test, _ in taken):
            found = ast.IfExp(_is_none(name), rest.node, found)
        return Value(found, nullable or rest.nullable)

    def _vocabulary(self, node: Expression, words: Vocabulary, known: frozenset[str]) -> Value:
        """Return the canonical value: folded (NFC, outer spaces, case), then looked up."""
        value = self.value(node, known)
        if value.nullable and not _atomic(value.node):
            value = self.named(node)
        if _is_null(value):
            return value
        self._module.imports.add(Imported("unicodedata", None, "unicodedata"))
        clean = call("unicodedata.normalize", ast.Constant("NFC"), value.node)
        folded: ast.expr = ast.Call(ast.Attribute(clean, "strip"), [ast.Constant(" ")], [])
        if words.ignore_case:
            lower = self._module.operator(definition_of(BY_SURFACE["LOWER"][0].body))
            folded = ast.Call(lower, [folded], [])
        entries = folded_entries(words)
        table = self._module.constant(
            words.name,
            spelled(ast.Dict([*_constants(entries)], _constants(entries.values()))),
            "dict[str, str]",
        )
        bucket = words.bucket if words.unknown is Unknown.BUCKET else None
        rest = [] if bucket is None else [ast.Constant(bucket)]
        found: ast.expr = ast.Call(ast.Attribute(table, "get"), [folded, *rest], [])
        if value.nullable:
            found = ast.IfExp(_is_none(value.node), ast.Constant(None), found)
        return Value(found, value.nullable or bucket is None)


def folded_entries(words: Vocabulary) -> dict[str, str]:
    """Return the folded spelling of each value and alias, and the value it means."""
    entries: dict[str, str] = {}
    for value, aliases in words.entries:
        for spelling in (value, *aliases):
            key = unicodedata.normalize("NFC", spelling).strip(" ")
            if words.ignore_case:
                key = str(BY_SURFACE["LOWER"][0].body(key))
            entries.setdefault(key, value)
    return entries


def wish(node: Expression) -> str:
    """Return what a local that holds ``node`` may be called."""
    match node:
        case Column(_, name):
            return name
        case Call(operator):
            return "_".join([*_first_column(node), _family(operator)])
        case InVocabulary(_, vocabulary):
            return vocabulary.name
        case Aggregate(function, _, window):
            return "_".join([*_first_column(node), _family(function), window_name(window)])
        case _:
            return "chosen"


def _first_column(node: Expression) -> Iterable[str]:
    return islice((part.name for part in walk(node) if isinstance(part, Column)), 1)


def _family(name: str) -> str:
    """Return the name that an operator's overloads have in common."""
    first, _, last = name.rpartition("_")
    return first if first and last.upper() in Kind.__members__ else name


def _constants(texts: Iterable[str]) -> list[ast.expr]:
    return [ast.Constant(text) for text in texts]


def _is_none(node: ast.expr) -> ast.expr:
    return ast.Compare(node, [ast.Is()], [ast.Constant(None)])


def _is(node: ast.expr, *, value: bool) -> ast.expr:
    return ast.Compare(node, [ast.Is()], [ast.Constant(value)])


def _is_null(value: Value) -> bool:
    return _is_none_literal(value.node)


def _is_none_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _needs_no_name(node: ast.expr) -> bool:
    """Whether ``node`` costs no more than a name, and says more: ``x is None``."""
    match node:
        case ast.Compare(ast.Name(), [ast.Is() | ast.IsNot()], [ast.Constant(None)]):
            return True
        case _:
            return _atomic(node)


def _atomic(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or fold.is_constant(node)


def _compared(test: ast.expr) -> tuple[str, str | int] | None:
    """Return (name, constant) of ``name == constant``, guarded against None or not."""
    match test:
        case ast.BoolOp(ast.And(), [ast.Compare(ast.Name(one), [ast.IsNot()], _), inner]):
            found = _compared(inner)
            return found if found and found[0] == one else None
        case ast.Compare(ast.Name(name), [ast.Eq()], [ast.Constant(str() | int() as value)]):
            return None if isinstance(value, bool) else (name, value)
        case _:
            return None
