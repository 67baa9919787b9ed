"""A training set within bounded memory: into a file, or as the frame that its pieces add up to."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.backends.to_polars import PURPOSE
from featurekit.errors.data import UnwritableFile
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.files import require_writable_format
from featurekit.training.fingerprints import watched
from featurekit.training.pieces import InPieces, in_pieces
from featurekit.training.shared import Progress
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
    """

    spine: pl.LazyFrame
    wanted: Sequence[Wanted]
    views: Mapping[str, View]
    data: Mapping[str, SourceData]
    root: Path
    time: str | None
    memory: str
    tmp: Path | None = None

    def frame(self, progress: Progress) -> pl.DataFrame:
        """Return the training set; only it, and never more than a piece, is in memory.

        Raises:
            NotASize: FK923.
            NoRoom: FK245.
            DataError: FK2xx for a spine or a source that does not do.
        """
        pl = require("polars", PURPOSE)
        memory = size(self.memory)
        with spill_folder(self.tmp or Path(tempfile.gettempdir())) as folder:
            return pl.read_parquet(list(self._made(memory, folder, progress).parts))  # type: ignore[no-any-return]  # loaded late

    def save(self, out: Path, progress: Progress) -> InPieces:
        """Write the training set, .parquet or .csv; the file appears whole or not at all.

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
            made = self._made(memory, folder, progress)
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

    def _made(self, memory: int, folder: Path, progress: Progress) -> InPieces:
        with watched((one.source for one in self.data.values()), self.root):
            return in_pieces(
                self.spine,
                self.wanted,
                self.views,
                self.data,
                time=self.time,
                memory=memory,
                folder=folder,
                progress=progress,
            )
