"""A view becomes SQL of the language again: one spelling a meaning, one feature a line.

Reading the text back gives the same meaning. Widenings that the reader adds by itself are left
out; each is kept where leaving it out would choose another operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors import FeatureError
from featurekit.frontends.binding import apply, choose, widen
from featurekit.frontends.frames import frame_before, frame_text
from featurekit.frontends.literal_text import identifier, literal, quoted
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
from featurekit.ir.rules import under_rules
from featurekit.ir.view import Join, View
from featurekit.ir.windows import length_name, window_name
from featurekit.ops import AGGREGATES, OPERATORS, bind_aggregate
from featurekit.ops import casts as casts_of
from featurekit.ops.parameters import LENGTH

_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGN, _ZONE, _ATOM = range(1, 10)
_CHAINS = {"OR": _OR, "AND": _AND}
_INFIX = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "LIKE"), _COMPARED),
    **dict.fromkeys(("IS DISTINCT FROM", "IS NOT DISTINCT FROM"), _COMPARED),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "//", "%"), _PRODUCT),
    "||": _ATOM,
}
_FOLDED = {"COALESCE", "GREATEST", "LEAST", "CONCAT"}
_AFTER = {"IS NULL", "IS NOT NULL"}
Written = tuple[str, int]
"""A text and how tightly it holds together."""


def view_text(view: View) -> str:
    """Return the canonical SQL of ``view``; ``read_view`` gives the same meaning for it."""
    writer = _Writer(lambda column: _column_in(view, column), view.where, under_rules(view))
    lines = [
        f"{writer.text(feature.expression)} AS {identifier(feature.name)}"
        for feature in view.features
    ]
    names = [view.source.name] if view.source else list(view.uses)
    text = "SELECT\n  " + ",\n  ".join(lines)
    text += "\nFROM " + ", ".join(_relation(name) for name in names)
    text += "".join(f"\n{_join(view, join)}" for join in view.joins)
    if view.where is not None:
        text += f"\nWHERE {_Writer(writer.column, rules=writer.rules).text(view.where)}"
    return text


def expression_text(expression: Expression, view: View | None = None) -> str:
    """Return ``expression`` as SQL of the language; columns of used views carry the view's name.

    A column of ``view`` that is under a rule is written as its author did.
    """
    return _Writer(_column_alone, rules=under_rules(view) if view else {}).text(expression)


def _relation(name: str) -> str:
    word, sign, version = name.partition("@")
    return f"{identifier(word)}{sign}{version}"


def _column_alone(column: Column) -> str:
    view, sign, _ = column.relation.partition("@")
    return f"{identifier(view)}.{identifier(column.name)}" if sign else identifier(column.name)


def _join(view: View, join: Join) -> str:
    """Return ``LEFT JOIN name [AS alias] [AS OF REQUEST] ON ...``."""
    word, words = _word(view, join), [f"LEFT JOIN {identifier(join.source.name)}"]
    words += [f"AS {identifier(word)}"] if word != join.source.name else []
    words += ["AS OF REQUEST"] if join.at_request else []
    equal = [f"{identifier(word)}.{identifier(key)} = {_whole(view, c)}" for key, c in join.on]
    return f"{' '.join(words)} ON {' AND '.join(equal)}"


def _word(view: View, join: Join) -> str:
    """Return what the text calls a join: its source's name, or one that nothing else has."""
    taken = {source.name for source in (*view.stored, *view.requests)}
    word = join.name.replace("#", "_")
    while word != join.name and word in taken:
        word += "_"
    return word


def _whole(view: View, column: Column) -> str:
    """Return the column's name with that of its relation."""
    join = next((join for join in view.joins if join.name == column.relation), None)
    word = column.relation if join is None else _word(view, join)
    return f"{identifier(word)}.{identifier(column.name)}"


