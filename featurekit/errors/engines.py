"""FK24x: what keeps a training set from being computed where its rows lie."""

from __future__ import annotations

from featurekit.errors.data import DataError


class NotAnsi(DataError):
    """A Spark session whose casts lose values without a word."""

    code = "FK240"

    def __init__(self) -> None:
        super().__init__(
            "the Spark session computes without ANSI rules",
            why="a cast that does not fit would become null or another value there",
            fix='spark.conf.set("spark.sql.ansi.enabled", "true")',
        )


class NoSpark(DataError):
    """No Spark session was given, and none can be started here."""

    code = "FK241"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "no Spark session can be started here",
            why=" ".join(reason.split())[:300],
            fix="install Java 17 or later and set JAVA_HOME, or pass a session: spark=session",
        )


class EngineFailed(DataError):
    """The engine that was asked to compute gave up."""

    code = "FK242"

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(
            f"{engine} could not compute the training set",
            why=" ".join(reason.split())[:600],
            fix="correct what it says, or use engine='polars'",
        )


class OutputExists(DataError):
    """A folder to write into is there already."""

    code = "FK243"

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location!r} is there already",
            where=location,
            why="a training set is written as a whole, into a folder of its own",
            fix="name a folder that is not there yet, or remove it first",
        )


class NotForEngine(DataError):
    """Something only another engine can do."""

    code = "FK244"

    def __init__(self, engine: str, what: str, fix: str) -> None:
        super().__init__(f"engine {engine!r} does not take {what}", fix=fix)


class NoRoom(DataError):
    """Pieces of a training set that do not fit into memory cannot be written to disk."""

    code = "FK245"

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(
            "there is no room for the pieces of a training set that exceeds the memory it may use",
            where=folder,
            why=" ".join(reason.split())[:300],
            fix="make room there, or name a folder that has it: --tmp FOLDER (tmp='FOLDER')",
        )
