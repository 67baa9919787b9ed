"""The values of a cell in polars: constants, and expressions built by allowed calls alone."""

from __future__ import annotations

import ast
import datetime as dt
import json
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from featurekit.errors import FeatureError, Where, nearest
from featurekit.errors.definition import TooComplex
from featurekit.errors.meaning import NotReproducible
from featurekit.errors.polars import OpaquePython, PolarsFails, PolarsRefused, PolarsUnreadable
from featurekit.frontends import polars_methods as known
from featurekit.frontends.read_calls import aggregates, functions
from featurekit.frontends.reading import MOST_DEEP, MOST_NODES
from featurekit.lazy import require

PURPOSE = "to read a cell in polars"
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "BitXor": operator.xor,
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "USub": operator.neg,
    "UAdd": operator.pos,
    "Invert": operator.invert,
}
_INSTEAD = {
    "BoolOp": ("and, or", "a & b, a | b, with parentheses around comparisons"),
    "IfExp": ("if ... else", "pl.when(condition).then(a).otherwise(b)"),
    "Lambda": ("lambda", "an expression"),
    "ListComp": ("a loop", "one line for each feature"),
    "GeneratorExp": ("a loop", "one line for each feature"),
    "JoinedStr": ("an f-string", "the text itself"),
    "Subscript": ("square brackets", 'pl.col("amount")'),
}
_DATES = {
    "date": dt.date,
    "datetime": dt.datetime,
    "timedelta": dt.timedelta,
    "timezone": dt.timezone,
}
_CHAINED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("When", "ChainedWhen"), ("then",)),
    **dict.fromkeys(("Then", "ChainedThen"), ("when", "otherwise")),
}
_CALLED = (dt.date, dt.datetime, dt.timedelta)
_SAID_IN_POLARS = {"if", "to_fixed", "from_time_zone"}
_OWN = ("vocab", "as_of", "cast")


@dataclass(frozen=True, slots=True)
class Helper:
    """One ``fk.name(...)``: an operator or aggregate of the language over polars expressions."""

    name: str
    arguments: tuple[Any, ...]


def helper_names() -> list[str]:
    """Return what may follow ``fk.``: the operators and aggregates of the language."""
    every = {word.lower() for word in (*functions(), *aggregates())} | set(_OWN)
    return sorted(every - _SAID_IN_POLARS)


def place_of(text: str, node: ast.expr | ast.stmt) -> Where:
    """Return where ``node`` stands, as far as its first line goes."""
    lines = text.splitlines() or [""]
    line = lines[min(node.lineno, len(lines)) - 1]
    before = len(line.encode()[: node.col_offset].decode(errors="ignore"))
    end = len(line)
    if node.end_lineno == node.lineno and node.end_col_offset is not None:
        end = len(line.encode()[: node.end_col_offset].decode(errors="ignore"))
    return Where(text, node.lineno, before + 1, max(end - before, 1))


