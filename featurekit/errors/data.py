"""FK2xx: sources, spines and files."""

from __future__ import annotations

from collections.abc import Iterable

from featurekit.errors.base import FeatureError, closest, listed, nearest

_LONGEST_SHOWN = 60


class DataError(FeatureError):
    """The root of FK2xx."""

    code = "FK200"


class MissingFile(DataError):
    """A path or glob names no file."""

    code = "FK201"

    def __init__(self, location: str, looked_in: str, present: Iterable[str]) -> None:
        names = sorted(present)
        folder, slash, name = location.rpartition("/")
        near = closest(name, names)
        meant = f"{folder}{slash}{near}" if near else ""
        super().__init__(
            f"no file at {location!r}" + (f"; did you mean {meant!r}?" if meant else ""),
            where=looked_in,
            why=f"the folder holds: {listed(names)}",
            fix=meant
            or "correct the path; a relative one starts at the folder that holds the catalog",
        )


class UnreadableFile(DataError):
    """A file is damaged, or is not what its name says."""

    code = "FK202"

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(
            f"{location!r} cannot be read",
            where=location,
            why=" ".join(reason.split())[:300],
            fix="write the file again as parquet (.parquet) or as CSV with a header (.csv)",
        )


class UnreadableRows(DataError):
    """Rows in memory that do not make columns: two of one name, values of several types."""

    code = "FK227"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(
            f"{what} cannot be read as columns",
            where=what,
            why=" ".join(reason.split())[:300],
            fix="give each column a name of its own and values of one type, then pass it again",
        )


class MissingTable(DataError):
    """A DuckDB file holds no such table."""

    code = "FK225"

    def __init__(self, file: str, table: str, present: Iterable[str]) -> None:
        names = sorted(present)
        near = closest(table, names)
        meant = f"{file}::{near}" if near else ""
        super().__init__(
            f"no table {table!r} in {file!r}" + (f"; did you mean {meant!r}?" if meant else ""),
            where=file,
            why=f"the file holds: {listed(names)}",
            fix=meant or f"name one of its tables: {file}::TABLE or {file}::SCHEMA.TABLE",
        )


class UnwritableFile(DataError):
    """A result cannot be written where it was asked for; what was there before still is."""

    code = "FK230"

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(
            f"{location!r} cannot be written",
            where=location,
            why=" ".join(reason.split())[:300],
            fix="name a file in a folder that exists, may be written and has room",
        )


class UnknownFormat(DataError):
    """A file's name ends in something that is not read, or not written."""

    code = "FK203"

    def __init__(self, location: str, *, output: bool = False) -> None:
        others = "in a notebook also a variable" if output else "a glob of such, or pass a frame"
        super().__init__(
            f"{location!r} is neither parquet nor CSV",
            fix=f"name a .parquet or .csv file, {others}",
        )


class NotAFrame(DataError):
    """What was passed as data is no table."""

    code = "FK204"

    def __init__(self, given: str) -> None:
        super().__init__(
            f"a {given} is not data that can be read as rows and columns",
            fix="pass a path, a polars, pandas or Arrow frame, or a list of dicts",
        )


class MissingColumn(DataError):
    """A column that is needed is not there; ``what`` says in what: ``the spine``, a source."""

    code = "FK205"

    def __init__(
        self,
        what: str,
        column: str,
        present: Iterable[str],
        needed_for: str,
        option: str = "",
    ) -> None:
        names = list(present)
        near = closest(column, names)
        if option:  # the author named the column, so that another may be named instead
            fix = f"{option} {near}" if near else f"{option} COLUMN, one of: {listed(names, 20)}"
        elif near:
            fix = f"rename the column {near!r} to {column!r}"
        else:
            fix = f"add the column {column!r}"
            fix += f"; the columns are: {listed(names, 20)}" if names else ", or register it anew"
        there = f"; there is: {listed(names, 20)}" if names else ""
        super().__init__(
            f"{what} has no column {column!r}{nearest(column, names)}",
            why=f"it is needed {needed_for}{there}",
            fix=fix,
        )


class UnsupportedType(DataError):
    """A column's type is outside the language."""

    code = "FK206"

    def __init__(self, what: str, column: str, given: str) -> None:
        super().__init__(
            f"column {column!r} of {what} has type {given}, which the language does not have",
            why="types are BOOLEAN, BIGINT, DOUBLE, DECIMAL, VARCHAR, DATE and TIMESTAMP",
            fix=f"convert {column!r} before, or leave it out (schema= names the columns to use)",
        )


class NamelessColumn(DataError):
    """A column is called by the empty text, which engines read as any other name."""

    code = "FK226"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} has a column without a name",
            why="engines give such a column names of their own",
            fix="rename it before, or name the columns to use with schema=",
        )


