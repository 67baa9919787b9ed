"""Views as Python functions: what serving runs, line by line as a reviewer would write it.

Every view becomes one pure function of three parameters, whatever it reads: ``history`` (the
entity's rows, sorted; nothing for a request view; ``used``, the answers it rests on, for a derived
view), ``request`` and ``as_of``. A parameter that a view does not need stays, so that all of them
are called alike.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from featurekit.backends.python_expressions import Scope
from featurekit.backends.python_inline import Value
from featurekit.backends.python_layout import laid_out
from featurekit.backends.python_module import OWN, Module, imported_names
from featurekit.backends.python_syntax import (
    Names,
    annotation,
    camel,
    documented,
    quoted,
    spelled,
    typed_dict,
)
from featurekit.backends.python_windows import Rows, row_type
from featurekit.ir.definitions import SourceKind, Unknown
from featurekit.ir.nodes import Aggregate, Column, InVocabulary, walk_outside_aggregates
from featurekit.ir.view import Feature, View


@dataclass(frozen=True, slots=True)
class ViewCode:
    """A view as Python.

    Attributes:
        function: What its function is called.
        answer: The name of the TypedDict it returns.
        fields: Feature and annotation, in order.
        text: The TypedDict and the functions.
        explains: Whether there is a function ``..._absence`` that says why an answer is null.
    """

    function: str
    answer: str
    fields: tuple[tuple[str, str], ...]
    text: str
    explains: bool

    def nullable(self, feature: str) -> bool:
        """Whether ``feature`` can be null."""
        return dict(self.fields)[feature].endswith("None")


@dataclass(frozen=True, slots=True)
class Asked:
    """A view to be written, and what is said about it besides its meaning.

    Attributes:
        view: The view.
        function: What its function is to be called.
        description: One sentence.
        texts: The canonical text of each feature.
        used: For a derived view: reference to the code of the view it uses.
    """

    view: View
    function: str
    description: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    used: Mapping[str, ViewCode] = field(default_factory=dict)


def view_code(module: Module, asked: Asked) -> ViewCode:
    """Return ``asked`` as Python; what it needs besides is collected in ``module``."""
    view = asked.view
    answer = module.names.new(camel(asked.function))
    uses = module.names.new(f"{camel(asked.function)}Uses")
    rows = _rows(module, asked)
    scope = _scope(module, asked, rows)
    expressions = {feature.name: feature.expression for feature in view.features}
    scope.prepare(expressions.values(), expressions, asked.texts)
    answers = {name: scope.feature(name, node) for name, node in expressions.items()}
    fields = tuple(
        (name, annotation(expressions[name].type, nullable=value.nullable))
        for name, value in answers.items()
    )
    entries = ", ".join(f"{quoted(name)}: {spelled(value.node)}" for name, value in answers.items())
    looks_up = any(_looks_up(feature) for feature in view.features)
    opening = rows.opening(windows=True, latest=looks_up) if rows else []
    doc = f'"""{documented(asked.description or f"Return the answers of {view.name}.")}"""'
    function = _function(
        f"def {asked.function}({_parameters(asked, uses)}) -> {answer}:",
        [doc, *opening, *scope.lines, f"return {{{entries}}}"],
    )
    parts = [typed_dict(answer, fields, f"The answers of {view.name}.")]
    if view.source is None:
        parts.append(_uses_type(asked, uses))
    absence = _absence(module, asked, rows)
    if rows:
        visible = rows.visible()
        parts += [*rows.functions, visible]
    parts += [function, *([absence] if absence else [])]
    text = laid_out("\n\n\n".join(parts))
    return ViewCode(asked.function, answer, fields, text, bool(absence))


def _function(head: str, lines: list[str]) -> str:
    return "\n".join([head, *(f"    {line}" for line in lines)])


def _parameters(asked: Asked, uses: str = "") -> str:
    source = asked.view.source
    match source and source.kind:
        case None:
            first = f"used: {uses}"
        case SourceKind.REQUEST:
            first = "history: None"
        case _:
            assert source is not None  # noqa: S101  the first case took None
            first = f"history: Sequence[{row_type(source)}]"
    return f"{first}, request: Request, as_of: dt.datetime"


def _uses_type(asked: Asked, name: str) -> str:
    """Return the TypedDict of the answers that a derived view rests on."""
    fields = [(code.function, code.answer) for code in asked.used.values()]
    return typed_dict(name, fields, f"What {asked.view.name} rests on.")


def _rows(module: Module, asked: Asked) -> Rows | None:
    source = asked.view.source
    if source is None or source.kind is SourceKind.REQUEST:
        return None
    return Rows(module, asked.view, source, asked.function)


def _scope(module: Module, asked: Asked, rows: Rows | None) -> Scope:
    def aggregate(node: Aggregate) -> Value:
        assert rows is not None  # noqa: S101  only views over rows aggregate
        return rows.aggregate(scope, node)

    names = Names({*OWN, *imported_names()})
    scope = Scope(module, names, _column_reader(asked), aggregate)
    return scope


def _column_reader(asked: Asked) -> Callable[[Column], Value]:
    """Return how a column outside aggregates is read."""
    view = asked.view

    def column(node: Column) -> Value:
        key = ast.Constant(node.name)
        if (code := asked.used.get(node.relation)) is not None:
            answers = ast.Subscript(ast.Name("used"), ast.Constant(code.function))
            return Value(ast.Subscript(answers, key), code.nullable(node.name))
        if view.looks_up and view.source and node.relation == view.source.name:
            absent = ast.Compare(ast.Name("latest"), [ast.Is()], [ast.Constant(None)])
            found = ast.Subscript(ast.Name("latest"), key)
            return Value(ast.IfExp(absent, ast.Constant(None), found), nullable=True)
        return Value(ast.Subscript(ast.Name("request"), key), nullable=not node.required)

    return column


def _absence(module: Module, asked: Asked, rows: Rows | None) -> str:
    """Return the function that says why an answer is null; "" where there is but one reason."""
    view = asked.view
    outside = {feature.name: _may_be_outside(feature) for feature in view.features}
    if rows is None and view.source is not None and not any(outside.values()):
        return ""
    lines = ['"""Return why each answer is null, if it is."""']
    if view.source is None:
        return _derived_absence(asked)
    names = f"[{', '.join(quoted(feature.name) for feature in view.features)}]"
    stale = view.looks_up and view.max_age is not None
    if rows:
        lines += rows.opening(latest=bool(stale or any(outside.values())))
        lines += ["if not visible:", f"    return dict.fromkeys({names}, Status.NOT_FOUND)"]
    lines.append(f"reasons = dict.fromkeys({names}, Status.NULL)")
    if not stale and not any(outside.values()):
        lines[-1] = lines[-1].replace("reasons =", "return")
        return _function(_absence_head(asked), lines)
    if stale:
        looked_up = [quoted(f.name) for f in view.features if _looks_up(f)]
        lines += ["if latest is None:"]
        lines += [f"    reasons[{name}] = Status.STALE" for name in looked_up]
    scope = _scope(module, asked, rows)
    vocabularies = {node for nodes in outside.values() for node in nodes}
    scope.prepare([node.argument for node in vocabularies])
    for name, nodes in outside.items():
        for node in nodes:
            given, found = spelled(scope.named(node.argument).node), spelled(scope.named(node).node)
            scope.lines.append(f"if {given} is not None and {found} is None:")
            scope.lines.append(f"    reasons[{quoted(name)}] = Status.OUTSIDE_CONTRACT")
    return _function(_absence_head(asked), [*lines, *scope.lines, "return reasons"])


def _absence_head(asked: Asked) -> str:
    return f"def {asked.function}_absence({_parameters(asked)}) -> dict[str, Status]:"


def _derived_absence(asked: Asked) -> str:
    """The reason of a derived answer is the gravest reason of what it rests on."""
    entries: list[str] = []
    for feature in asked.view.features:
        read = [n for n in walk_outside_aggregates(feature.expression) if isinstance(n, Column)]
        reasons = [
            f"reasons[{quoted(asked.used[node.relation].function)}][{quoted(node.name)}]"
            for node in dict.fromkeys(read)
            if node.relation in asked.used
        ]
        entries.append(f"    {quoted(feature.name)}: gravest({', '.join(reasons)}),")
    head = (
        f"def {asked.function}_absence("
        "reasons: Mapping[str, Mapping[str, Status]]) -> dict[str, Status]:"
    )
    doc = '"""Return why each answer is null, if it is: the gravest reason below it."""'
    return _function(head, [doc, "return {", *entries, "}"])


def _may_be_outside(feature: Feature) -> tuple[InVocabulary, ...]:
    return tuple(
        node
        for node in dict.fromkeys(walk_outside_aggregates(feature.expression))
        if isinstance(node, InVocabulary) and node.vocabulary.unknown is Unknown.OUTSIDE
    )


def _looks_up(feature: Feature) -> bool:
    return any(isinstance(n, Column) for n in walk_outside_aggregates(feature.expression))
