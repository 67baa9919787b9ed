"""FK16x: what a cell in polars says that cannot be read, carried, or carried exactly."""

from __future__ import annotations

from featurekit.errors.base import Where
from featurekit.errors.definition import DefinitionError

EXAMPLE = 'spend_30d = pl.col("amount").sum().over("last_30d")'


class PolarsUnreadable(DefinitionError):
    """The text is not polars expressions with names."""

    code = "FK160"

    def __init__(
        self, problem: str, where: Where | str | None, why: str = "", fix: str = ""
    ) -> None:
        super().__init__(
            problem,
            where=where,
            why=why or "a cell with --polars is polars expressions with names, and nothing runs it",
            fix=fix or EXAMPLE,
        )


class PolarsRefused(DefinitionError):
    """A construct of polars that the language cannot carry exactly."""

    code = "FK161"

    def __init__(self, construct: str, why: str, fix: str, where: Where | None = None) -> None:
        super().__init__(
            f"{construct} cannot be carried out of polars", where=where, why=why, fix=fix
        )


class OpaquePython(DefinitionError):
    """A Python function inside an expression."""

    code = "FK162"

    def __init__(self, construct: str, where: Where | None = None) -> None:
        super().__init__(
            f"{construct} holds Python that no engine can look into",
            where=where,
            why="what it means could not be checked, versioned, or served by anything but itself",
            fix="say it with expressions: pl.when(...).then(...).otherwise(...), .str, .dt",
        )


class PolarsWindowRefused(DefinitionError):
    """A window of polars that is not one of the language."""

    code = "FK163"

    def __init__(self, found: str, why: str, fix: str, where: Where | None = None) -> None:
        super().__init__(f"{found} is not a visible window", where=where, why=why, fix=fix)


class PolarsFails(DefinitionError):
    """polars itself does not take the expression."""

    code = "FK164"

    def __init__(self, reason: str, where: Where | None = None) -> None:
        first = next((line.strip() for line in reason.splitlines() if line.strip()), "no reason")
        super().__init__(
            "polars itself refuses this expression",
            where=where,
            why=first[:300],
            fix="write what polars can evaluate over these columns",
        )


class PolarsDiffers(DefinitionError):
    """The canonical form answers something else than polars on rows that were tried."""

    code = "FK165"

    def __init__(self, feature: str, polars: str, here: str, row: str, where: Where | None) -> None:
        super().__init__(
            f"feature {feature!r} would not answer what polars answers",
            where=where,
            why=f"polars says {polars}, the language {here}, for {row}",
            fix=".cast(pl.Float64) or .cast(pl.Int64) first, where digits end or a small integer "
            "wraps around; else handle such rows, or write this cell in SQL",
        )
