"""What the questions of a training set look like when they do not fit into memory at once.

Most of it adds up over stretches of the spine. Questions that are asked twice fall into one piece
by what all that they ask hashes to.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.outside import Outside, outside_questions
from featurekit.training.sources import SourceData
from featurekit.training.spilling import write
from featurekit.training.spine import Spine, SpineFacts, checked_spine, spine_facts

if TYPE_CHECKING:
    import polars as pl

_AT, _PIECE = "\0at", "\0piece"


def asked_in_pieces(
    stretches: Iterable[pl.DataFrame],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    time: str | None,
    folder: Path,
    pieces: int,
) -> tuple[SpineFacts, Outside]:
    """Return what the whole spine looks like, and how many questions no rule allows.

    Args:
        stretches: The spine, at least one stretch.
        views: As ``spine_facts`` and ``outside_questions`` take them.
        data: The sources' rows by name.
        time: The spine's column of moments.
        folder: Where the pieces may lie.
        pieces: Into how many pieces the questions fall.

    Raises:
        NoRoom: FK245.
    """
    facts: SpineFacts | None = None
    outside: Outside = {}
    for number, spine in enumerate(stretches):
        asked = checked_spine(spine, (), views, time)
        own = spine_facts(spine, asked, views, time)
        facts = own if facts is None else _both(facts, own)
        for place, count in outside_questions(asked, views, data).items():
            outside[place] = outside.get(place, 0) + count
        _cut(asked, folder, number, pieces)
    assert facts is not None  # noqa: S101  an empty spine is a stretch, too
    return dataclasses.replace(facts, duplicates=_repeated(folder, pieces)), outside


def _both(one: SpineFacts, other: SpineFacts) -> SpineFacts:
    def found(name: str) -> list[dt.datetime]:
        return [at for facts in (one, other) if (at := getattr(facts, name)) is not None]

    return dataclasses.replace(
        one,
        rows=one.rows + other.rows,
        first=min(found("first"), default=None),
        last=max(found("last"), default=None),
        without_time=one.without_time + other.without_time,
        without_key={key: n + other.without_key[key] for key, n in one.without_key.items()},
    )


def _cut(asked: Spine, folder: Path, number: int, pieces: int) -> None:
    pl = require("polars", PURPOSE)
    questions = asked.rows.with_columns(asked.moments.alias(_AT))
    piece = (pl.struct(pl.all()).hash(seed=0) % pieces).alias(_PIECE)
    placed = questions.with_columns(piece)
    for (one,), rows in placed.partition_by(_PIECE, as_dict=True, include_key=False).items():
        write(rows, folder / str(one) / f"{number:06}.parquet")


def _repeated(folder: Path, pieces: int) -> int:
    """Return how many questions ask again what an earlier one asked."""
    pl = require("polars", PURPOSE)
    count = 0
    for piece in range(pieces):
        files = sorted((folder / str(piece)).glob("*.parquet"))
        if files:
            rows = pl.read_parquet(files)
            count += len(rows) - rows.n_unique()
    return count
