"""The function beside a view's that says why an answer is null."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from featurekit.backends.python_expressions import Scope
from featurekit.backends.python_joins import Joins
from featurekit.backends.python_syntax import names_in, quoted, spelled
from featurekit.backends.python_view import Asked, as_function, asked_at, parameters, reads_columns
from featurekit.backends.python_windows import Rows
from featurekit.ir.definitions import Unknown
from featurekit.ir.nodes import (
    Aggregate,
    Column,
    Expression,
    InVocabulary,
    walk_outside_aggregates,
)
from featurekit.ir.rules import outside_makes_null
from featurekit.ir.strictness import made_where
from featurekit.ir.view import Feature, Join, View, used_joins


def absence(
    asked: Asked,
    nullable: Collection[str],
    joins: Joins,
    rows: Rows | None,
    scope: Scope,
    uses: str,
) -> str:
    """Return the function that says why an answer is null; "" where there is but one reason.

    Args:
        asked: The view.
        nullable: Those of its features that can be null.
        joins: What its rows are joined with.
        rows: Its rows, if it reads any.
        scope: The function's body, empty as yet.
        uses: For a derived view, what the type of the answers that it rests on is called.
    """
    view = asked.view
    if view.source is None:
        return _derived(asked, nullable, joins, scope, uses)
    stale = view.looks_up and view.max_age is not None
    met = {join: _readers(view, join) for join in joins.bare() if _readers(view, join)}
    checks = _Checks(view, nullable, scope)
    if rows is None and not met and not checks:
        return ""
    names = _listed(feature.name for feature in view.features)
    some = [f.name for f in view.features if view.scores_rows and _only_before(f)]
    unknown = [f"    reasons = dict.fromkeys({names}, Status.NOT_FOUND)"]
    anybody = bool(rows) and not view.scores_rows
    if anybody and checks.made:
        checks.before_made(["if not visible:", *unknown])
    checks.write("reasons")
    latest = bool(stale or checks.outside or (met and view.looks_up))
    lines = _opening(rows, scope, latest=latest, needed=anybody or bool(some))
    if anybody and not checks.made:
        lines += ["if not visible:", f"    return dict.fromkeys({names}, Status.NOT_FOUND)"]
    reasons = f"dict.fromkeys({names}, Status.NULL)"
    if not (some or stale or met or checks):
        return _function(asked, joins, [*lines, f"return {reasons}"])
    lines.append(f"reasons = {reasons}")
    if some:
        lines += ["if not visible:", *_because(some, "Status.NOT_FOUND")]
    if stale:
        looked_up = [feature.name for feature in view.features if reads_columns(feature)]
        lines += ["if latest is None:", *_because(looked_up, "Status.STALE")]
    lines += _unmet(view, joins, met, every=bool(checks.made))
    lines += rows.in_hand() if rows else []
    return _function(asked, joins, [*lines, *scope.lines, "return reasons"])


class _Checks:
    """What is asked of the inputs of each feature, to say that its null is outside of the contract.

    Attributes:
        outside: What comes in, and what the contract makes of it, null where it is outside.
        made: Of a strict view, the condition under which a null was made of values.
    """

    def __init__(self, view: View, nullable: Collection[str], scope: Scope) -> None:
        self._scope = scope
        features = [feature for feature in view.features if feature.name in nullable]
        found = {f.name: _may_be_outside(view, f) for f in features}
        self.outside = {name: pairs for name, pairs in found.items() if pairs}
        conditions = {f.name: made_where(f.expression) for f in features if view.strict}
        self.made = {name: c for name, c in conditions.items() if c is not None}
        self._between: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.outside or self.made)

    def before_made(self, lines: list[str]) -> None:
        """Put ``lines`` before what strictness asks."""
        self._between = lines

    def write(self, target: str) -> None:
        """Write into the scope the lines that set entries of the dictionary ``target``."""
        scope = self._scope
        given = [given for pairs in self.outside.values() for given, _ in pairs]
        scope.prepare([*given, *dict.fromkeys(self.made.values())])
        tests: dict[str, list[str]] = {}
        for name, pairs in self.outside.items():
            for pair in pairs:
                came, found = (spelled(scope.named(node).node) for node in pair)
                tests.setdefault(f"if {came} is not None and {found} is None:", []).append(name)
        for outside, names in tests.items():
            scope.lines += [outside, *_because(names, "Status.OUTSIDE_CONTRACT", target)]
        scope.lines += self._between
        alike: dict[Expression, list[str]] = {}
        for name, condition in self.made.items():
            alike.setdefault(condition, []).append(name)
        for condition, names in alike.items():
            test = spelled(scope.truth(condition))
            told = _because(names, "Status.OUTSIDE_CONTRACT", target)
            always = test == "True"
            scope.lines += [line.strip() for line in told] if always else [f"if {test}:", *told]


def _opening(rows: Rows | None, scope: Scope, *, latest: bool, needed: bool) -> list[str]:
    """Return the lines that find the rows, where they are ``needed`` or the scope reads them."""
    read = names_in(scope.lines)
    if rows is None or not (needed or read & {"visible", "latest"}):
        return []
    return rows.opening(windows=True, latest=latest or "latest" in read)


def _function(asked: Asked, joins: Joins, lines: list[str]) -> str:
    head = f"def {asked.function}_absence({parameters(asked, joins)}) -> dict[str, Status]:"
    doc = '"""Return why each answer is null, if it is."""'
    return as_function(head, [doc, *asked_at(asked.view, lines)])


def _because(features: Iterable[str], reason: str, target: str = "reasons") -> list[str]:
    return [f"    {target}[{quoted(name)}] = {reason}" for name in features]


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, names))}]"


def _unmet(view: View, joins: Joins, met: dict[Join, list[str]], *, every: bool) -> list[str]:
    """Return the lines about rows that are joined with nothing; ``every`` join is found there."""
    found = joins.bare() if every else used_joins(view, [join.name for join in met])
    lines = joins.bare_lines(found)
    for join, features in met.items():
        local = joins.local(join)
        known = "latest is not None and " if view.looks_up else ""
        lines.append(f"if {known}{local} is None:")
        if view.max_age is None:
            lines += _because(features, "Status.NOT_FOUND")
        else:
            older = joins.bare_found(join, any_age=True)
            lines.append(f"    older = {older}")
            reason = "Status.NOT_FOUND if older is None else Status.STALE"
            lines += _because(features, reason)
    return lines


def _readers(view: View, join: Join) -> list[str]:
    """Return the features that read a column of ``join`` outside of aggregates."""
    return [
        feature.name
        for feature in view.features
        if any(
            isinstance(node, Column) and node.relation == join.name
            for node in walk_outside_aggregates(feature.expression)
        )
    ]


def _only_before(feature: Feature) -> bool:
    """Whether ``feature`` rests on rows before the one in hand, and not on that one."""
    nodes = list(walk_outside_aggregates(feature.expression))
    found = [node for node in nodes if isinstance(node, Aggregate)]
    return bool(found) and not any(node.current for node in found)


def _derived(asked: Asked, nullable: Collection[str], joins: Joins, scope: Scope, uses: str) -> str:
    """The reason of a derived answer is the gravest reason of what it rests on, or its own."""
    entries: list[str] = []
    for feature in asked.view.features:
        read = [n for n in walk_outside_aggregates(feature.expression) if isinstance(n, Column)]
        reasons = [
            f"reasons[{quoted(asked.used[node.relation].function)}][{quoted(node.name)}]"
            for node in dict.fromkeys(read)
            if node.relation in asked.used
        ]
        entries.append(f"    {quoted(feature.name)}: gravest({', '.join(reasons)}),")
    given = f"reasons: Mapping[str, Mapping[str, Status]], {parameters(asked, joins, uses)}"
    head = f"def {asked.function}_absence({given}) -> dict[str, Status]:"
    doc = '"""Return why each answer is null, if it is: the gravest reason below it."""'
    checks = _Checks(asked.view, nullable, scope)
    if not checks:
        return as_function(head, [doc, "return {", *entries, "}"])
    checks.write("why")
    lines = ["why = {", *entries, "}", *scope.lines, "return why"]
    return as_function(head, [doc, *asked_at(asked.view, lines)])


def _may_be_outside(view: View, feature: Feature) -> tuple[tuple[Expression, Expression], ...]:
    """Return what comes in and what the contract makes of it, null where it is outside."""
    words = (
        (node.argument, node)
        for node in dict.fromkeys(walk_outside_aggregates(feature.expression))
        if isinstance(node, InVocabulary) and node.vocabulary.unknown is Unknown.OUTSIDE
    )
    return (*words, *outside_makes_null(view, feature.expression))
