"""A training set within bounded memory: into a file, or as the frame that its pieces add up to."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.backends.to_polars import PURPOSE
from featurekit.errors.data import UnwritableFile
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.elsewhere import answer_types
from featurekit.training.files import require_writable_format
from featurekit.training.fingerprints import of_frame, watched
from featurekit.training.locks import Lock, locked, require_same
from featurekit.training.pieces import InPieces, in_pieces
from featurekit.training.sets import ColumnFacts, Progress, Report, TrainingSet
from featurekit.training.sources import SourceData
from featurekit.training.spilling import size, spill_folder

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is asked for, and within which memory; the rest as ``training_set``.

    Attributes:
        root: The folder that relative locations of sources refer to.
        memory: As ``4GB``.
        tmp: Where pieces may lie; None: beside the output, or the system's folder for such.
        given: The spine's path or query, if it was one, for the lock.
        name: The feature set's version, if one was asked for, for the lock.
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
        columns = tuple(
            ColumnFacts(name, kind, made.nulls[name], self.views[one.reference].is_label)
            for one, (name, kind) in zip(
                self.wanted, answer_types(self.wanted, self.views), strict=True
            )
        )
        report = Report(made.rows, 0, {}, (), columns)
        return TrainingSet(frame, report, made.lock, self.name)

    def _read(
        self, progress: Progress, kept: tuple[Lock, str] | None
    ) -> tuple[pl.DataFrame, InPieces]:
        pl = require("polars", PURPOSE)
        memory = size(self.memory)
        with spill_folder(self.tmp or Path(tempfile.gettempdir())) as folder:
            made = self._made(memory, folder, progress, kept, lock=kept is not None)
            return pl.read_parquet(list(made.parts)), made

    def save(self, out: Path, progress: Progress, *, lock: bool = False) -> InPieces:
        """Write the training set, .parquet or .csv; the file appears whole or not at all.

        With ``lock`` all that decides over the answers is fingerprinted, a column at a time, and
        why answers are null is counted.

        Raises:
            NotASize: FK923.
            UnknownFormat: FK203, another ending.
            NoRoom: FK245.
            UnwritableFile: FK230.
            DataError: FK2xx for a spine or a source that does not do.
        """
        pl = require("polars", PURPOSE)
        memory = size(self.memory)
        require_writable_format(out)
        with spill_folder(self.tmp or out.absolute().parent) as folder:
            made = self._made(memory, folder, progress, None, lock=lock)
            whole = pl.scan_parquet(list(made.parts))
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

    def _made(
        self,
        memory: int,
        folder: Path,
        progress: Progress,
        kept: tuple[Lock, str] | None,
        *,
        lock: bool,
    ) -> InPieces:
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
