"""A training set within bounded memory: into a file, or as the frame that its pieces add up to."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted, needed
from featurekit.backends.to_polars import PURPOSE
from featurekit.errors.data import ReservedColumn, UnwritableFile
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.asked_pieces import asked_in_pieces
from featurekit.training.coverage import rests_on_strays
from featurekit.training.elsewhere import answer_types
from featurekit.training.files import require_output
from featurekit.training.fingerprints import of_frame, watched
from featurekit.training.labels import latest_rows
from featurekit.training.leaks import empty_or_constant, knows_the_label, require_label
from featurekit.training.locks import Lock, locked, require_same
from featurekit.training.outside import outside_rules
from featurekit.training.pieces import ROW_BYTES, InPieces, in_pieces
from featurekit.training.references import profiled
from featurekit.training.sets import ColumnFacts, Progress, Report, TrainingSet
from featurekit.training.sources import SourceData, collected
from featurekit.training.spilling import size, spill_folder
from featurekit.training.spine import checked_spine

if TYPE_CHECKING:
    import polars as pl


_OWN = "\0"
"""What columns of the pieces' own begin with."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is asked for, and within which memory; the rest as ``training_set``.

    Attributes:
        root: The folder that relative locations of sources refer to.
        memory: As ``4GB``.
        tmp: Where pieces may lie; None: beside the output, or the system's folder for such.
        given: The spine's path or query, if it was one, for the lock.
        name: The feature set's version, if one was asked for, for the lock.
        label: The spine's column to predict, for the remarks.
    """

    spine: pl.LazyFrame
    wanted: Sequence[Wanted]
    views: Mapping[str, View]
    data: Mapping[str, SourceData]
    root: Path
    time: str | None
    memory: str
    tmp: Path | None = None
    given: str | None = None
    name: str | None = None
    label: str | None = None

    def frame(self, progress: Progress) -> pl.DataFrame:
        """Return the training set; only it, and never more than a piece, is in memory.

        Raises:
            NotASize: FK923.
            NoRoom: FK245.
            DataError: FK2xx for a spine or a source that does not do.
        """
        return self._read(progress, None)[0]

    def again(self, kept: Lock, place: str, progress: Progress) -> TrainingSet:
        """Return the training set that the lock ``kept``, which lies at ``place``, holds.

        Raises:
            LockBroken: FK217, which names what is not as it was.
            DataError: FK2xx for a spine or a source that does not do.
        """
        frame, made = self._read(progress, (kept, place))
        report = Report(made.rows, 0, {}, made.views, self._columns(made))
        return TrainingSet(frame, report, made.lock, self.name)

    def _read(
        self, progress: Progress, kept: tuple[Lock, str] | None
    ) -> tuple[pl.DataFrame, InPieces]:
        pl = require("polars", PURPOSE)
        memory = size(self.memory)
        with spill_folder(self.tmp or Path(tempfile.gettempdir())) as folder:
            made = self._made(memory, folder, progress, kept, lock=kept is not None)
            return pl.read_parquet(list(made.parts)), made

    def _columns(self, made: InPieces) -> tuple[ColumnFacts, ...]:
        types = answer_types(self.wanted, self.views)
        return tuple(
            ColumnFacts(name, kind, made.nulls[name], self.views[one.reference].is_label)
            for one, (name, kind) in zip(self.wanted, types, strict=True)
        )

    def save(
        self, out: Path, progress: Progress, *, lock: bool = False, dry_run: bool = False
    ) -> InPieces:
        """Write the training set, .parquet or .csv; the file appears whole or not at all.

        With ``lock`` all that decides over the answers is fingerprinted, a column at a time, why
        answers are null is counted, and what is doubtful about them is remarked on. With
        ``dry_run`` nothing is written.

        Raises:
            MissingColumn: FK205, for a label that is no column.
            NotASize: FK923.
            UnknownFormat: FK203, another ending.
            NoRoom: FK245.
            UnwritableFile: FK230.
            DataError: FK2xx for a spine or a source that does not do.
        """
        pl = require("polars", PURPOSE)
        memory = size(self.memory)
        require_output(out)
        if self.label is not None:
            answers = [one.column for one in self.wanted if self.views[one.reference].is_label]
            require_label([*self.spine.collect_schema(), *answers], self.label)
        with spill_folder(self.tmp or out.absolute().parent) as folder:
            made = self._made(memory, folder, progress, None, lock=lock)
            whole = pl.scan_parquet(list(made.parts))
            if lock:
                made = self._described(made, whole, folder / "asked", memory)
            if dry_run:
                return made
            part = out.with_name(f".{out.name}.part")
            try:
                if out.suffix == ".parquet":
                    whole.sink_parquet(part)
                else:
                    whole.sink_csv(part)
                part.replace(out)
            except (OSError, pl.exceptions.PolarsError) as problem:
                raise UnwritableFile(str(out), str(problem)) from None
            finally:
                part.unlink(missing_ok=True)
        return made

    def _described(
        self, made: InPieces, whole: pl.LazyFrame, folder: Path, memory: int
    ) -> InPieces:
        """Return what there is to say of the questions, and of the answers, a column at a time."""
        pl = require("polars", PURPOSE)
        columns = self._columns(made)
        features = [one.column for one in columns if not one.label]
        labels = [*([self.label] if self.label else []), *(o.column for o in columns if o.label)]
        lints = [*made.lints, *empty_or_constant(whole, [one.column for one in columns])]
        read = {reference: self.views[reference] for reference in needed(self.wanted, self.views)}
        own = self.spine.collect_schema().names()
        spine, outside = asked_in_pieces(
            (pl.read_parquet(part, columns=own) for part in made.parts),
            read,
            self.data,
            self.time,
            folder,
            max(math.ceil(made.rows * ROW_BYTES / memory), 1),
        )
        lints += outside_rules(read, self.data, outside)
        for label in labels:
            lints += knows_the_label(whole, features, label)
        if self.time is not None:
            asked = collected(whole.select(self.time), "the training set")
            moments = checked_spine(asked, (), {}, self.time).moments
            latest = latest_rows(self.data)
            lints += rests_on_strays(self.wanted, self.views, moments, self.data, latest)
        profile = None
        if self.name is not None and made.rows:
            profile = profiled(
                self.name,
                made.rows,
                columns,
                lambda name: collected(whole.select(name), "the training set")[name],
            )
        return replace(made, columns=columns, lints=tuple(lints), profile=profile, spine=spine)

    def _made(
        self,
        memory: int,
        folder: Path,
        progress: Progress,
        kept: tuple[Lock, str] | None,
        *,
        lock: bool,
    ) -> InPieces:
        for name in self.spine.collect_schema():
            if name.startswith(_OWN):
                raise ReservedColumn("spine", name, _OWN)
        with watched((one.source for one in self.data.values()), self.root):
            inputs = self._inputs() if lock else None
            if kept and inputs:
                require_same(replace(kept[0], answers={}), inputs, kept[1])
            made = in_pieces(
                self.spine,
                self.wanted,
                self.views,
                self.data,
                time=self.time,
                memory=memory,
                folder=folder,
                progress=progress,
                explained=lock and kept is None,
            )
        if inputs is None:
            return made
        pl = require("polars", PURPOSE)
        answers = pl.scan_parquet(list(made.parts)).select(one.column for one in self.wanted)
        whole = replace(inputs, answers=of_frame(answers))
        if kept:
            require_same(kept[0], whole, kept[1])
        return replace(made, lock=whole)

    def _inputs(self) -> Lock:
        return locked(
            self.wanted,
            self.views,
            self.data,
            self.spine,
            engine="polars",
            time=self.time,
            root=self.root,
            name=self.name,
            given=self.given,
            memory=self.memory,
        )
