"""The spine on Spark: a number for each row, and answers back in the order of these numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from featurekit.datatypes import TIMESTAMP
from featurekit.training.spark_tables import DIALECT, PLACES, Table, in_utc

MOMENT, PLACE = "fk_moment", "fk_place"
_LINE = "fk_line"
OWN = (*PLACES, MOMENT, PLACE, _LINE)
"""Columns that are added, so that no spine may have them."""

_FEW = 10_000
"""Of fewer rows it is not worth to make a piece."""

_INSIDE = 33
"""How many bits of a number count the rows of one piece of the spine; the others are its place."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A spine whose rows have numbers that stay the same however often they are read.

    Attributes:
        frame: Its columns, ``fk_moment`` and the numbers, ``fk_place``.
        pieces: In how many pieces of about one size answers are ordered.
        piece: Says which piece a row belongs to; smaller numbers belong to earlier pieces.
    """

    frame: Any
    pieces: int
    piece: str

    def ordered(self, made: Any) -> Any:
        """Return ``made`` in the order of its numbers.

        Where pieces begin is known, so that no answer is computed twice to find it out, as an
        ORDER BY does.
        """
        from pyspark.sql.functions import expr

        return made.repartitionById(self.pieces, expr(self.piece)).sortWithinPartitions(PLACE)


def numbered(asked: Table, time: str | None) -> Numbered:
    """Return the spine with a number for each row, kept by the session, in the order of its rows.

    Args:
        asked: Its rows.
        time: Its column that says when each is asked; None: nothing needs it.
    """
    from pyspark.sql import Observation
    from pyspark.sql.functions import expr

    frame = asked.frame
    if asked.placed:  # files are read in the order of their sizes
        frame = frame.selectExpr("*", f"monotonically_increasing_id() AS {_LINE}")
        frame = frame.orderBy(*PLACES, _LINE).drop(*PLACES, _LINE)
    moment = DIALECT.identifier(time) if time else "NULL"
    with in_utc(frame.sparkSession):
        placed = frame.selectExpr(
            "*",
            f"{DIALECT.cast(moment, TIMESTAMP)} AS {MOMENT}",
            f"monotonically_increasing_id() AS {PLACE}",
        )
    seen = Observation()
    inside = f"{PLACE} & {2**_INSIDE - 1}"
    facts = {"pieces": f"shiftright(max({PLACE}), {_INSIDE}) + 1", "most": f"max({inside}) + 1"}
    kept = placed.observe(seen, *(expr(f"{text} AS {name}") for name, text in facts.items()))
    kept = kept.localCheckpoint()
    own, most = ((seen.get[name] or 1) for name in facts)
    wanted = int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions"))
    part = f"shiftright({PLACE}, {_INSIDE})"
    if own >= wanted:
        return Numbered(kept, wanted, f"CAST({part} * {wanted} DIV {own} AS INT)")
    each = max(1, min(wanted // own, most // _FEW))
    width = -(-most // each)
    return Numbered(kept, own * each, f"CAST({part} * {each} + ({inside}) DIV {width} AS INT)")
