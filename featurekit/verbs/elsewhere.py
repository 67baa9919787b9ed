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
from featurekit.verbs import training_facts
from featurekit.verbs.delivery_facts import drafts
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
    engine = options.engine or "polars"
    if engine == "polars":
        what = "a plan" if options.explain else "tables elsewhere"
        shown = "--engine duckdb --explain" if options.explain else "--engine spark"
        raise NotForEngine(engine, what, shown)
    for given, option in ((options.memory, "--memory"), (options.label, "--label")):
        if given and not options.explain:
            raise NotForEngine(engine, option, f"leave {option} out, or --engine polars")
    if not (options.out or options.explain):
        raise UsageError("where should the rows go?", fix="--out train_folder, or --explain")
    if options.engine == "duckdb" and options.explain and not options.table:
        return _explained(call, spine)
    started = time.perf_counter()
    made = call.workspace.training_elsewhere(
        spine,
        options.what,
        time=options.time,
        labels=options.labels,
        engine=engine,
        tables=tables(options.table),
    )
    facts: Facts = {
        "kind": "trainset_elsewhere",
        "set": options.set,
        "engine": engine,
        "rows": None,
        "features": [{"column": name, "type": kind} for name, kind in made.report.columns],
        "plan": made.report.plan if options.explain else None,
        "next": [],
    }
    if options.out and variable and not options.dry_run:
        facts |= {"frame_name": options.out, "_frame": made.frame}
    elif options.out and not (options.explain or options.dry_run):
        facts |= {"written": options.out, **_written(made, options.out)}
    return facts | {"seconds": round(time.perf_counter() - started, 3)}


def _explained(call: Call, spine: Any) -> Facts:
    """Say how DuckDB is going to compute it."""
    options, started = call.options, time.perf_counter()
    plan = call.workspace.training_plan(
        spine, options.what, time=options.time, labels=options.labels, engine=options.engine
    )
    columns = call.workspace.answers_of(options.what, options.labels)
    return {
        "kind": "trainset_elsewhere",
        "set": options.set,
        "engine": options.engine,
        "rows": None,
        "features": [{"column": name, "type": kind} for name, kind in columns],
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
        options.what,
        options.out,
        memory=options.memory,
        time=options.time,
        labels=options.labels,
        tmp=options.tmp,
        label=options.label,
        lock=True,
        dry_run=options.dry_run,
        progress=call.session.progress,
    )
    lock = lock_path(Path(options.out))
    if made.lock is not None and not options.dry_run:
        save_text(made.lock.text, lock)
    matched = {view.reference.partition("@")[0]: view.matched for view in made.views}
    pieces = f"{made.pieces:,} {'piece' if made.pieces == 1 else 'pieces'}"
    text = f"{pieces}; the largest, whose entities are not cut: {made.largest:,} rows"
    return {
        "kind": "trainset_elsewhere",
        "set": options.set,
        "engine": "polars",
        "rows": made.rows,
        "features": [
            {"column": one.column, "type": one.type, "nulls": one.nulls}
            | {"matched": matched[one.column.split("__")[-2]] / max(made.rows, 1)}
            | ({"causes": asdict(made.causes[one.column])} if one.column in made.causes else {})
            for one in made.columns
        ],
        "written": None if options.dry_run else options.out,
        "lock": None if options.dry_run else str(lock),
        "badges": [
            *drafts(call.workspace, options.set),
            {"label": "in pieces", "level": "ok", "text": text},
            *_too_large(made, options),
            *training_facts.questions(made.spine),
            *training_facts.profiled(call, made),
        ],
        "lints": training_facts.lints(made.lints),
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
