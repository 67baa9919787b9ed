"""The verb that writes features down as of a moment."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from featurekit.frontends.moments import written_moment
from featurekit.materializing.outcome import Materialized
from featurekit.verbs.defining import UnknownName
from featurekit.verbs.verb import Call, Facts, Verb, argument


def _materialize(call: Call) -> Facts:
    options = call.options
    started = time.perf_counter()
    made = call.workspace.materialize(
        options.set,
        as_of=options.as_of,
        out=options.out,
        entities=_entities(call),
        dry_run=options.dry_run,
        progress=call.session.progress,
    )
    return _facts(made, time.perf_counter() - started)


def _entities(call: Call) -> Any:
    name = call.options.entities
    if name and name.isidentifier():
        if name in call.user_namespace:
            return call.user_namespace[name]
        if not Path(name).exists():
            raise UnknownName(name)
    return name


def _facts(made: Materialized, seconds: float) -> Facts:
    badges = []
    if made.unchanged:
        badges.append({"label": "unchanged", "level": "ok", "text": "all of it was there already"})
    if made.replaced:
        text = f"took the place of the answers as of {written_moment(made.replaced)}"
        badges.append({"label": "replaced", "level": "warn", "text": text})
    if made.refusals:
        text = "; ".join(made.refused[:3])
        label = f"{made.refusals:,} rows refused"
        badges.append({"label": label, "level": "bad", "text": text})
    return {
        "kind": "materialized",
        "set": made.set,
        "as_of": written_moment(made.as_of),
        "out": made.out,
        "store": made.store,
        "rows": made.rows,
        "sources": [{"source": part.source, "visible": part.visible} for part in made.parts],
        "since": written_moment(made.since) if made.since else None,
        "replaced": written_moment(made.replaced) if made.replaced else None,
        "refused": list(made.refused),
        "refusals": made.refusals,
        "unchanged": made.unchanged,
        "dry_run": made.dry_run,
        "seconds": round(seconds, 3),
        "held": not made.refusals,
        "badges": badges,
        "next": [],
    }


VERBS = (
    Verb(
        "materialize",
        "Write features down as of a moment, into a file or a service's store.",
        _materialize,
        (
            argument("set", help="a published feature set; for a file also a view"),
            argument("--as-of", required=True, help="the moment: 2024-06-01T00:00:00Z"),
            argument(
                "--out", required=True, help="scores.parquet, scores.csv, store.sqlite, redis://…"
            ),
            argument("--entities", help="for a file, whom to answer for: file, variable, SELECT"),
            argument("--dry-run", action="store_true", help="read and count, write nothing"),
        ),
        "%materialize",
    ),
)
