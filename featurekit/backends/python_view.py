"""A view as it is asked to be written, its function's parameters, and the moment it answers for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from featurekit.backends.python_joins import Joins, reads_history
from featurekit.backends.python_rows import RowCode
from featurekit.backends.python_syntax import length, names_in, quoted, row_type
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Aggregate, Column, walk_outside_aggregates
from featurekit.ir.schedules import At, Every, Later, schedule_name
from featurekit.ir.view import Feature, View, moment_column


@dataclass(frozen=True, slots=True)
class Answering:
    """How the features of a view are made of its aggregates.

    Attributes:
        view: The view.
        row: How it reads rows.
        joins: What its rows are joined with.
        aggregates: Those it folds, in the order of their locals.
        call: What makes the features of the locals called as in ``locals``, within a function
            that has the view's parameters: the name of a function and what it is given, or a
            dictionary.
        locals: What the aggregates are called in ``call``.
    """

    view: View
    row: RowCode
    joins: Joins
    aggregates: tuple[Aggregate, ...]
    call: str
    locals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewCode:
    """A view as Python.

    Attributes:
        function: What its function is called.
        answer: The name of the TypedDict it returns.
        fields: Feature and annotation, in order.
        text: The TypedDict and the functions.
        explains: Whether there is a function ``..._absence`` that says why an answer is null.
        answering: How the features are made of what the windows hold; None for a view that no
            window state can stand in for.
    """

    function: str
    answer: str
    fields: tuple[tuple[str, str], ...]
    text: str
    explains: bool
    answering: Answering | None = None

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


def as_function(head: str, lines: list[str]) -> str:
    """Return a function of ``lines``."""
    return "\n".join([head, *(f"    {line}" for line in lines)])


def parameters(asked: Asked, joins: Joins, uses: str = "") -> str:
    """Return the parameters of a view's function."""
    source = asked.view.source
    if source is None:
        first = f"used: {uses}"
    elif source.kind is SourceKind.REQUEST or not reads_history(asked.view):
        first = "history: None"
    else:
        first = f"history: Sequence[{row_type(source)}]"
    return ", ".join([first, *(f"{word}: {kind}" for word, kind in joins.kinds.items())])


def asked_at(view: View, lines: list[str]) -> list[str]:
    """Return ``lines`` after those that say for which moment the view answers."""
    if "as_of" not in names_in(lines):
        return lines
    if view.scores_rows:
        return [f"as_of = request[{quoted(moment_column(view).name)}]", *lines]
    match view.fresh:
        case None:
            return lines
        case Every(size):
            found = f"windows.every(as_of, {length(size)})"
        case At(minute, zone, weekday):
            given = f"{quoted(zone)}, minute={minute}, weekday={weekday}"
            found = f"windows.last_refresh(as_of, {given})"
        case Later():
            raise NoSpelling(view.name, "python", "it is a label: nobody can know it when asked")
    said = f"# the answers of the last refresh: {schedule_name(view.fresh)}"
    return [said, f"as_of = {found}", *lines]


def reads_columns(feature: Feature) -> bool:
    """Whether ``feature`` reads columns outside of aggregates."""
    return any(isinstance(n, Column) for n in walk_outside_aggregates(feature.expression))