class WrongType(DataError):
    """A column's values do not fit the declared type."""

    code = "FK207"

    def __init__(self, what: str, column: str, given: str, wanted: str, fix: str) -> None:
        super().__init__(
            f"column {column!r} of {what} is {given} where {wanted} is wanted",
            why="nothing is converted unless every value stays what it was",
            fix=fix,
        )
        self.column = column


class ValuesDoNotFit(DataError):
    """Some values of a column lie outside the declared type's range or digits."""

    code = "FK208"

    def __init__(self, what: str, wanted: str, reason: str) -> None:
        super().__init__(
            f"{what} holds values that {wanted} cannot hold",
            why=" ".join(reason.split())[:300],
            fix="declare a wider type, or correct the values",
        )


class BadValue(ValuesDoNotFit):
    """One value of one column lies outside the declared type, and which is known."""

    def __init__(
        self, what: str, column: str, value: str, wanted: str, *, in_text: bool = False
    ) -> None:
        super().__init__(what, wanted, "")
        shown = value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}..."
        self.problem = f"column {column!r} of {what} holds {shown!r}, which is not a {wanted}"
        self.args = (self.problem,)
        self.why = "nothing is converted unless every value stays what it was"
        other = f"declare {column}:string" if in_text else "convert the column before it is read"
        self.fix = f"correct the value, or {other}"


class NaiveTime(DataError):
    """A time column has neither a zone of its own nor a declared one."""

    code = "FK209"

    def __init__(self, what: str, column: str, fix: str) -> None:
        super().__init__(
            f"column {column!r} of {what} holds times without a zone",
            why="the same clock reading is a different instant in another zone",
            fix=fix,
        )


class UnknownZone(DataError):
    """A zone's name is not in the IANA database."""

    code = "FK210"

    def __init__(self, zone: str) -> None:
        super().__init__(
            f"there is no time zone {zone!r}",
            fix="use an IANA name, such as 'UTC' or 'America/New_York'",
        )


class NoData(DataError):
    """A source lives only in a session that is gone."""

    code = "FK211"

    def __init__(self, source: str) -> None:
        super().__init__(
            f"source {source!r} has no data here",
            why="it was registered from memory and has no location",
            fix=f"register it again with data: ws.source({source!r}, data, ...)",
        )


class NoTime(DataError):
    """Questions have no moment of asking, and the features depend on it."""

    code = "FK212"

    def __init__(self, view: str, times: Iterable[str]) -> None:
        names = list(times)
        fix = f"--time {names[0]} (time={names[0]!r})" if names else ""
        super().__init__(
            f"view {view!r} needs the moment of asking, and no time column was named",
            why="what is known depends on when it is asked; the spine's columns of times: "
            + listed(names),
            fix=fix or "add a column of times to the spine, and name it: --time asked_at",
        )


class TimeNotNamed(DataError):
    """A source of events or a snapshot does not say when its rows happened."""

    code = "FK214"

    def __init__(self, source: str, candidates: Iterable[str]) -> None:
        names = sorted(candidates)
        super().__init__(
            f"source {source!r} does not say when its rows happened",
            why=f"what is visible depends on it; columns of times: {listed(names)}",
            fix=f"--time {names[0] if names else 'COLUMN'} (time={(names or ['COLUMN'])[0]!r})",
        )


class ColumnsChanged(DataError):
    """A file got a column between being opened and being read."""

    code = "FK215"

    def __init__(self, what: str, column: str) -> None:
        super().__init__(
            f"the file of {what} has changed: its column {column!r} is new",
            why="what was checked when the data was opened does not hold any more",
            fix="register the source again, or restore the file",
        )


class ColumnTaken(DataError):
    """The spine already has a column with an answer's name."""

    code = "FK213"

    def __init__(self, column: str) -> None:
        super().__init__(
            f"the spine already has a column {column!r}",
            why="a feature of that name would overwrite it",
            fix=f"drop or rename the spine's column {column!r}",
        )


class ReservedColumn(DataError):
    """A column is named like the training query's own."""

    code = "FK290"

    def __init__(self, table: str, column: str, prefix: str) -> None:
        super().__init__(
            f"column {column!r} of '{table}' begins with {prefix!r}",
            why=f"names that begin with {prefix!r} are the training query's own",
            fix="rename the column where the data is read",
        )


class ReservedTable(DataError):
    """A source is named like a table of the training query."""

    code = "FK292"

    def __init__(self, table: str) -> None:
        super().__init__(
            f"a source called '{table}' cannot be told from the training query's own table",
            why="the query reads each source by its name, beside 'spine' and its own 'fk_' steps",
            fix="register the source under another name, or use engine='polars'",
        )


class SameButForCase(DataError):
    """Two columns differ in upper and lower case only, which SQL engines take for one."""

    code = "FK291"

    def __init__(self, table: str, first: str, second: str) -> None:
        super().__init__(
            f"columns '{first}' and '{second}' of '{table}' differ only in case",
            why="SQL engines take them for the same column",
            fix="rename one of them, or use engine='polars'",
        )