def _column_in(view: View, column: Column) -> str:
    """Return the column's name, qualified wherever a bare one could mean something else."""
    name = identifier(column.name)
    if view.source is not None and column.relation == view.source.name:
        taken = view.feature(column.name.lower())
        plain = taken is None or (taken.expression == column and taken.name == column.name)
        fields = {f.name.lower() for join in view.joins for f in join.source.fields}
        alone = plain and column.name.lower() not in fields
        return name if alone else _whole(view, column)
    if column.relation not in view.uses:
        return _whole(view, column)
    word = column.relation.partition("@")[0]
    versions = [used for used in view.uses if used.partition("@")[0] == word]
    requests = {source.name for source in view.requests}
    alone = len(versions) == 1 and word not in requests
    return f"{identifier(word) if alone else quoted(column.relation)}.{name}"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes expressions; ``where`` is what every aggregate's rows satisfy anyway.

    ``rules``: what reading a column means under its rule, which nobody writes.
    """

    column: Callable[[Column], str]
    where: Expression | None = None
    rules: Mapping[Expression, Column] = field(default_factory=dict)

    def text(self, node: Expression) -> str:
        """Return ``node`` as SQL."""
        return self.write(node)[0]

    def write(self, node: Expression) -> Written:
        """Return the text of ``node`` and how tightly it holds together."""
        if self.rules and (column := self.rules.get(node)) is not None:
            return self.column(column), _ATOM
        match node:
            case Literal(value, kind):
                text = literal(value, kind)
                return text, _SIGN if text.startswith("-") else _ATOM
            case Column():
                return self.column(node), _ATOM
            case AsOf():
                return "AS_OF()", _ATOM
            case InVocabulary(argument, vocabulary):
                natural = _natural(argument)
                return f"VOCAB({self.text(natural)}, {identifier(vocabulary.name)})", _ATOM
            case Case():
                return self._case(node), _ATOM
            case Aggregate():
                return self._aggregate(node), _ATOM
            case Call():
                return self._call(node)

    def _held(self, node: Expression, least: int) -> str:
        """Return ``node``, in parentheses unless it holds together at least that tightly."""
        text, tightness = self.write(node)
        return text if tightness >= least else f"({text})"

    def _case(self, node: Case) -> str:
        values = [value for _, value in node.branches]
        plain = [_natural(value) for value in (*values, node.default)]
        conditions = [condition for condition, _ in node.branches]

        def rebuilt(parts: Sequence[Expression]) -> Expression:
            pairs = list(zip(conditions, parts[:-1], strict=True))
            return choose("CASE", pairs, parts[-1], None)

        shown = _kept(node, plain, (*values, node.default), rebuilt)
        whens = [
            f" WHEN {self.text(condition)} THEN {self.text(value)}"
            for condition, value in zip(conditions, shown[:-1], strict=True)
        ]
        default = "" if _is_bare_null(shown[-1]) else f" ELSE {self.text(shown[-1])}"
        return f"CASE{''.join(whens)}{default} END"

    def _aggregate(self, node: Aggregate) -> str:
        surface = AGGREGATES[node.function].surfaces[0]
        if surface.endswith("(*)"):
            call = surface
        else:
            name = surface.removesuffix(" DISTINCT")
            apart = "" if name == surface else "DISTINCT "
            call = f"{name}({apart}{self._arguments(node, surface)}{self._order(node)})"
        kept = self._filter(node.where)
        chosen = "" if kept is None else f" FILTER (WHERE {self.text(kept)})"
        return f"{call}{chosen} OVER {window_text(node)}"

    def _arguments(self, node: Aggregate, surface: str) -> str:
        """Return the arguments that an author writes; a length of time as its name."""
        parameters = AGGREGATES[node.function].parameters
        taken = zip(parameters, node.arguments, strict=True)
        pairs = [(parameter, a) for parameter, a in taken if not parameter.implicit]
        given = [argument for _, argument in pairs]
        plain = [_natural(argument) for argument in given]
        values = [a.value if isinstance(a, Literal) else ... for a in plain]
        bound = bind_aggregate(surface, [argument.type for argument in plain], values)
        same = bound is not None and bound.function.name == node.function
        same = same and all(_widens(p, a) for p, a in zip(plain, given, strict=True))
        return ", ".join(
            f"'{length_name(shown.value)}'"
            if parameter.mark == LENGTH and isinstance(shown, Literal)
            else self.text(shown)
            for (parameter, _), shown in zip(pairs, plain if same else given, strict=True)
        )

    def _order(self, node: Aggregate) -> str:
        keys = [f"{self.text(o.key)}{' DESC' if o.descending else ''}" for o in node.order]
        return f" ORDER BY {', '.join(keys)}" if keys else ""

    def _filter(self, where: Expression | None) -> Expression | None:
        """Return what is left of an aggregate's condition beside the view's own WHERE."""
        if self.where is None or where is None or where == self.where:
            return None if where == self.where else where
        if isinstance(where, Call) and where.operator == "and" and where.arguments[0] == self.where:
            return where.arguments[1]
        return where

    def _call(self, node: Call) -> Written:
        surfaces = OPERATORS[node.operator].surfaces
        if not surfaces:
            return self._cast(node.arguments[0], node.type), _ATOM
        surface = surfaces[0]
        plain = [_natural(argument) for argument in node.arguments]
        shown = _kept(node, plain, node.arguments, lambda parts: apply(surface, parts, None))
        if surface in _CHAINS:
            least = _CHAINS[surface] + 1
            parts = [self._held(part, least) for part in _chain(node)]
            return f" {surface} ".join(parts), _CHAINS[surface]
        if surface in _INFIX:
            return self._infix(node, surface, shown)
        return self._worded(node, surface, shown)

    def _infix(self, node: Call, surface: str, shown: Sequence[Expression]) -> Written:
        level = _INFIX[surface]
        left, right = shown
        joins = level in {_SUM, _PRODUCT} or (surface == "||" and _is_call(left, surface))
        first = (
            self.write(left)[0]
            if surface == "||" and joins
            else self._held(left, level if joins else min(level + 1, _ATOM))
        )
        second = self._held(right, min(level + 1, _ATOM))
        if surface == "LIKE" and "\\" in second:
            second += r" ESCAPE '\'"
        del node
        return f"{first} {surface} {second}", _SUM - 1 if surface == "||" else level

    def _worded(self, node: Call, surface: str, shown: Sequence[Expression]) -> Written:
        match surface.split(" "):
            case ["NOT"]:
                return f"NOT {self._held(shown[0], _ATOM)}", _NOT
            case ["NEG"]:
                return f"-{self._held(shown[0], _ATOM)}", _SIGN
            case ["IN"]:
                options = ", ".join(self.text(option) for option in shown[1:])
                return f"{self._held(shown[0], _SUM)} IN ({options})", _COMPARED
            case ["CAST", _]:
                return self._cast(shown[0], node.type), _ATOM
            case ["AT", "TIME", "ZONE"]:
                return f"{self._held(shown[0], _ATOM)} AT TIME ZONE {self.text(shown[1])}", _ZONE
            case _ if surface in _AFTER:
                return f"{self._held(shown[0], _SUM)} {surface}", _COMPARED
            case words:
                if surface in _FOLDED:
                    shown = _unfolded(surface, shown)
                arguments = ", ".join(self.text(argument) for argument in shown)
                return f"{'_'.join(words)}({arguments})", _ATOM

    def _cast(self, argument: Expression, target: DataType) -> str:
        return f"CAST({self.text(argument)} AS {target})"


def window_text(node: Aggregate) -> str:
    """Return the window's name; for a frame that has none, and with the row in hand, the frame."""
    if node.current:
        return frame_text(node.window)
    return frame_before(node.window) or window_name(node.window)


