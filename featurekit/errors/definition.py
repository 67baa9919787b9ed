"""FK1xx: a cell or definition that cannot mean anything, or not one thing.

::

    DefinitionError
    ├── here        FK101-FK109  the text: unreadable, too deep, clauses a view does not have
    ├── here        FK150-FK159  the header: owner, time, ages, freshness
    ├── names.py    FK110-FK119  names that nothing answers to: source, column, function, window
    ├── names.py    FK130-FK139  the names of features and views
    ├── meaning.py  FK120-FK129  types and literals
    ├── meaning.py  FK140-FK149  what must not be asked of a row, a window or a moment
    └── polars.py   FK160-FK169  cells in polars: what cannot be read, or not be carried exactly
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from featurekit.errors.base import FeatureError, Where, listed


class DefinitionError(FeatureError):
    """The root of FK1xx."""

    code = "FK100"

    def __init__(
        self, problem: str, *, where: Where | str | None = None, why: str = "", fix: str = ""
    ) -> None:
        super().__init__(_short(problem), where=where, why=_short(why), fix=_short(fix))


def _short(text: str) -> str:
    """Return ``text`` with the middle of overlong words left out: a name may be a page long."""
    return re.sub(r"(\S{50})\S{50,}(\S{10})", r"\1...\2", text)


# --- FK101-FK109: the text


class Unreadable(DefinitionError):
    """The text is not SQL."""

    code = "FK101"

    def __init__(self, found: str, reason: str, where: Where | None, fix: str = "") -> None:
        at = f"at {found!r}" if found else "at its end"
        super().__init__(
            f"cannot read the SQL {at}",
            where=where,
            why=reason,
            fix=fix or "SELECT <expression> AS <name>, ... FROM <source> [WHERE <condition>]",
        )


class TooComplex(DefinitionError):
    """The definition is nested or repeated beyond what engines and readers can follow."""

    code = "FK102"

    def __init__(self, measure: str, most: int, where: Where | None) -> None:
        super().__init__(
            f"the definition has more than {most:,} {measure}",
            where=where,
            why="every target repeats it in its code, and engines limit how deep it may go",
            fix="split it into a second view and derive from the first",
        )


class SeveralStatements(DefinitionError):
    """More than one statement in a cell."""

    code = "FK103"

    def __init__(self, where: Where) -> None:
        super().__init__(
            "a cell holds one SELECT, and a second statement begins here",
            where=where,
            why="one cell is one view",
            fix="move the second statement to its own %%feature cell",
        )


class NotASelect(DefinitionError):
    """The statement is something else than SELECT."""

    code = "FK104"

    def __init__(self, found: str, where: Where) -> None:
        super().__init__(
            f"a cell is one SELECT, and this begins with {found.upper()!r}",
            where=where,
            why="a view names values; it never changes data and has no other statements",
            fix="SELECT <expression> AS <name>, ... FROM <source>",
        )


class ClauseRefused(DefinitionError):
    """A clause that a view does not have."""

    code = "FK105"

    def __init__(self, clause: str, why: str, fix: str, where: Where | None) -> None:
        super().__init__(f"a view has no {clause}", where=where, why=why, fix=fix)


class StarRefused(DefinitionError):
    """``SELECT *``."""

    code = "FK106"

    def __init__(self, columns: Sequence[str], where: Where | None) -> None:
        super().__init__(
            "a view names its features; SELECT * does not",
            where=where,
            why="a new column in the source would silently become a feature of a model",
            fix=f"SELECT {', '.join(columns)}" if columns else "name the columns you want",
        )


class JoinRefused(DefinitionError):
    """A join that is not the look-up of one row of a snapshot by its key."""

    code = "FK107"

    def __init__(self, problem: str, why: str, fix: str, where: Where | str | None) -> None:
        super().__init__(problem, where=where, why=why, fix=fix)


class FrameRefused(DefinitionError):
    """A standard OVER frame, or a window function of the standard, that means no window here."""

    code = "FK108"

    def __init__(self, problem: str, why: str, fix: str, where: Where | None) -> None:
        super().__init__(problem, where=where, why=why, fix=fix)


class SpokenElsewhere(DefinitionError):
    """A call that another dialect of SQL means in a way that the language does not have."""

    code = "FK157"

    def __init__(self, name: str, why: str, fix: str, where: Where | None) -> None:
        super().__init__(
            f"{name} means something else in that dialect than the language can say",
            where=where,
            why=why,
            fix=fix,
        )


class NothingWritten(DefinitionError):
    """An empty cell."""

    code = "FK109"

    def __init__(self) -> None:
        super().__init__(
            "the cell is empty",
            why="a view needs at least one named feature",
            fix="SELECT <expression> AS <name> FROM <source>",
        )


# --- FK150-FK159: the header


class OwnerMissing(DefinitionError):
    """No owner."""

    code = "FK150"

    def __init__(self, view: str) -> None:
        super().__init__(
            f"view {view!r} has no owner",
            where="--owner",
            why="somebody must answer when it breaks",
            fix="--owner you@example.com",
        )


class BadOption(DefinitionError):
    """An option of the header that says nothing here."""

    code = "FK151"

    def __init__(self, option: str, value: str, why: str, fix: str) -> None:
        super().__init__(f"{option} {value!r} cannot be used here", where=option, why=why, fix=fix)


class SourceMissing(DefinitionError):
    """Neither the header nor FROM names a source."""

    code = "FK152"

    def __init__(self, view: str, known: Iterable[str]) -> None:
        names = sorted(known)
        super().__init__(
            f"view {view!r} reads nothing",
            where="--from",
            why=f"known here: {listed(names)}",
            fix=f"FROM {names[0]}" if names else "%source NAME PATH --entity ENTITY --time COLUMN",
        )


class EntityMissing(DefinitionError):
    """It is not clear whose features these are."""

    code = "FK153"

    def __init__(self, source: str, choices: Sequence[str]) -> None:
        super().__init__(
            f"{source!r} does not say whose features these are",
            where="--entity",
            why=f"its entities are {listed(choices)}" if choices else "it carries no entity's keys",
            fix=f"--entity {choices[0]}"
            if choices
            else f"%source {source} PATH --entity ENTITY --time COLUMN",
        )


class TimeMissing(DefinitionError):
    """A source of events or snapshots without a time column."""

    code = "FK154"

    def __init__(self, source: str, column: str | None) -> None:
        lacks = f"has no column {column!r} for its time" if column else "has no time column"
        super().__init__(
            f"source {source!r} {lacks}",
            where="--time",
            why="without the time of each row nobody can say what was known when",
            fix=f"%source {source} PATH --entity ENTITY --time COLUMN",
        )


class KeyMissing(DefinitionError):
    """The source lacks a key column of the entity, or it has another type."""

    code = "FK155"

    def __init__(self, source: str, entity: str, key: str, found: object | None) -> None:
        lacks = f"has {key!r} as {found}" if found else f"has no column {key!r}"
        super().__init__(
            f"source {source!r} {lacks}, which entity {entity!r} needs",
            where="--entity",
            why="rows are found by the entity's keys",
            fix=f"%source {source} PATH --entity OTHER_ENTITY --time COLUMN",
        )


class PerRowRefused(DefinitionError):
    """``--per row`` over a snapshot, or over views that are asked for an entity."""

    code = "FK156"

    def __init__(self, source: str) -> None:
        super().__init__(
            f"--per row does not work over {source!r}",
            where="--per",
            why="only an event or a request is in hand when it is scored",
            fix="--per entity, or --from a source of events or a request",
        )


class NoSpelling(DefinitionError):
    """A target has no exact words for an operator or aggregate, and a near one would lie."""

    code = "FK190"

    def __init__(self, name: str, target: str, why: str) -> None:
        super().__init__(
            f"{name} cannot be said exactly in {target}",
            why=why,
            fix="leave the feature out of this target, or write it with other operators",
        )
