"""Lock files: what a training set was made of, exactly, so that it can be made again.

Deterministic bytes: no clock, no machine. What is locked is what decides over the answers: the
meaning of every view, the bytes of every source, the spine's values; and the answers themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.backends.plan import Wanted, needed
from featurekit.backends.to_polars import PURPOSE
from featurekit.errors.asking import LockBroken, LockUnreadable
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.fingerprints import of_frame, of_source
from featurekit.training.sources import SourceData, collected
from featurekit.version import VERSION

if TYPE_CHECKING:
    import polars as pl

FORMAT = 1
_PARTS: dict[str, type | tuple[type, ...]] = {
    "format": int,
    "featurekit": str,
    "engine": str,
    "set": (str, type(None)),
    "what": list,
    "time": (str, type(None)),
    "memory": (str, type(None)),
    "views": dict,
    "sources": dict,
    "spine": dict,
    "answers": dict,
}


@dataclass(frozen=True, slots=True)
class Lock:
    """What a training set was made of.

    Attributes:
        engine: Which engine answered.
        set: The feature set's version, ``churn@1.0``; None: views were asked for by themselves.
        what: Each answer, pinned: ``customer_spend@1.0:spend_30d``.
        time: The spine's column of moments.
        views: The hash of each view's meaning, by pinned reference.
        sources: Each source's columns and the fingerprints of its files or its frame.
        spine: ``given`` (a path or query; None: a frame), ``rows``, ``columns``: fingerprints.
        answers: The fingerprint of each column of answers.
        featurekit: The version that made it.
        memory: As ``4GB``: it was made in the pieces that this bound asks for; else at once.
    """

    engine: str
    set: str | None
    what: tuple[str, ...]
    time: str | None
    views: Mapping[str, str]
    sources: Mapping[str, Mapping[str, Any]]
    spine: Mapping[str, Any]
    answers: Mapping[str, str]
    featurekit: str = VERSION
    memory: str | None = None

    @property
    def text(self) -> str:
        """The file: JSON with sorted names."""
        parts = {name: getattr(self, name) for name in _PARTS if name != "format"}
        if self.memory is None:
            del parts["memory"]
        facts = {"format": FORMAT, **parts}
        return json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def lock_path(out: Path) -> Path:
    """Return where the lock of the training set at ``out`` lies: ``train.parquet.lock.json``."""
    return out.with_name(f"{out.name}.lock.json")


def read_lock(path: Path) -> Lock:
    """Return the lock at ``path``.

    Raises:
        LockUnreadable: FK220.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise LockUnreadable(str(path), str(problem)) from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise LockUnreadable(str(path), f"its format is not {FORMAT}")
    for name, kind in _PARTS.items():
        if not isinstance(facts.get(name), kind):
            raise LockUnreadable(str(path), f"{name!r} is missing or malformed")
    if not _well_formed(facts):
        raise LockUnreadable(str(path), "a part of it is malformed")
    parts: dict[str, Any] = {name: facts.get(name) for name in _PARTS if name != "format"}
    return Lock(**{**parts, "what": tuple(facts["what"])})


def _well_formed(facts: dict[str, Any]) -> bool:
    sources, spine = list(facts["sources"].values()), facts["spine"]
    if not all(isinstance(one, dict) for one in [*sources, spine.get("columns")]):
        return False
    inside = [one.get(part, {}) for one in sources for part in ("files", "columns")]
    texts = [*facts["what"], spine.get("given") or ""]
    return all(isinstance(one, dict) for one in inside) and all(isinstance(t, str) for t in texts)


def locked(  # noqa: PLR0913  all that decides over answers
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    spine: pl.DataFrame | pl.LazyFrame,
    *,
    engine: str,
    time: str | None,
    root: Path,
    name: str | None = None,
    given: str | None = None,
    memory: str | None = None,
) -> Lock:
    """Return what decides over the answers; they themselves are added when they are there.

    Args:
        wanted: Which answers.
        views: Every view that is needed.
        data: The sources' rows by name.
        spine: The questions.
        engine: Which engine answers.
        time: The spine's column of moments.
        root: The folder that relative locations refer to.
        name: The feature set's version, if one was asked for.
        given: The spine's path or query, if it was one.
        memory: Within which memory it is made, if there is a bound.
    """
    rows = spine.lazy().select(require("polars", PURPOSE).len())
    return Lock(
        engine=engine,
        set=name,
        what=tuple(f"{one.reference}:{one.feature}" for one in wanted),
        time=time,
        views={reference: meaning_hash(views[reference]) for reference in needed(wanted, views)},
        sources={source: of_source(one, root) for source, one in sorted(data.items())},
        spine={
            "given": given,
            "rows": collected(rows, "the spine").item(),
            "columns": of_frame(spine),
        },
        answers={},
        memory=memory,
    )


def require_same(kept: Lock, found: Lock, place: str) -> None:
    """Refuse a training set that is not the one that ``kept`` locks.

    Raises:
        LockBroken: FK217, which names what changed.
    """
    changes = [
        *_differing(kept.views, found.views, "the meaning of view"),
        *_changed_sources(kept.sources, found.sources),
        *_changed_spine(kept.spine, found.spine),
    ]
    if not changes and kept.answers != found.answers:
        columns = [name for name in kept.answers if kept.answers[name] != found.answers.get(name)]
        made = f"made by featurekit {kept.featurekit}, now {found.featurekit}"
        changes = [f"the answers {', '.join(columns)} themselves ({made}; engine {kept.engine})"]
    if changes:
        raise LockBroken(place, changes)


def _differing(kept: Mapping[str, Any], found: Mapping[str, Any], what: str) -> list[str]:
    names = sorted({*kept, *found})
    return [f"{what} {name!r}" for name in names if kept.get(name) != found.get(name)]


def _changed_sources(
    kept: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    changes = []
    for name in sorted({*kept, *found}):
        one, other = kept.get(name, {}), found.get(name, {})
        if one.get("schema") != other.get("schema"):
            changes.append(f"the columns of source {name!r}")
        if one.get("until") != other.get("until"):
            changes.append(f"until when the rows of source {name!r} are all there")
        if "files" in one and "files" in other:
            changes += _differing(one["files"], other["files"], f"source {name!r}: the file")
        elif "columns" in one and "columns" in other:
            changes += _differing(one["columns"], other["columns"], f"source {name!r}: the column")
        else:
            changes.append(f"source {name!r}: where its rows lie")
    return changes


def _changed_spine(kept: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    if kept.get("rows") != found["rows"]:
        return [f"the spine: {found['rows']:,} rows, not {kept.get('rows')!r}"]
    return _differing(kept.get("columns") or {}, found["columns"], "the spine's column")