def _natural(node: Expression) -> Expression:
    """Return what the author may have written where the reader then widened."""
    match node:
        case Call(operator, arguments) if operator in casts_of.WIDENINGS.values():
            return node if isinstance(arguments[0], Literal) else arguments[0]
        case Literal(None):
            return Literal(None)
        case Literal(value, kind) if kind.kind is Kind.DECIMAL and value == int(value):
            return Literal(int(value), types.BIGINT)
        case _:
            return node


def _kept(
    node: Expression,
    plain: Sequence[Expression],
    written_out: Sequence[Expression],
    rebuilt: Callable[[Sequence[Expression]], Expression],
) -> Sequence[Expression]:
    """Return ``plain`` when the reader makes ``node`` of it again, else what is written out."""
    try:
        return plain if rebuilt(plain) == node else written_out
    except FeatureError:
        return written_out


def _widens(plain: Expression, wanted: Expression) -> bool:
    try:
        return widen(plain, wanted.type) == wanted
    except KeyError:
        return False


def _is_bare_null(node: Expression) -> bool:
    return isinstance(node, Literal) and node.value is None and node.type.kind is Kind.NULL


def _is_call(node: Expression, surface: str) -> bool:
    return isinstance(node, Call) and surface in OPERATORS[node.operator].surfaces


def _chain(node: Call) -> list[Expression]:
    """Return the operands of nested ANDs (or ORs), in order."""
    found: list[Expression] = []
    for argument in node.arguments:
        nested = isinstance(argument, Call) and argument.operator == node.operator
        found += _chain(argument) if nested and isinstance(argument, Call) else [argument]
    return found


def _unfolded(surface: str, shown: Sequence[Expression]) -> Sequence[Expression]:
    """Return ``a, b, c`` for ``COALESCE(COALESCE(a, b), c)``: the reader folds from the left."""
    first = shown[0]
    if not isinstance(first, Call) or not _is_call(first, surface):
        return shown
    plain = [_natural(argument) for argument in first.arguments]
    inner = _kept(first, plain, first.arguments, lambda parts: apply(surface, parts, None))
    return [*_unfolded(surface, inner), *shown[1:]]
