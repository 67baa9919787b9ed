"""OVER: windows by name, and the standard's frames."""

from __future__ import annotations

from typing import Any

from featurekit.errors import listed
from featurekit.errors.definition import FrameRefused
from featurekit.errors.meaning import ReadsTheFuture
from featurekit.frontends.frames import Frame, Over
from featurekit.frontends.reader import Reader
from featurekit.frontends.window_clauses import Written
from featurekit.ir.nodes import Column
from featurekit.ir.windows import AllTime, LastRows


def window_of(said: Written, reader: Reader) -> Over:
    """Return the window that ``said`` means, and whether the row in hand belongs to it.

    Raises:
        DefinitionError: FK108 what is no window here, FK140 rows that come later, FK111.
    """
    if said.named is not None:
        return said.named, False
    _check_partition(said, reader)
    _check_order(said, reader)
    if said.spec is not None:
        over = Frame(said.spec, said.node, reader.text, reader.rows.in_hand).window()
        _check_where(over, said, reader)
        return over
    if said.order:
        return AllTime(), reader.rows.in_hand
    why = "to the standard it is the whole partition, rows that come later included"
    fix = f"OVER all_time, or OVER (ORDER BY {reader.rows.order[0]})"
    where = reader.text.after("OVER", said.node) or reader.text.place(said.node)
    raise FrameRefused("a window without ORDER BY and frame is ambiguous", why, fix, where)


def _check_where(over: Over, said: Written, reader: Reader) -> None:
    """Refuse to count rows that WHERE or a join left: windows count visible rows."""
    if reader.where is None or not isinstance(over[0], LastRows):
        return
    count = over[0].count
    raise FrameRefused(
        "a frame in ROWS cannot stand beside WHERE or an inner JOIN",
        "the standard counts the rows that these left, a window of the language all visible rows",
        f"SUM(x) FILTER (WHERE ...) OVER last_{count}_rows   -- of the latest {count}, those that "
        "satisfy it",
        reader.text.after("ROWS", said.node),
    )


def _check_partition(said: Written, reader: Reader) -> None:
    if not said.partition:
        return
    named = {_column(node, reader) for node in said.partition}
    if named != set(reader.rows.keys):
        shown = ", ".join(reader.text.source_of(node) for node in said.partition)
        keys = ", ".join(reader.rows.keys)
        raise FrameRefused(
            f"PARTITION BY {shown} is not whose features these are: {listed(reader.rows.keys)}",
            "rows are found by the keys of the view's entity, and by nothing else",
            f"PARTITION BY {keys}; for {shown} a view of its own with --entity, then derive",
            reader.text.place(said.partition[0]),
        )


def _check_order(said: Written, reader: Reader) -> None:
    fix = f"ORDER BY {reader.rows.order[0]}"
    for node in said.order:
        if node.args.get("desc"):
            raise ReadsTheFuture("ORDER BY ... DESC", reader.text.place(node), fix)
    named = tuple(_column(node.this, reader) for node in said.order)
    if named != reader.rows.order[: len(named)]:
        shown = ", ".join(reader.text.source_of(node) for node in said.order)
        problem = f"ORDER BY {shown} is not the order of time"
        columns = " and ".join(reader.rows.order)
        why = f"windows look back in time, and the rows are ordered by {columns}"
        raise FrameRefused(problem, why, fix, reader.text.place(said.order[0]))


def _column(node: Any, reader: Reader) -> str | None:
    """Return the name of the column of the rows that ``node`` is; None for anything else."""
    made, source = reader.read(node, inside=True), reader.rows.source
    own = isinstance(made, Column) and source is not None and made.relation == source.name
    return made.name if isinstance(made, Column) and own else None
