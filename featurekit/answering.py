"""Many answers: more than fit into memory, on Spark, or everybody's as of a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.definitions import Definitions
from featurekit.frontends.arguments import Progress, typed
from featurekit.selection import Selection, select

if TYPE_CHECKING:
    import polars as pl

    from featurekit.materializing.outcome import Materialized
    from featurekit.training.bounded import Bounded
    from featurekit.training.elsewhere import RemoteTrainingSet
    from featurekit.training.pieces import InPieces
    from featurekit.training.sources import SourceData


@typed
class Answering(Definitions):
    """What is asked and of which rows; and the verbs for very many answers."""

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
        added = added.covered(self.catalog.sources())
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
        label: str | None = None,
        lock: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> InPieces:
        """Write the training set to ``out`` piece by piece, within ``memory`` (``4GB``).

        The rows are those of ``training_set`` in the same order. One entity's rows are answered
        together, however many there are. ``tmp`` is for the pieces: by default beside ``out``.
        Deviations and slopes may differ from those in the last digits. With ``lock`` it says what
        it was made of (``.lock.text`` is the lock file), why answers are null (``.causes``), and
        what is doubtful (``.lints``): ``label`` names a column of the spine to predict. With
        ``dry_run`` all but the writing is done.
        """
        bounded = self._bounded(spine, what, labels, time, "polars", memory, tmp)
        told = progress or (lambda *_: None)
        return replace(bounded, label=label).save(Path(out), told, lock=lock, dry_run=dry_run)

    def materialize(
        self,
        what: str,
        *,
        as_of: Any,
        out: str | Path,
        entities: Any = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Materialized:
        """Write a set's features down as of a moment: as a file, or into a service's store.

        Args:
            what: A feature set; for a file also a view, ``view@version`` or ``view:feature``.
            as_of: A time with a zone, or text such as ``2024-06-01T00:00:00Z``.
            out: ``scores.parquet``, ``scores.csv``: the answers for everybody that the sources
                know by then. ``store.sqlite``, ``redis://host:6379/0``: the rows that the exported
                package needs to answer from then on, as if it had been fed all along.
            entities: Whom to answer for, with what a request carries: a frame of any make, a file,
                a query. For files of answers only.
            dry_run: Read and count, but write nothing.
            progress: Told ``(stage, done, total)`` now and then.

        The same run again changes nothing; a later moment goes on from the run before. Raises
        FK25x for a moment that is none, and for an output of something else.
        """
        from featurekit import materializing

        asked = materializing.Asked(what, as_of, str(out), dry_run, progress or (lambda *_: None))
        if materializing.is_store(asked, entities):
            chosen, rows = self.asked(what, drafts=False)
            published = self.catalog.resolve_set(what)
            return materializing.warm(asked, chosen, published, rows, self.root)
        chosen, rows = self.asked(what)
        made = self.catalog.find_set(what)
        name = made.reference if made else what
        whom = None if entities is None else self.spine(entities)
        return materializing.score(asked, chosen, name, rows, self.root, whom)

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
        made = self.catalog.find_set(what) if isinstance(what, str) else None
        return Bounded(
            scanned,
            chosen.wanted,
            chosen.views,
            rows,
            self.root,
            time,
            memory,
            folder,
            str(spine) if isinstance(spine, str | Path) else None,
            made.reference if made else None,
        )

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

    def answers_of(
        self, what: str | Sequence[str], labels: str | Sequence[str] = ()
    ) -> tuple[tuple[str, str], ...]:
        """Return the column and the type of each answer that a training set would have."""
        from featurekit.training.elsewhere import answer_types

        chosen = self._chosen(what, labels)
        return answer_types(chosen.wanted, chosen.views)

    def training_plan(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None = None,
        engine: str = "duckdb",
        labels: str | Sequence[str] = (),
        spark: Any = None,
        tables: Any = None,
    ) -> str:
        """Return how DuckDB or Spark is going to compute a training set, in its own words.

        Arguments as ``training_set``; no answer is computed.
        """
        from featurekit.training.engines import plan

        if engine == "spark":
            options = {"time": time, "labels": labels, "spark": spark, "tables": tables}
            return self.training_elsewhere(spine, what, **options).report.plan
        chosen, data = self.asked(what, labels=labels)
        rows = self.rows.frame(spine, tables=self.catalog.sources())
        return plan(engine, rows, chosen.wanted, chosen.views, data, time=time)
