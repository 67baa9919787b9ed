"""What a run left beside its output: of which set, as of when, made from which rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from featurekit.errors.materializing import (
    BadMoment,
    OutputNotMade,
    OutputOfAnother,
    UnknownOutput,
)
from featurekit.frontends.moments import moment_of, written_moment
from featurekit.version import VERSION

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Record:
    """One run: deterministic, without a clock or a machine.

    Attributes:
        set: The set's version, ``churn@1.0``.
        meaning: The hash of its meaning.
        as_of: The moment.
        sources: By name: ``rows`` that were visible at that moment, and the fingerprint of its
            files or of its frame.
        rows: How many rows the file has, or all sources had by then.
        since: The moment of the run that this one continued.
        entities: The fingerprint of those that were asked for; None: of all.
        file: The SHA-256 of the file.
        featurekit: The version that wrote it.
    """

    set: str
    meaning: str
    as_of: dt.datetime
    sources: Mapping[str, Mapping[str, Any]]
    rows: int
    since: dt.datetime | None = None
    entities: Mapping[str, str] | None = None
    file: str | None = None
    featurekit: str = field(default=VERSION)

    @property
    def text(self) -> str:
        """The record as JSON with sorted names."""
        facts = {
            "format": FORMAT,
            "featurekit": self.featurekit,
            "set": self.set,
            "meaning": self.meaning,
            "as_of": written_moment(self.as_of),
            "since": written_moment(self.since) if self.since else None,
            "sources": self.sources,
            "rows": self.rows,
            "entities": self.entities,
            "file": self.file,
        }
        return json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def same_input(self, other: Record) -> bool:
        """Whether both are made of the same rows as of the same moment."""
        return (self.as_of, self.sources, self.entities) == (
            other.as_of,
            other.sources,
            other.entities,
        )

    def require_set(self, other: Record, out: str) -> None:
        """Refuse to go on from a record of another set, version or meaning.

        Raises:
            OutputOfAnother: FK253.
        """
        if (self.set, self.meaning) != (other.set, other.meaning):
            raise OutputOfAnother(out, f"{self.set} ({self.meaning[:8]})", _named(other))


def _named(record: Record) -> str:
    return f"{record.set} ({record.meaning[:8]})"


def read(text: str, out: str) -> Record:
    """Return the record in ``text``.

    Raises:
        OutputNotMade: FK254, for text that is none.
    """
    try:
        facts = json.loads(text)
        if facts["format"] != FORMAT:
            raise OutputNotMade(out, "a later version of featurekit wrote it")
        return Record(
            str(facts["set"]),
            str(facts["meaning"]),
            moment_of(facts["as_of"], "as_of"),
            {str(name): dict(one) for name, one in facts["sources"].items()},
            int(facts["rows"]),
            moment_of(facts["since"], "since") if facts["since"] else None,
            facts["entities"],
            facts["file"],
            str(facts["featurekit"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadMoment):
        raise OutputNotMade(out, "its manifest is damaged") from None


def record_path(out: Path) -> Path:
    """Return where the record of the file at ``out`` lies: ``scores.parquet.manifest.json``."""
    return out.with_name(f"{out.name}.manifest.json")


def there(path: Path) -> bool:
    """Whether there is something at ``path``.

    Raises:
        UnknownOutput: FK258, no file can be called so.
    """
    try:
        if "\0" not in str(path):
            return path.exists()
    except OSError:  # too long a name
        pass
    raise UnknownOutput(str(path))
