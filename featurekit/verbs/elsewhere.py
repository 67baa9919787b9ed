"""``trainset`` where the rows are not all in memory: on Spark, or piece by piece."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from featurekit.errors import UsageError
from featurekit.errors.engines import NotForEngine
from featurekit.training.elsewhere import RemoteTrainingSet
from featurekit.training.files import save_text
from featurekit.training.locks import lock_path
from featurekit.training.pieces import InPieces
from featurekit.training.spilling import size
from featurekit.verbs.verb import Call, Facts


def asked_elsewhere(call: Call) -> bool:
    """Whether the call names an engine that computes where the rows lie, or asks for its plan."""
    return call.options.engine == "spark" or call.options.explain or bool(call.options.table)


def tables(words: list[str] | None) -> dict[str, str]:
    """Return ``["payments=shop.payments"]`` as a mapping.

    Raises:
        UsageError: FK900.
    """
    found = {}
    for word in words or ():
        name, given, table = word.partition("=")
        if not (name and given and table):
            raise UsageError(f"--table {word} names no table", fix="--table SOURCE=TABLE")
        found[name] = table
    return found


def trainset(call: Call, spine: Any, *, variable: bool) -> Facts:
    """Compute into ``--out``, or into a variable of the notebook; with ``--explain`` only plan."""
    options = call.options
    if not (options.out or options.explain):
        raise UsageError("where should the rows go?", fix="--out FOLDER, or --explain")
    if options.engine == "duckdb" and options.explain and not options.table:
        return _explained(call, spine)
    started = time.perf_counter()
    made = call.workspace.training_elsewhere(
        spine,
        options.set,
        time=options.time,
        labels=options.labels,
        engine=options.engine or "polars",
        tables=tables(options.table),
    )
    facts: Facts = {
        "kind": "trainset_elsewhere",
        "set": options.set,
        "engine": options.engine or "polars",
        "rows": None,
        "features": [{"column": name, "type": kind} for name, kind in made.report.columns],
        "plan": made.report.plan if options.explain else None,
        "next": [],
    }
    if options.out and variable:
        facts |= {"frame_name": options.out, "_frame": made.frame}
    elif options.out and not options.explain:
        facts |= {"written": options.out, **_written(made, options.out)}
    return facts | {"seconds": round(time.perf_counter() - started, 3)}


def _explained(call: Call, spine: Any) -> Facts:
    """Say how DuckDB is going to compute it."""
    options, started = call.options, time.perf_counter()
    plan = call.workspace.training_plan(
        spine, options.set, time=options.time, labels=options.labels, engine=options.engine
    )
    return {
        "kind": "trainset_elsewhere",
        "set": options.set,
        "engine": options.engine,
        "rows": None,
        "features": [],
        "plan": plan,
        "next": [],
        "seconds": round(time.perf_counter() - started, 3),
    }


def trainset_in_pieces(call: Call, spine: Any, *, variable: bool) -> Facts:
    """Compute within ``--memory`` into the file ``--out``."""
    options = call.options
    if variable or not options.out:
        raise UsageError("--memory is for a file", fix="--memory 4GB --out train.parquet")
    if options.engine not in {None, "polars"}:
        fix = "leave --memory out, or --engine polars"
        raise NotForEngine(options.engine, "a bound on memory", fix)
    started = time.perf_counter()
    made = call.workspace.training_file(
        spine,
        options.set,
        options.out,
        memory=options.memory,
        time=options.time,
        labels=options.labels,
        tmp=options.tmp,
        lock=True,
        progress=call.session.progress,
    )
    lock = lock_path(Path(options.out))
    if made.lock is not None:
        save_text(made.lock.text, lock)
    text = f"{made.pieces:,} pieces; the largest, whose entities are not cut: {made.largest:,} rows"
    return {
        "kind": "trainset_elsewhere",
        "set": options.set,
        "engine": "polars",
        "rows": made.rows,
        "features": [
            {"column": name, "nulls": count}
            | ({"causes": asdict(made.causes[name])} if name in made.causes else {})
            for name, count in made.nulls.items()
        ],
        "written": options.out,
        "lock": str(lock),
        "badges": [{"label": "in pieces", "level": "ok", "text": text}, *_too_large(made, options)],
        "next": [],
        "seconds": round(time.perf_counter() - started, 3),
    }


def _too_large(made: InPieces, options: Namespace) -> list[Facts]:
    """Return a badge when one piece took more memory than was allowed: an entity is never cut."""
    if made.bytes <= size(options.memory):
        return []
    text = f"the largest piece took about {made.bytes / 1e9:.1f} GB, more than --memory: "
    return [{"label": "large entity", "level": "warn", "text": f"{text}its rows stay together"}]


def _written(made: RemoteTrainingSet, location: str) -> Facts:
    """Write the rows, then count them and their nulls from what was written."""
    rows, nulls = made.save(location)
    columns = [
        {"column": name, "type": kind, "nulls": nulls[name]} for name, kind in made.report.columns
    ]
    return {"rows": rows, "features": columns}
