"""FK2xx of asking: spines as queries, data that changes, what a lock file holds."""

from __future__ import annotations

from featurekit.errors.data import DataError


class BadQuery(DataError):
    """A query that was given as the spine cannot be run."""

    code = "FK218"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            "the query for the spine cannot be run",
            where=text,
            why=" ".join(reason.split())[:300],
            fix="SELECT customer_id, asked_at FROM 'labels.parquet' (files, registered sources)",
        )


class NotReadOnly(DataError):
    """A text that was given as the spine's query does more than read."""

    code = "FK219"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"the text for the spine is not a query that only reads: {reason}",
            where=text,
            why="a spine is read; nothing may change by asking for it",
            fix="one SELECT over files and registered sources: SELECT … FROM 'labels.parquet'",
        )
