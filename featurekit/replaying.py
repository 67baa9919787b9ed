"""What was served is asked again of training and of the package; a difference has a cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from featurekit.backends.plan import Wanted
from featurekit.catalog.catalog import Catalog
from featurekit.datatypes import TIMESTAMP
from featurekit.errors.catalog import UnknownVersion
from featurekit.errors.replay import HiddenInputs, NothingLogged
from featurekit.ir.definitions import Otherwise
from featurekit.ir.semantics import lineage
from featurekit.parity.compare import Answer, answers, disagreement
from featurekit.parity.logged import (
    Log,
    LoggedRow,
    hidden_names,
    is_hidden,
    moment,
    read_back,
    read_log,
)
from featurekit.parity.prove import served_answers
from featurekit.parity.rows import Shape, shape
from featurekit.parity.serve import Served
from featurekit.parity.vectors import frame, time_column
from featurekit.proof import rendered
from featurekit.selection import Selection, select
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData, collected

Read = Callable[[Selection], tuple[Mapping[str, SourceData], Mapping[str, SourceData]]]

MOST_SHOWN = 20
CAUSES = {
    "version": "the catalog does not hold the version that answered, with that meaning",
    "parity": "training and the package differ on the rows as they are now: a bug to report",
    "contract": "a category or a value that the definition does not allow",
    "stale": "the latest row the service had was too old; a fresher one came later",
    "late rows": "rows that count now had not reached the service, or reached it otherwise",
    "code": "nothing but the question is read: what answered is not what was exported",
}
"""Why an answer may differ from what it would be now, and what each cause means."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A feature that was answered otherwise than it would be now.

    Attributes:
        line: The row's place in the log.
        column: The feature; empty where the whole row could not be replayed.
        logged: What was answered.
        now: What training says.
        status: The status that was answered.
        cause: The likely cause, of ``CAUSES``.
    """

    line: int
    column: str
    logged: Any
    now: Any
    status: str
    cause: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a log.

    Attributes:
        name: The feature set.
        rows: How many rows were replayed.
        compared: How many values were compared.
        mismatches: Those that differ.
        hidden: Features that were logged as hashes, so that they could not be compared.
        others: Lines of the log that are no rows of this package.
        per: Of each feature, how many values were compared.
    """

    name: str
    rows: int
    compared: int
    mismatches: tuple[Mismatch, ...]
    hidden: tuple[str, ...] = ()
    others: int = 0
    per: Mapping[str, int] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether something was compared and nothing differs."""
        return not self.mismatches and self.compared > 0

    @property
    def causes(self) -> dict[str, int]:
        """How many mismatches have each cause."""
        return dict(Counter(one.cause for one in self.mismatches))


def replay(path: Path, name: str, catalog: Catalog, read: Read) -> Replay:
    """Ask again, as of their moments, what a package of the set ``name`` logged.

    Each row is answered by the definitions of the version that answered it then, over the rows that
    the sources hold now: by the training path and by the package, fed event by event.

    Raises:
        UnreadableLog: FK510.
        NothingLogged: FK511.
        HiddenInputs: FK512.
    """
    name = name.partition("@")[0]
    catalog.resolve_set(name)
    log = read_log(path, f"{name}_features")
    if not log.rows:
        raise NothingLogged(str(path), name)
    found: list[Mismatch] = []
    hidden: dict[str, None] = {}
    per: Counter[str] = Counter()
    by_version = attrgetter("version", "meaning")
    for (version, meaning), group in groupby(sorted(log.rows, key=by_version), by_version):
        rows = sorted(group, key=attrgetter("line"))
        try:
            held = catalog.resolve_set(f"{name}@{version}").meaning == meaning
        except UnknownVersion:
            held = False
        if not held:
            found += [Mismatch(row.line, "", version, None, "", "version") for row in rows]
            continue
        chosen = select(catalog, f"{name}@{version}", drafts=False)
        asked = _Asked(log, rows, chosen, shape(chosen.wanted, chosen.views))
        hidden |= dict.fromkeys(asked.hidden)
        found += asked.mismatches(read(chosen)[0], per)
    found.sort(key=attrgetter("line", "column"))
    return Replay(
        name, len(log.rows), per.total(), tuple(found), tuple(hidden), log.others, dict(per)
    )


class _Asked:
    """The rows of one version, and how each of their features is judged."""

    def __init__(self, log: Log, rows: Sequence[LoggedRow], chosen: Selection, made: Shape) -> None:
        self._log, self._rows, self._chosen, self._made = log, rows, chosen, made
        kept = hidden_names(rows, "entity", made.keys)
        kept += hidden_names(rows, "request", made.request)
        if kept:
            raise HiddenInputs(log.path, _columns(made, kept))
        self.hidden = hidden_names(rows, "values", [one.column for one in chosen.wanted])
        if len(self.hidden) == len(chosen.wanted):
            origins = {column for one in chosen.wanted for column in _origins(chosen, one)}
            raise HiddenInputs(log.path, origins)

    def mismatches(self, data: Mapping[str, SourceData], per: Counter[str]) -> list[Mismatch]:
        """Return where the answers differ from what they would be now; ``per`` counts all."""
        made, time = self._made, time_column(self._made)
        questions = [
            {
                **read_back(self._log.path, row, "entity", made.keys),
                **read_back(self._log.path, row, "request", made.request, _defaulted(made)),
                time: moment(self._log.path, row),
            }
            for row in self._rows
        ]
        spine = frame(questions, {**made.keys, **made.request, time: TIMESTAMP})
        wanted, views = self._chosen.wanted, self._chosen.views
        trained = training_set(spine, wanted, views, data, time=time).frame
        frames = {name: collected(one.frame, f"source {name!r}") for name, one in data.items()}
        served = served_answers(made, rendered(self._chosen), spine, frames, time)
        found: list[Mismatch] = []
        columns = answers(wanted, views)
        for row, now, again in zip(self._rows, trained.to_dicts(), served, strict=True):
            found += self._judged(row, now, again, columns, per)
        return found

    def _judged(
        self,
        row: LoggedRow,
        now: Mapping[str, Any],
        again: Served,
        columns: Sequence[Answer],
        per: Counter[str],
    ) -> list[Mismatch]:
        shown = [a for a in columns if not is_hidden(row.part("values").get(a.column))]
        logged = read_back(self._log.path, row, "values", {a.column: a.type for a in shown})
        per.update(a.column for a in shown)
        found: list[Mismatch] = []
        for answer in shown:
            name = answer.column
            if disagreement(now[name], logged[name], answer) is None:
                continue
            status = str(row.part("status").get(name))
            cause = self._cause(answer, status, now, again)
            found.append(Mismatch(row.line, name, logged[name], now[name], status, cause))
        return found

    def _cause(self, answer: Answer, status: str, now: Mapping[str, Any], again: Served) -> str:
        name = answer.column
        refused = again.error is not None and again.error.startswith("ContractError:")
        outside = "OUTSIDE_CONTRACT" in {status, again.status.get(name)}
        if refused or (outside and not self._strict(name)):
            return "contract"
        if name not in again.values or disagreement(now[name], again.values[name], answer):
            return "parity"
        if not self._reads_rows(name):
            return "code"
        return "stale" if status == "STALE" else "late rows"

    def _reads_rows(self, column: str) -> bool:
        """Whether a feature rests on rows that a store keeps, itself or through other views."""
        return _stored(self._chosen, self._reference(column))

    def _strict(self, column: str) -> bool:
        """Whether a null may be outside of the contract for what the rows hold, not what came."""
        return _strict(self._chosen, self._reference(column))

    def _reference(self, column: str) -> str:
        return next(one.reference for one in self._chosen.wanted if one.column == column)


def _strict(chosen: Selection, reference: str) -> bool:
    view = chosen.views[reference]
    return view.strict or any(_strict(chosen, used) for used in view.uses)


def _stored(chosen: Selection, reference: str) -> bool:
    view = chosen.views[reference]
    return bool(view.stored) or any(_stored(chosen, used) for used in view.uses)


def _defaulted(made: Shape) -> set[str]:
    """Return the fields that a question may leave out, because a rule says what they then are."""
    sources = (*made.requests.values(), *made.sources.values())
    rules = [rule for source in sources for rule in source.rules]
    return {rule.column for rule in rules if rule.otherwise is Otherwise.DEFAULT}


def _columns(made: Shape, names: Sequence[str]) -> set[str]:
    """Return ``source.column`` for keys and request fields, to say what would have to be marked."""
    sources = [*made.requests.values(), *made.sources.values()]
    return {
        next((f"{s.name}.{name}" for s in sources if s.field(name)), f"request.{name}")
        for name in names
    }


def _origins(chosen: Selection, one: Wanted) -> set[str]:
    """Return the sources' columns that a feature comes from, through the views it uses."""
    found: set[str] = set()
    for column in dict(lineage(chosen.views[one.reference])).get(one.feature, ()):
        relation, _, name = column.rpartition(".")
        if relation in chosen.views:
            found |= _origins(chosen, Wanted(relation, relation, name, ""))
        else:
            found.add(column)
    return found
