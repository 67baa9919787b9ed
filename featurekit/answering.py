"""Training sets that do not fit into memory: piece by piece into a file, or on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.definitions import Definitions
from featurekit.frontends.arguments import Progress, typed
from featurekit.selection import Selection, select

if TYPE_CHECKING:
    import polars as pl

    from featurekit.training.bounded import Bounded
    from featurekit.training.elsewhere import RemoteTrainingSet
    from featurekit.training.pieces import InPieces
    from featurekit.training.sources import SourceData


@typed
class Answering(Definitions):
    """What is asked and of which rows; and the verbs for more of these than memory holds."""

    def spine(self, data: Any) -> pl.DataFrame:
        """Return a spine of any make as a polars frame; text that begins as SQL does is a query.

        A query is one SELECT in DuckDB's SQL over files and registered sources; it only reads.
        """
        return self.rows.frame(data, tables=self.catalog.sources())

    def asked(
        self,
        what: str | Sequence[str],
        *,
        labels: str | Sequence[str] = (),
        drafts: bool = True,
    ) -> tuple[Selection, dict[str, SourceData]]:
        """Return what is named, and the rows of its sources from where they lie now."""
        chosen = self._chosen(what, labels, drafts=drafts)
        return chosen, self.rows.open_all(chosen.sources, self.catalog.sources())

    def _chosen(
        self, what: str | Sequence[str], labels: str | Sequence[str], *, drafts: bool = True
    ) -> Selection:
        """Return the features and then the labels that are named; only labels may be."""
        if not labels:
            return select(self.catalog, what, drafts=drafts)
        added = select(self.catalog, labels, drafts=drafts, labels=True)
        if not what:
            return added
        return select(self.catalog, what, drafts=drafts).with_labels(added)

    def training_file(
        self,
        spine: Any,
        what: str | Sequence[str],
        out: str | Path,
        *,
        memory: str,
        time: str | None = None,
        labels: str | Sequence[str] = (),
        tmp: str | Path | None = None,
        progress: Progress | None = None,
    ) -> InPieces:
        """Write the training set to ``out`` piece by piece, within ``memory`` (``4GB``).

        The rows are those of ``training_set`` in the same order. One entity's rows are answered
        together, however many there are. ``tmp`` is for the pieces: by default beside ``out``.
        """
        bounded = self._bounded(spine, what, labels, time, "polars", memory, tmp)
        return bounded.save(Path(out), progress or (lambda *_: None))

    def _bounded(
        self,
        spine: Any,
        what: str | Sequence[str],
        labels: str | Sequence[str],
        time: str | None,
        engine: str,
        memory: str,
        tmp: str | Path | None,
    ) -> Bounded:
        from featurekit.errors.engines import NotForEngine
        from featurekit.training.bounded import Bounded

        if engine != "polars":
            raise NotForEngine(engine, "a bound on memory", "leave memory out, or engine='polars'")
        chosen, rows = self.asked(what, labels=labels)
        scanned = self.rows.scanned(spine, self.catalog.sources())
        folder = Path(tmp) if tmp is not None else None
        return Bounded(scanned, chosen.wanted, chosen.views, rows, self.root, time, memory, folder)

    def training_elsewhere(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None = None,
        engine: str = "spark",
        labels: str | Sequence[str] = (),
        spark: Any = None,
        tables: Any = None,
    ) -> RemoteTrainingSet:
        """Return what Spark answers, still to be computed, and how it is going to do it.

        The spine is a Spark DataFrame, a path, a table's name, or a frame of another make.
        """
        from featurekit.training.engines import run_elsewhere

        chosen = self._chosen(what, labels)
        rows = self.rows.places(chosen.sources, self.catalog.sources(), tables or {})
        return run_elsewhere(
            engine, spine, chosen.wanted, chosen.views, rows, time=time, root=self.root, spark=spark
        )
