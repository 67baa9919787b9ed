"""FK11x and FK13x: names that nothing answers to, and names that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from featurekit.errors.base import Where, closest, listed, nearest
from featurekit.errors.definition import DefinitionError

# --- FK110-FK119: names that nothing answers to


class UnknownSource(DefinitionError):
    """No source of that name."""

    code = "FK110"

    def __init__(self, name: str, known: Iterable[str], where: Where | str | None = None) -> None:
        names = sorted(known)
        super().__init__(
            f"there is no source or view {name!r}{nearest(name, names)}",
            where=where,
            why=f"known here: {listed(names)}",
            fix=closest(name, names) or f"%source {name} PATH --entity ENTITY --time COLUMN",
        )


class UnknownColumn(DefinitionError):
    """The relation has no such column."""

    code = "FK111"

    def __init__(
        self, relation: str, name: str, known: Iterable[str], where: Where | str | None = None
    ) -> None:
        names = list(known)
        super().__init__(
            f"{relation} has no column {name!r}{nearest(name, names)}",
            where=where,
            why=f"its columns are {listed(names, 12)}",
            fix=closest(name, names) or "one of them, or the name of another feature of this cell",
        )


class AmbiguousName(DefinitionError):
    """A name that several things answer to."""

    code = "FK112"

    def __init__(self, name: str, candidates: Sequence[str], where: Where | None) -> None:
        renames = any(candidate.startswith("the feature") for candidate in candidates)
        super().__init__(
            f"{name!r} may mean {' or '.join(candidates)}",
            where=where,
            why="one definition has one meaning, so nothing is picked for you",
            fix=f"write {candidates[0]}" + (", or rename the feature" if renames else ""),
        )


class UnknownFunction(DefinitionError):
    """A function or construct that the language does not have."""

    code = "FK113"

    def __init__(
        self, name: str, known: Iterable[str], where: Where | None, instead: str = ""
    ) -> None:
        known = list(known)
        instead = instead or closest(name, known)
        super().__init__(
            f"the language has no {name}{nearest(name, known)}",
            where=where,
            why="only what has one meaning on every target is in the table",
            fix=instead or "featurekit ops   # lists every operator and aggregate",
        )


class UnknownWindow(DefinitionError):
    """A window name that spells nothing."""

    code = "FK114"

    def __init__(self, name: str, meant: str, where: Where | None) -> None:
        super().__init__(
            f"there is no window {name!r}" + (f"; did you mean {meant!r}?" if meant else ""),
            where=where,
            why="a window's name says its length: last_<n><s|m|h|d|w>, where m is minutes; "
            "calendar_<n><d|w|mo>, where mo is months; last_<n>_rows, today, week_to_date, "
            "month_to_date, year_to_date, all_time; in a label next_<n><s|m|h|d|w>",
            fix=f"OVER {meant}"
            if meant
            else "a number and a unit, as in last_30d, last_6h, calendar_3mo; or year_to_date",
        )


class UnknownEntity(DefinitionError):
    """No entity of that name, or not one whose keys the source carries."""

    code = "FK115"

    def __init__(self, name: str, known: Iterable[str], why: str = "") -> None:
        names = sorted(known)
        super().__init__(
            f"there is no entity {name!r} here{nearest(name, names)}",
            where="--entity",
            why=why or f"known here: {listed(names)}",
            fix=f"--entity {closest(name, names) or names[0]}"
            if names
            else f"%entity {name} {name}_id:string",
        )


class UnknownVocabulary(DefinitionError):
    """No vocabulary of that name."""

    code = "FK116"

    def __init__(self, name: str, known: Iterable[str], where: Where | None) -> None:
        names = sorted(known)
        super().__init__(
            f"there is no vocabulary {name!r}{nearest(name, names)}",
            where=where,
            why=f"known here: {listed(names)}",
            fix=closest(name, names) or f"%vocabulary {name} 'US=USA,United States'",
        )


class UnknownView(DefinitionError):
    """No view of that name or version."""

    code = "FK117"

    def __init__(self, name: str, known: Iterable[str], where: Where | str | None = None) -> None:
        names = sorted(known)
        super().__init__(
            f"there is no view {name!r}{nearest(name, names)}",
            where=where,
            why=f"known here: {listed(names)}",
            fix=closest(name, names) or "%catalog   # lists the views",
        )


class UnknownZone(DefinitionError):
    """A time zone that the IANA database does not have."""

    code = "FK118"

    def __init__(self, name: str, known: Iterable[str], where: Where | str | None = None) -> None:
        known = list(known)
        super().__init__(
            f"there is no time zone {name!r}{nearest(name, known)}",
            where=where,
            why="zones are IANA names, spelled exactly; abbreviations mean several places",
            fix=closest(name, known) or "America/New_York",
        )


class UnknownType(DefinitionError):
    """A type that the targets do not share."""

    code = "FK119"

    def __init__(self, name: str, where: Where | None) -> None:
        super().__init__(
            f"{name} is not a type that every target shares",
            where=where,
            why="the types are BOOLEAN, BIGINT, DOUBLE, DECIMAL(p,s), VARCHAR, DATE, TIMESTAMP",
            fix="CAST(x AS DECIMAL(18, 2))" if "DECIMAL" in name else "CAST(x AS DOUBLE)",
        )


# --- FK130-FK139: the names of features and views


class FeatureWithoutName(DefinitionError):
    """An expression without AS."""

    code = "FK130"

    def __init__(self, suggested: str, where: Where | None) -> None:
        super().__init__(
            "this feature has no name",
            where=where,
            why="a model, a catalog and an engineer find it by its name",
            fix=f"... AS {suggested}",
        )


class BadName(DefinitionError):
    """A name that cannot be a column, a Python name and a file name at once."""

    code = "FK131"

    def __init__(
        self, kind: str, name: str, suggested: str, where: Where | str | None = None
    ) -> None:
        super().__init__(
            f"{name!r} cannot be the name of a {kind}",
            where=where,
            why="names begin with a letter, go on with letters, digits and single underscores, "
            "have at most 63 characters and are not words of Python",
            fix=suggested,
        )


class DuplicateFeature(DefinitionError):
    """Two features of one name."""

    code = "FK132"

    def __init__(self, name: str, where: Where | None) -> None:
        super().__init__(
            f"there are two features called {name!r}",
            where=where,
            why="names ignore case, and each names one value",
            fix=f"... AS {name}_2",
        )


class Cycle(DefinitionError):
    """Features or views that need each other."""

    code = "FK133"

    def __init__(self, kind: str, path: Sequence[str], where: Where | str | None = None) -> None:
        super().__init__(
            f"these {kind}s need each other: {' -> '.join(path)}",
            where=where,
            why="none of them could be computed first",
            fix=f"take {path[-2] if len(path) > 1 else path[0]!r} out of {path[0]!r}",
        )
