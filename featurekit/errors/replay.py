"""FK510-FK519: logs of served rows that cannot be replayed."""

from __future__ import annotations

from collections.abc import Iterable

from featurekit.errors.base import listed
from featurekit.errors.export import ParityError


class UnreadableLog(ParityError):
    """A log that is not there, or a row in it that is not one."""

    code = "FK510"

    def __init__(self, path: str, reason: str, line: int | None = None) -> None:
        super().__init__(
            f"the log cannot be read: {reason}",
            where=path if line is None else f"{path}, line {line}",
            why="a row that is passed over in silence would count as one that agrees",
            fix="name a file of JSON lines, as telemetry.schema.json in the package describes them",
        )


class NothingLogged(ParityError):
    """A log without a row of the feature set."""

    code = "FK511"

    def __init__(self, path: str, name: str) -> None:
        super().__init__(
            f"the log holds no row of {name}",
            where=path,
            fix=f'in {name}_features/active.json, "log_sample": 0.01 logs a row in a hundred; '
            "the sink must take lines of level INFO",
        )


class HiddenInputs(ParityError):
    """Rows whose questions were logged as hashes only."""

    code = "FK512"

    def __init__(self, path: str, columns: Iterable[str]) -> None:
        names = sorted(columns)
        source, _, column = names[0].rpartition(".")
        super().__init__(
            f"the log holds only hashes of {listed(names, 12)}",
            where=path,
            why="what no source marks as loggable is not written into a log, and a hash cannot be "
            "asked again",
            fix=f"if that may be logged, %source {source} … --loggable {column}, export, and log "
            "anew",
        )
