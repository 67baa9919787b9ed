"""The flow, verb by verb, in order: the first file to read.

Sources and vocabularies are registered, a cell is read (``feature``), named and versioned
(``publish``), pinned (``feature_set``), answered for a spine (``training_set``), answered again by
the generated serving code (``served``), proven equal (``parity``) and handed over (``export``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.answering import Answering
from featurekit.frontends.arguments import Progress, gap_of, listed_names, typed
from featurekit.selection import Selection, parted, select

if TYPE_CHECKING:
    import polars as pl

    from featurekit.catalog.records import SetProfiled
    from featurekit.delivery import Delivery
    from featurekit.parity.report import ParityReport
    from featurekit.proof import Preview
    from featurekit.replaying import Replay
    from featurekit.training.orders import Order
    from featurekit.training.pieces import InPieces
    from featurekit.training.sets import TrainingSet
    from featurekit.training.sources import SourceData
    from featurekit.training.splits import Split


@typed
class Workspace(Answering):
    """A connected catalog, this session's data, and every verb; those that define: Definitions."""

    # --- answers

    def training_set(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None = None,
        labels: str | Sequence[str] = (),
        engine: str = "polars",
        spark: Any = None,
        tables: Any = None,
        memory: str | None = None,
        tmp: str | Path | None = None,
    ) -> Any:
        """Return the spine's columns and rows, in order, then ``view__feature`` as of each moment.

        Labels come last, as ``label__view__name``; null as long as they cannot be known.

        Args:
            spine: Keys, time, request columns, labels: a frame of any make, a file's path, a query
                (``SELECT … FROM 'labels.parquet'``), or a list of dicts.
            what: A set, a view, ``view@version``, ``view:feature``, or a list of such.
            time: The spine's column of the moment of asking; None: nothing that is asked needs it.
            labels: What is to be predicted: label views, or ``view:name``.
            engine: ``polars`` or ``duckdb``, which answer with a polars frame; ``spark`` with a
                Spark DataFrame, still to be computed.
            spark: The session; None: the running one, else a local one.
            tables: For Spark, where the rows of a source are by its name, if not where it was
                registered: a path, a table's name, or a DataFrame.
            memory: ``4GB``: compute piece by piece within that, by what the entities hash to.
            tmp: The folder for the pieces.
        """
        if memory is not None:
            bounded = self._bounded(spine, what, labels, time, engine, memory, tmp)
            return bounded.frame(lambda *_: None)
        if engine == "spark":
            made = self.training_elsewhere(
                spine, what, time=time, labels=labels, spark=spark, tables=tables
            )
            return made.frame
        from featurekit.training import orders

        order = self._order(spine, what, time=time, engine=engine, labels=labels)
        return orders.answered(order).frame

    def training(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None = None,
        labels: str | Sequence[str] = (),
        engine: str = "polars",
        label: str | None = None,
        lock: bool = False,
        progress: Progress | None = None,
    ) -> TrainingSet:
        """Return the training set together with the report on it.

        The report counts nulls by cause and remarks on what is doubtful; ``label`` names a column
        of the spine to predict, so that features which know it are found, as with ``labels``.
        With ``lock`` it says what it was made of (``.lock.text`` is the lock file). Other
        arguments as ``training_set``.
        """
        from featurekit.training import orders

        order = self._order(spine, what, time=time, engine=engine, labels=labels, label=label)
        return orders.documented(order, progress, lock=lock)

    def keep_profile(self, made: TrainingSet | InPieces) -> bool:
        """Keep how the answers of a training set were spread with its feature set's version.

        ``made`` is what ``training``, or ``training_file`` with ``lock``, returned. Answers False,
        and keeps nothing, for views that were asked for by themselves and for no rows; the same
        again changes nothing.
        """
        from featurekit.training.references import profile_of

        profile = profile_of(made)
        if profile is not None:
            self.catalog.keep_profile(profile, at=self._clock())
        return profile is not None

    def profile(self, name: str) -> SetProfiled | None:
        """Return how the answers of a feature set were spread when it was last trained on."""
        return self.catalog.profile(name)

    def reproduce(
        self, lock: str | Path, *, spine: Any = None, progress: Progress | None = None
    ) -> TrainingSet:
        """Return the training set that a lock file holds, made again.

        ``spine`` is needed only when it was a frame in memory. Raises FK217, which names what is
        not as it was: the meaning of a view, the bytes of a source, the spine, the answers.
        """
        from featurekit.errors.asking import SpineNotLocked
        from featurekit.training import orders
        from featurekit.training.locks import read_lock

        kept = read_lock(Path(lock))
        given = kept.spine.get("given") if spine is None else spine
        if given is None:
            raise SpineNotLocked(str(lock))
        what, labels = parted(self.catalog, kept.what)
        if kept.memory is not None:
            bounded = self._bounded(given, what, labels, kept.time, "polars", kept.memory, None)
            bounded = replace(bounded, name=kept.set, given=kept.spine.get("given"))
            return bounded.again(kept, str(lock), progress or (lambda *_: None))
        order = self._order(given, what, labels=labels, time=kept.time, engine=kept.engine)
        order = replace(order, name=kept.set, given=kept.spine.get("given"))
        return orders.documented(order, progress, kept=(str(lock), kept))

    def _order(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None,
        engine: str,
        labels: str | Sequence[str],
        label: str | None = None,
    ) -> Order:
        from featurekit.training.orders import Order

        chosen, rows = self.asked(what, labels=labels)
        made = self.catalog.find_set(what) if isinstance(what, str) else None
        return Order(
            spine=self.spine(spine),
            wanted=chosen.wanted,
            views=chosen.views,
            data=rows,
            root=self.root,
            time=time,
            engine=engine,
            label=label,
            given=str(spine) if isinstance(spine, str | Path) else None,
            name=made.reference if made else None,
        )

    def split(
        self,
        data: Any,
        *,
        time: str,
        train: str | float | None = None,
        valid: str | float | None = None,
        test: str | float | None = None,
        gap: str | None = None,
        what: str | Sequence[str] | None = None,
    ) -> Split:
        """Return the parts of a training set by time, apart by an embargo, and a report on them.

        Args:
            data: The training set: a frame of any make, a file, a query.
            time: Its column of moments; rows without one are in no part.
            train: ``2024-01-01/2024-03-01``, the begin included and the end not, either side may
                be empty, UTC unless it says an offset; or the share of the rows, by time: 0.8.
            valid: Likewise.
            test: Likewise.
            gap: How long before a part begins rows of the part before it are left out: ``7d``,
                ``0``. None: as long as the longest window of the features and labels.
            what: Whose windows these are; None: those of the views named by the columns.

        Raises FK222 for a part that is none, FK223 for parts that overlap, FK224 without a gap.
        """
        from featurekit.training import splits

        frame = self.spine(data)
        parts = dict(zip(splits.NAMES, (train, valid, test), strict=True))
        if gap is not None:
            embargo = gap_of(gap)
        else:
            named = what or self._views_of(frame.columns)
            features, labels = parted(self.catalog, listed_names(named))
            views = self._chosen(features, labels).views if named else {}
            embargo = splits.longest_window(views)
        return splits.split(frame, time, parts, embargo)

    def _views_of(self, names: Sequence[str]) -> list[str]:
        from featurekit.training.splits import answering_views

        features, labels = answering_views(names)
        known = {view.name for view in self.catalog.views()} | set(self.catalog.drafts())
        return [name for name in (*features, *labels) if name in known]

    def served(
        self, what: str | Sequence[str], spine: Any, *, time: str | None = None
    ) -> pl.DataFrame:
        """Return what ``training_set`` returns, answered by the generated serving code.

        Its package runs in a process of its own and is fed the sources' rows event by event.
        """
        from featurekit import proof

        chosen, rows = self.asked(what)
        return proof.served(chosen, self.spine(spine), rows, time=time)

    def parity(
        self,
        what: str | Sequence[str],
        *,
        rows: int = 1000,
        spine: Any = None,
        time: str | None = None,
        progress: Progress | None = None,
    ) -> ParityReport:
        """Ask training and the generated serving code the same questions; compare every value.

        Without a ``spine``, ``rows`` questions are drawn from the sources' rows.
        """
        from featurekit import proof

        chosen, data = self.asked(what)
        if spine is None:
            frame, time = proof.questions(chosen, data, self._samples(chosen), rows)
        else:
            frame = self.spine(spine)
        return proof.parity(chosen, frame, data, time=time, progress=progress)

    def preview(self, name: str) -> Preview:
        """Answer sampled questions with a draft or view: profile, parity and cost for its card."""
        from featurekit import proof

        chosen, rows = self._one_view(name)
        return proof.preview(chosen, rows, self._samples(chosen))

    def value_changes(self, name: str) -> list[dict[str, Any]]:
        """Return how a draft's values differ from the current version's, on the same questions."""
        from featurekit import proof

        draft, rows = self._one_view(name)
        current, _ = self._one_view(name, drafts=False)
        return proof.value_changes(current, draft, rows, self._samples(draft))

    def _one_view(
        self, name: str, *, drafts: bool = True
    ) -> tuple[Selection, dict[str, SourceData]]:
        """Return the features, or the labels, of one view, and the rows of its sources."""
        features, labels = parted(self.catalog, [name])
        return self.asked(features, labels=labels, drafts=drafts)

    # --- handing over, and looking after

    def export(
        self,
        what: str,
        *,
        to: str | Path,
        target: str = "python",
        dry_run: bool = False,
        branch: str | None = None,
        service: bool = False,
        progress: Progress | None = None,
    ) -> Delivery:
        """Write a published set's serving package and its parity tests into a repository.

        Nothing is written with ``dry_run``; a file that somebody edited is never overwritten:
        FK4xx says what is in the way. With ``service`` the package has a FastAPI service, too.
        """
        from featurekit import delivery
        from featurekit.handover import Order

        chosen = select(self.catalog, what, drafts=False)
        published = self.catalog.resolve_set(what)
        order = Order(chosen, published, Path(to), target, branch, service)
        return delivery.deliver(order, self.catalog, self._read, dry_run=dry_run, progress=progress)

    def replay(self, log: str | Path, what: str) -> Replay:
        """Ask again what a served package logged; say which answers would differ now, and why.

        Raises FK512, which names the columns, when they were logged as hashes only.
        """
        from featurekit.replaying import replay

        return replay(Path(log), what, self.catalog, self._read)

    def check_export(self, path: str | Path) -> dict[str, Any]:
        """Say whether an exported package is complete, unedited and current."""
        from featurekit.export.check import check_export

        return check_export(Path(path), self.catalog)

    def deprecate(self, name: str, reason: str = "") -> None:
        """Mark ``view@version`` as not to be used anew."""
        self.catalog.deprecate(name, reason, at=self._clock())

    def rollback(self, name: str) -> None:
        """Make ``view@version`` the current version (without one: the one before the current)."""
        bare, _, version = name.partition("@")
        self.catalog.rollback(bare, at=self._clock(), to=version or None)

    def ops(self) -> list[dict[str, Any]]:
        """Return the operators and aggregates, a row each: signature, nulls, targets, gaps."""
        from featurekit.ops.listing import listing

        return listing()

    def _read(self, chosen: Selection) -> tuple[dict[str, SourceData], dict[str, SourceData]]:
        """Return the rows of the sources, and sample requests."""
        rows = self.rows.open_all(chosen.sources, self.catalog.sources())
        return rows, self._samples(chosen)

    def _samples(self, chosen: Selection) -> dict[str, SourceData]:
        """Return the sample rows of those request sources that have any."""
        return self.rows.open_all(chosen.requests, self.catalog.sources(), optional=True)