@dataclass
class Values:
    """Evaluates expressions of one cell; ``names`` is what its statements have named so far."""

    text: str
    helpers: dict[str, Helper]
    built: list[tuple[ast.expr, Any]]
    names: dict[str, Any] = field(default_factory=dict)
    _sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    _alive: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pl: Any = require("polars", PURPOSE)

    def is_expression(self, value: Any) -> bool:
        """Whether ``value`` is an expression of polars."""
        return isinstance(value, self.pl.Expr)

    def is_unfinished(self, value: Any) -> bool:
        """Whether ``value`` is a condition without what holds when it is true."""
        return type(value).__name__ in {"When", "ChainedWhen"}

    def expression(self, node: ast.expr) -> Any:
        """Return the expression that ``node`` builds.

        Raises:
            DefinitionError: FK160 when it builds none, and whatever building says.
        """
        made = self.value(node)
        if not self.is_expression(made):
            raise PolarsUnreadable("this is no expression of polars", place_of(self.text, node))
        return made

    def value(self, node: ast.expr) -> Any:
        """Return the value of ``node``: a constant, an expression, a type, or a list of them."""
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as constant):
                return constant
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.value(item) for item in items]
            case ast.Name(id=name):
                return self._named(name, node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(left=left, op=sign, right=right):
                return self._joined(node, sign, self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                return self._joined(node, sign, self.value(left), self.value(right))
            case ast.UnaryOp(op=sign, operand=operand):
                return self._signed(node, sign, self.value(operand))
            case _:
                raise self._unknown(node)

    def _unknown(self, node: ast.expr) -> FeatureError:
        where = place_of(self.text, node)
        kind = type(node).__name__
        if isinstance(node, ast.Compare):
            fix = 'pl.col("x").is_between(1, 2), or (a < b) & (b < c)'
            return PolarsUnreadable("a comparison has two sides", where, "", fix)
        if isinstance(node, ast.Lambda):
            return OpaquePython("lambda", where)
        shown, fix = _INSTEAD.get(kind, (kind, ""))
        return PolarsUnreadable(f"{shown} is Python that a cell does not have", where, "", fix)

    def _named(self, name: str, node: ast.expr) -> Any:
        if name in self.names:
            return self.names[name]
        if name in _DATES:
            return _DATES[name]
        where = place_of(self.text, node)
        known_here = ["pl", "fk", *self.names, *_DATES]
        why = "a cell never depends on the notebook's variables: they do not exist after export"
        problem = f"there is nothing called {name!r} here{nearest(name, known_here)}"
        raise PolarsUnreadable(problem, where, why, f'pl.col("{name}")')

    def _attribute(self, node: ast.Attribute) -> Any:
        """Return ``pl.Int64``, ``pl.col.amount``, ``dt.date`` or ``timezone.utc``."""
        match node:
            case ast.Attribute(value=ast.Name(id="pl"), attr=name) if name in known.TYPES:
                return getattr(self.pl, name)
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="pl"), attr="col"), attr=name):
                return self._kept(node, self.pl.col(name), [])
            case ast.Attribute(value=ast.Name(id="dt" | "datetime"), attr=name) if name in _DATES:
                return _DATES[name]
            case ast.Attribute(attr="utc", value=inner) if self.value(inner) is dt.timezone:
                return dt.UTC
            case _:
                shown = ast.unparse(node)[:60]
                problem = f"{shown} is nothing that a cell can use"
                raise PolarsUnreadable(problem, place_of(self.text, node))

    def _joined(self, node: ast.expr, sign: Any, left: Any, right: Any) -> Any:
        where, kind = place_of(self.text, node), type(sign).__name__
        if kind not in _BINARY:
            fix = 'pl.col("x").is_in([1, 2]), .is_null(), .is_not_null()'
            raise PolarsUnreadable(f"{kind} is Python, not polars", where, "", fix)
        if not (self.is_expression(left) or self.is_expression(right)):
            numbers = all(type(side) in {int, float} for side in (left, right))
            if not numbers or kind == "Pow":
                raise PolarsUnreadable("this computes without polars", where, "", "the result")
        made = self._made(where, _BINARY[kind], left, right)
        return self._kept(node, made, [left, right])

    def _signed(self, node: ast.expr, sign: Any, operand: Any) -> Any:
        where, kind = place_of(self.text, node), type(sign).__name__
        if kind not in _UNARY:
            raise PolarsUnreadable("not is Python, not polars", where, "", "~(condition)")
        if not self.is_expression(operand) and type(operand) not in {int, float}:
            raise PolarsUnreadable("this computes without polars", where, "", "the result")
        return self._kept(node, self._made(where, _UNARY[kind], operand), [operand])

    # --- calls

    def _call(self, node: ast.Call) -> Any:
        where = place_of(self.text, node)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        if starred or any(keyword.arg is None for keyword in node.keywords):
            raise PolarsUnreadable("* and ** hide what is given", where, "", "each argument")
        match node.func:
            case ast.Attribute(value=ast.Name(id="fk"), attr=name):
                return self._helped(node, name)
            case ast.Attribute(value=ast.Name(id="pl"), attr=name):
                call = self._function(name, where)
                receiver = None
            case ast.Attribute(
                value=ast.Attribute(value=inner, attr=("str" | "dt") as space), attr=name
            ):
                receiver = self.expression(inner)
                self._check_method(f"{space}.{name}", where)
                call = getattr(getattr(receiver, space), name)
            case ast.Attribute(value=inner, attr=name) if self._is_chain(inner):
                receiver = self.value(inner)
                call = self._method(receiver, name, where)
            case func:
                call, receiver = self._plain(func, where), None
        arguments = [self.value(argument) for argument in node.args]
        named = {str(k.arg): self.value(k.value) for k in node.keywords}
        made = self._made(where, call, *arguments, **named)
        return self._kept(node, made, [receiver, *arguments, *named.values()])

    def _is_chain(self, inner: ast.expr) -> bool:
        return not (isinstance(inner, ast.Name) and inner.id in {"dt", "datetime"})

    def _plain(self, func: ast.expr, where: Where) -> Any:
        made = (
            self._named(func.id, func) if isinstance(func, ast.Name) else self._attribute_of(func)
        )
        if not any(made is known_type for known_type in _CALLED):
            shown = ast.unparse(func)[:60]
            raise PolarsUnreadable(f"{shown} is nothing that a cell can call", where)
        return made

    def _attribute_of(self, func: ast.expr) -> Any:
        if isinstance(func, ast.Attribute):
            return self._attribute(func)
        return self.value(func)

    def _function(self, name: str, where: Where) -> Any:
        if name in known.OPAQUE:
            raise OpaquePython(f"pl.{name}", where)
        if name in known.FUNCTIONS or name in known.TYPES:
            return getattr(self.pl, name)
        raise self._refused(f"pl.{name}", name, known.FUNCTIONS, where)

    def _method(self, receiver: Any, name: str, where: Where) -> Any:
        kind = type(receiver).__name__
        if name not in _CHAINED.get(kind, ()):
            self._check_method(name, where)
            if not self.is_expression(receiver):
                raise PolarsUnreadable("this is no expression of polars", where)
        return getattr(receiver, name)

    def _check_method(self, name: str, where: Where) -> None:
        if name in known.OPAQUE:
            raise OpaquePython(name, where)
        if name not in known.METHODS:
            raise self._refused(f".{name}", name, known.METHODS, where)

    def _refused(
        self, shown: str, name: str, allowed: frozenset[str], where: Where
    ) -> FeatureError:
        if name in known.CLOCKS:
            again = NotReproducible(shown, where)
            again.fix = "fk.as_of()   # the moment of asking"
            return again
        if name in known.REFUSED:
            return PolarsRefused(shown, *known.REFUSED[name], where)
        why = f"it is not among what is carried{nearest(name, sorted(allowed))}"
        return PolarsRefused(
            shown, why, "the same in SQL, or featurekit ops for fk.name(...)", where
        )

    def _made(self, where: Where, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what polars makes of a call; what it does not take is told as it says it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return call(*given, **named)
        except (Exception, self.pl.exceptions.PanicException) as refused:  # noqa: BLE001  any of polars' own
            raise PolarsFails(str(refused), where) from None

    def _kept(self, node: ast.expr, made: Any, parts: list[Any]) -> Any:
        """Remember where ``made`` was built, and that it is not larger than engines can follow."""
        nested = [p for part in parts for p in (part if isinstance(part, list) else [part])]
        known_sizes = [self._sizes[id(part)] for part in nested if id(part) in self._sizes]
        size = 1 + sum(count for count, _ in known_sizes)
        depth = 1 + max((levels for _, levels in known_sizes), default=0)
        for measure, found, most in (
            ("parts", size, MOST_NODES),
            ("levels of nesting", depth, 4 * MOST_DEEP),
        ):
            if found > most:
                raise TooComplex(measure, most, place_of(self.text, node))
        self._sizes[id(made)] = (size, depth)
        self._alive.append(made)
        if self.is_expression(made):
            self.built.append((node, made))
        return made

    def _helped(self, node: ast.Call, name: str) -> Any:
        """Return a column that stands for an operator of the language."""
        where = place_of(self.text, node)
        names = helper_names()
        if name not in names:
            fix = "featurekit ops   # lists every name"
            problem = f"fk has no {name!r}{nearest(name, names)}"
            raise PolarsUnreadable(
                problem, where, "fk.name(...) is an operator of the language", fix
            )
        if node.keywords:
            raise PolarsUnreadable("fk.name(...) takes its arguments in order", where)
        given = [self.value(argument) for argument in node.args]
        built = [m if self.is_expression(m) else self._made(where, self.pl.lit, m) for m in given]
        trees = [json.loads(one.meta.serialize(format="json")) for one in built]
        column = f"\0fk{len(self.helpers)}"
        self.helpers[column] = Helper(name.upper(), tuple(trees))
        return self._kept(node, self.pl.col(column), given)
