"""Training sets that exceed the memory they may use: piece by piece, by what the entities hash to.

The questions and the rows of an entity fall into the same piece, so each piece is answered alone,
by the engine that answers whole sets. The answers are put beside the spine's rows in their order,
stretch by stretch; what rests on answers of several entities is computed there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.ir.definitions import Field
from featurekit.ir.view import View, aggregates
from featurekit.lazy import require
from featurekit.training.engine import Engine, ViewFacts
from featurekit.training.labels import asked_later, latest_rows
from featurekit.training.leaks import at_events
from featurekit.training.met_pieces import met_in_piece
from featurekit.training.sets import ColumnFacts, training_set
from featurekit.training.shared import Progress, kind_of
from featurekit.training.sources import SourceData, normalised, unread
from featurekit.training.spilling import write
from featurekit.training.spine import checked_spine
from featurekit.training.tally import Tally, summed

if TYPE_CHECKING:
    import polars as pl

    from featurekit.catalog.records import SetProfiled
    from featurekit.frontends.remarks import Lint
    from featurekit.training.causes import Causes
    from featurekit.training.locks import Lock
    from featurekit.training.spine import SpineFacts

_ROW, _PIECE = "\0row", "\0piece"
_BATCH = 500_000
ROW_BYTES = 400
"""What a row takes at the peak of a run, of a source or the spine; more with each answer."""
_ANSWER_BYTES = 60
_LEAST, _MOST = 10_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """Views whose rows are of the same entities.

    Attributes:
        keys: The entities' keys.
        views: By reference.
        wanted: Every feature of them, in columns of our own names.
    """

    keys: tuple[Field, ...]
    views: Mapping[str, View]
    wanted: tuple[Wanted, ...]

    @property
    def own(self) -> frozenset[str]:
        """The sources that can be cut: those that no view joins by other keys."""
        joined = {join.source.name for view in self.views.values() for join in view.joins}
        sources = (view.source for view in self.views.values())
        return frozenset(s.name for s in sources if s is not None) - joined


@dataclass(frozen=True, slots=True)
class InPieces:
    """A training set on disk.

    Attributes:
        parts: Files that hold its rows, in order.
        rows: How many there are.
        nulls: By answer, how many have none.
        views: How many rows each view could answer, in the order of computing; no median ages.
        pieces: Into how many pieces the entities fell.
        largest: The rows of the largest piece: an entity is never cut.
        bytes: What it takes to answer that piece, about; more than was allowed where one entity
            has more rows than fit.
        lock: What it was made of; None where nobody asked for it.
        causes: By answer, why some are null; likewise. Of derived views nothing is known.
        columns: Each answer, in the order asked for; likewise.
        lints: What is doubtful about them; likewise.
        profile: How they are spread, of a feature set's version; likewise.
        spine: What the questions look like; likewise.
    """

    parts: tuple[Path, ...]
    rows: int
    nulls: Mapping[str, int]
    views: tuple[ViewFacts, ...]
    pieces: int
    largest: int
    bytes: int = 0
    lock: Lock | None = None
    causes: Mapping[str, Causes] = field(default_factory=dict)
    columns: tuple[ColumnFacts, ...] = ()
    lints: tuple[Lint, ...] = ()
    profile: SetProfiled | None = None
    spine: SpineFacts | None = None


def in_pieces(  # noqa: PLR0913  what is asked, and within what
    spine: pl.LazyFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
    memory: int,
    folder: Path,
    progress: Progress = lambda *_: None,
    explained: bool = False,
) -> InPieces:
    """Return the training set as files in ``folder``; other arguments as ``training_set``.

    Args:
        spine: The questions; read a stretch at a time.
        wanted: Which answers, in order.
        views: Every view that is needed, used ones included.
        data: The sources' rows by name.
        time: The spine's column of moments.
        memory: Bytes that the run may take, about: one entity's rows are answered together.
        folder: Where pieces may lie.
        progress: Told ``(stage, done, total)``.
        explained: Whether to ask why answers are null.

    Raises:
        NoRoom: FK245.
        DataError: FK2xx for a spine or a source that does not do.
    """
    pl = require("polars", PURPOSE)
    latest = latest_rows(data)
    tally = Tally(views, latest) if explained else None
    used = asked_later(trimmed(wanted, views), latest)
    asked = _kept(spine, folder / "spine")
    checked_spine(asked.head(0).collect(), wanted, used, time)
    rows = asked.select(pl.len()).collect().item()
    stretch = _stretch(memory, len(asked.collect_schema()) + len(wanted))
    largest, count, most = 0, 1, 0
    stages = _stages(used)
    facts: dict[str, ViewFacts] = {}
    for place, stage in enumerate(stages):
        pieces = _count(stage, rows, data, memory)
        spill = folder / str(place)
        rows_of_piece = _cut_stage(asked, stage, data, spill, pieces)
        largest, count = max(largest, rows_of_piece), max(count, pieces)
        most = max(most, rows_of_piece * _row_bytes(stage))
        for piece in range(pieces):
            progress(f"piece of {', '.join(key.name for key in stage.keys)}", piece, pieces)
            summed(facts, _answer(stage, data, spill, piece, stretch, time, tally))
        progress(f"piece of {', '.join(key.name for key in stage.keys)}", pieces, pieces)
    nulls = {one.column: 0 for one in wanted}
    parts = []
    for number in range(max(math.ceil(rows / stretch), 1)):
        own = asked.slice(number * stretch, stretch).collect()
        made, rest = _put_together(own, number, wanted, used, data, stages, folder, time)
        summed(facts, rest)
        nulls = {column: known + made[column].null_count() for column, known in nulls.items()}
        parts.append(folder / "made" / f"{number:06}.parquet")
        write(made, parts[-1])
        progress("putting together", min((number + 1) * stretch, rows), rows)
    made_of = InPieces(
        tuple(parts), rows, nulls, tuple(facts[r] for r in used), count, largest, most
    )
    return made_of if tally is None else _told(made_of, tally, wanted)


def _told(made: InPieces, tally: Tally, wanted: Sequence[Wanted]) -> InPieces:
    return replace(made, causes=tally.of(wanted), lints=at_events(tally.met, made.rows))


def _kept(spine: pl.LazyFrame, folder: Path) -> pl.LazyFrame:
    """Return the spine from files: a query or a stream is read once."""
    pl = require("polars", PURPOSE)
    for number, batch in enumerate(_batches(spine, "the spine")):
        write(batch, folder / f"{number:06}.parquet")
    return pl.scan_parquet(folder / "*.parquet")  # type: ignore[no-any-return]  # loaded late


def _stages(views: Mapping[str, View]) -> tuple[Stage, ...]:
    """Return the views that read rows of entities, together those of the same keys."""
    found: dict[tuple[Field, ...], dict[str, View]] = {}
    for reference, view in views.items():
        kind = kind_of(view)
        if kind is not None and kind.place.asking.keys:
            found.setdefault(kind.place.asking.keys, {})[reference] = view
    return tuple(
        Stage(
            keys,
            some,
            tuple(
                Wanted(reference, view.name, f.name, f"\0{reference}\0{f.name}")
                for reference, view in some.items()
                for f in view.features
            ),
        )
        for keys, some in found.items()
    )


def _stretch(memory: int, columns: int) -> int:
    """Return how many rows of the spine are put together at a time."""
    return min(max(memory // (_ANSWER_BYTES * 4 * columns), _LEAST), _MOST)


def _count(stage: Stage, rows: int, data: Mapping[str, SourceData], memory: int) -> int:
    """Return into how many pieces a stage must fall."""
    pl = require("polars", PURPOSE)
    held: int = sum(data[name].frame.select(pl.len()).collect().item() for name in stage.own)
    needed = (held + rows) * _row_bytes(stage)
    return max(math.ceil(int(needed) / memory), 1)


def _row_bytes(stage: Stage) -> int:
    answers = sum(1 + len(aggregates(view)) for view in stage.views.values())
    return ROW_BYTES + _ANSWER_BYTES * answers


def _batches(frame: pl.LazyFrame, what: str) -> Iterator[pl.DataFrame]:
    """Yield the rows of ``frame`` in order, bounded numbers at a time; raises as ``collected``."""
    pl = require("polars", PURPOSE)
    found = frame.collect_batches(chunk_size=_BATCH, maintain_order=True)
    empty = frame.collect_schema()
    yield pl.DataFrame(schema=empty)
    while True:
        try:
            batch = next(found, None)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as failure:
            raise unread(failure, what) from None
        if batch is None:
            return
        yield batch


def _hashed(keys: Sequence[Field], pieces: int) -> pl.Expr:
    """Return which piece an entity falls into; null keys are of some piece, too."""
    pl = require("polars", PURPOSE)
    typed = [pl.col(key.name).cast(polars_type(key.type)) for key in keys]
    return (pl.struct(typed).hash(seed=0) % pieces).alias(_PIECE)  # type: ignore[no-any-return]  # loaded late


def _cut(frame: pl.LazyFrame, folder: Path, what: str) -> int:
    """Write the rows of each piece into a folder of its own, in order; return the most rows."""
    sizes: dict[int, int] = {}
    for number, batch in enumerate(_batches(frame, what)):
        for (piece,), rows in batch.partition_by(
            _PIECE, as_dict=True, include_key=False, maintain_order=True
        ).items():
            write(rows, folder / str(piece) / f"{number:06}.parquet")
            sizes[piece] = sizes.get(piece, 0) + len(rows)
    return max(sizes.values(), default=0)


def _cut_stage(
    asked: pl.LazyFrame, stage: Stage, data: Mapping[str, SourceData], folder: Path, pieces: int
) -> int:
    """Write the questions and the rows of each piece; return the most rows of a piece."""
    _cut_spine(asked, stage, folder / "spine", pieces)
    return _cut_sources(stage, data, folder, pieces)


def _cut_spine(asked: pl.LazyFrame, stage: Stage, folder: Path, pieces: int) -> None:
    typed = normalised(asked, stage.keys, None, "the spine").select(_hashed(stage.keys, pieces))
    pl = require("polars", PURPOSE)
    whole = pl.concat([asked.with_row_index(_ROW), typed], how="horizontal")
    _cut(whole, folder, "the spine")


def _cut_sources(stage: Stage, data: Mapping[str, SourceData], folder: Path, pieces: int) -> int:
    largest = 0
    for name in sorted(stage.own):
        frame = data[name].frame.drop_nulls([key.name for key in stage.keys])
        cut = frame.with_columns(_hashed(stage.keys, pieces))
        largest = max(largest, _cut(cut, folder / name, f"source {name!r}"))
    return largest


def _answer(
    stage: Stage,
    data: Mapping[str, SourceData],
    folder: Path,
    piece: int,
    stretch: int,
    time: str | None,
    tally: Tally | None,
) -> Sequence[ViewFacts]:
    """Answer the questions of one piece, and lay the answers down by stretches of the spine.

    How many each view could answer is returned.
    """
    pl = require("polars", PURPOSE)
    files = sorted((folder / "spine" / str(piece)).glob("*.parquet"))
    if not files:
        return ()
    asked = pl.read_parquet(files)
    held = dict(data)
    for name in stage.own:
        own = sorted((folder / name / str(piece)).glob("*.parquet"))
        schema = data[name].frame.collect_schema()
        frame = pl.scan_parquet(own) if own else pl.LazyFrame(schema=schema)
        held[name] = SourceData(data[name].source, frame)
    held = met_in_piece(stage.views, asked, held, folder / "met" / str(piece))
    made = training_set(asked.drop(_ROW), stage.wanted, stage.views, held, time=time)
    if tally is not None:
        tally.add(asked.drop(_ROW), made.frame, stage.wanted, stage.views, held, time)
    answers = made.frame.select(asked[_ROW], *(one.column for one in stage.wanted))
    placed = answers.with_columns((pl.col(_ROW) // stretch).alias(_PIECE))
    for (number,), some in placed.partition_by(_PIECE, as_dict=True, include_key=False).items():
        write(some, folder / "answers" / str(number) / f"{piece:06}.parquet")
    return made.report.views


def _put_together(
    spine: pl.DataFrame,
    number: int,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    stages: Sequence[Stage],
    folder: Path,
    time: str | None,
) -> tuple[pl.DataFrame, Sequence[ViewFacts]]:
    """Return a stretch of the spine with its answers, and what is known of derived views.

    These, and views of requests, are computed here.
    """
    pl = require("polars", PURPOSE)
    rest = {name: view for name, view in views.items() if all(name not in s.views for s in stages)}
    held = met_in_piece(rest, spine, data, folder / "met" / str(number))
    engine = Engine(checked_spine(spine, wanted, views, time), views, held, lambda *_: None)
    for place, stage in enumerate(stages):
        files = sorted((folder / str(place) / "answers" / str(number)).glob("*.parquet"))
        if files:
            found = pl.read_parquet(files).sort(_ROW)
        else:  # no rows at all
            empty = training_set(spine, stage.wanted, stage.views, data, time=time)
            found, engine.facts = empty.frame, [*engine.facts, *empty.report.views]
        for one in stage.wanted:
            engine.answers.setdefault(one.reference, {})[one.feature] = found[one.column]
    for reference in views:
        if reference not in engine.answers:
            engine.compute(reference)
    made = [engine.answers[w.reference][w.feature].alias(w.column) for w in wanted]
    return pl.concat([spine, pl.DataFrame(made)], how="horizontal"), engine.facts
