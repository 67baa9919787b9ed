"""The latest visible rows of a key, found on one line of time on which rows and questions lie.

What is latest so far is a running aggregate, so the work grows with rows and questions and not
with their pairs.
"""

from __future__ import annotations

from featurekit.backends.to_sql_expression import expression_sql, parenthesised
from featurekit.backends.to_sql_joins import AT, SEEN, SIDE, bare_columns, columns_of
from featurekit.backends.to_sql_local_time import ASKED
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import ROW
from featurekit.backends.to_sql_reading import Reading
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME
from featurekit.datatypes import BIGINT
from featurekit.ir.nodes import AsOf, walk
from featurekit.ir.windows import LastRows

MOST = 100
"""Of how many latest rows places are kept while rows pass by."""

_OVER = "{over}"


def finds_on_line(reading: Reading) -> bool:
    """Whether which row a look-up answers with depends on stored rows alone."""
    where = [reading.view.where] if reading.view.where is not None else []
    parts = [part for one in where for part in walk(one)]
    own = all(reading.is_stored(column) for column in columns_of(where))
    joined = reading.of_pairs([*bare_columns(reading.view), *columns_of(where)])
    return own and not joined and not any(isinstance(part, AsOf) for part in parts)


def latest_row(reading: Reading) -> Part:
    """Return the step with the latest visible row of each key; where it is too old, so are all."""
    view, asked, quoted = reading.view, reading.asked, reading.dialect.identifier
    where = None
    if view.where is not None:
        read = reading.reader(SEEN)
        where = expression_sql(view.where, reading.dialect, read, asked.as_of, {})
    order, row = quoted(ORDER), quoted(ROW)
    found = _on_line(reading, f"MAX({order}) {_OVER}", order, where)
    near = [
        f"{quoted(SEEN)}.{quoted(key)} = {asked.column(key, kind)}"
        for key, kind in reading.key_fields
    ]
    near.append(f"{quoted(SEEN)}.{order} = {quoted('fk_picked')}.{order}")
    if view.max_age is not None:
        near.append(f"{quoted(SEEN)}.{quoted(TIME)} >= {asked.before(view.max_age)}")
    body = (
        f"{select([asked.row, f'{quoted(SEEN)}.*'])}\nFROM {quoted(ASKED)}\n"
        f"INNER JOIN (\n{indented(found)}\n) AS {quoted('fk_picked')}\n"
        f"  ON {quoted('fk_picked')}.{row} = {asked.row}\n"
        f"INNER JOIN {quoted(reading.stored.rows(view))} AS {quoted(SEEN)}\n  ON "
        + "\n  AND ".join(near)
    )
    comment = f"{reading.reference}: the latest visible row of the key"
    return Part(f"{reading.reference} latest", comment, body)


def latest_places(reading: Reading, rows: LastRows) -> str:
    """Return the SELECT of the places of each question's latest rows, a row each."""
    order, last = reading.dialect.identifier(ORDER), rows.count + rows.offset
    places = f"EXPLODE(SLICE({order}, {rows.offset + 1}, {rows.count}))"
    return _on_line(reading, f"MAX_BY({order}, {order}, {last}) {_OVER}", places, None)


def _on_line(reading: Reading, running: str, answer: str, where: str | None) -> str:
    """Return the SELECT of each question's row and ``fk_order``: places of its latest rows.

    Args:
        reading: How the view reads columns.
        running: The aggregate of the places so far, its frame at _OVER.
        answer: What is made of it, called ``fk_order``.
        where: Which rows count; None: all.
    """
    dialect, asked = reading.dialect, reading.asked
    quoted, rows = dialect.identifier, dialect.identifier(reading.stored.rows(reading.view))
    at, side, order, row = (quoted(name) for name in (AT, SIDE, ORDER, ROW))
    keys = [quoted(f"fk_key_{place}") for place in range(1, len(reading.key_fields) + 1)]
    none = dialect.literal(None, BIGINT)
    questions = [
        f"{asked.column(key, kind)} AS {name}"
        for (key, kind), name in zip(reading.key_fields, keys, strict=True)
    ]
    questions += [f"{asked.as_of} AS {at}", f"0 AS {side}", asked.row, f"{none} AS {order}"]
    place = f"{quoted(SEEN)}.{order}"
    known = [f"{quoted(SEEN)}.{quoted(key)}" for key, _ in reading.key_fields]
    known += [f"{quoted(SEEN)}.{quoted(KNOWN)}", "1", none]
    known.append(f"CASE WHEN {parenthesised(where)} THEN {place} END" if where else place)
    line = (
        f"{select(questions)}\nFROM {quoted(ASKED)}\nUNION ALL\n"
        f"{select(known)}\nFROM {rows} AS {quoted(SEEN)}"
    )
    # what becomes known at the very moment is not visible yet: who asks comes first
    frame = (
        f"OVER (PARTITION BY {', '.join(keys)} ORDER BY {at} ASC, {side} ASC"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    )
    so_far = f"{running.replace(_OVER, frame)} AS {order}"
    met = f"{select([row, so_far])}\nFROM (\n{indented(line)}\n) AS {quoted('fk_line')}"
    return (
        f"{select([row, f'{answer} AS {order}'])}\nFROM (\n{indented(met)}\n)"
        f" AS {quoted('fk_so_far')}\nWHERE {row} IS NOT NULL"
    )
