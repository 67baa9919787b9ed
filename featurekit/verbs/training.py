"""The verbs of training: trainset, split."""

from __future__ import annotations

import argparse
import time
from keyword import iskeyword
from pathlib import Path
from typing import Any

from featurekit.errors import UsageError
from featurekit.training.engines import ENGINES
from featurekit.training.files import require_output, save_frame, save_text
from featurekit.training.locks import lock_path
from featurekit.training.sets import TrainingSet
from featurekit.verbs import elsewhere, training_facts
from featurekit.verbs.defining import UnknownName
from featurekit.verbs.verb import Call, Facts, Verb, argument


class NothingToTrain(UsageError):
    """FK919: a training set needs a set and a spine, or a lock that names both."""

    code = "FK919"

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"{missing} is missing",
            fix="%trainset SET --spine SPINE --time COLUMN, or %trainset --lock FILE.lock.json",
        )


class LockSaysIt(UsageError):
    """FK920: a lock file together with what it says itself."""

    code = "FK920"

    def __init__(self) -> None:
        super().__init__(
            "--lock names a training set that exists: what is asked for, and how, is its own",
            fix="%trainset --lock train.parquet.lock.json --out again.parquet",
        )


def _spine(call: Call) -> Any:
    return _data(call, call.options.spine)


def _data(call: Call, name: str) -> Any:
    if name.isidentifier() and name in call.user_namespace:
        return call.user_namespace[name]
    if name.isidentifier() and not Path(name).exists():
        raise UnknownName(name)
    return name


def _is_variable(call: Call, name: str) -> bool:
    """Whether ``name`` can be a variable of this notebook; outside of one, nothing can."""
    return bool(call.user_namespace) and name.isidentifier() and not iskeyword(name)


def _trainset(call: Call) -> Facts:
    options = call.options
    options.what = options.set[0] if len(options.set) == 1 else options.set
    options.set = " ".join(options.set)
    variable = bool(options.out) and _is_variable(call, options.out)
    if options.lock:
        _require_lock_alone(options)
    if elsewhere.asked_elsewhere(call):
        _require_both(options)
        return elsewhere.trainset(call, _spine(call), variable=variable)
    if options.memory:
        _require_both(options)
        return elsewhere.trainset_in_pieces(call, _spine(call), variable=variable)
    file = Path(options.out) if options.out and not variable else None
    if file is not None:
        require_output(file)
    started = time.perf_counter()
    training = _again(call) if options.lock else _anew(call, lock=file is not None)
    seconds = time.perf_counter() - started
    lock = None
    if file is not None and training.lock is not None and not options.dry_run:
        lock = lock_path(file)
        save_frame(training.frame, file)
        save_text(training.lock.text, lock)
    name = options.set or _locked_name(training)
    out = None if options.dry_run else options.out
    made = training_facts.of_training(call.workspace, training, name, out, seconds)
    made["badges"] += training_facts.profiled(call, training)
    return made | {"lock": str(lock) if lock else None}


def _locked_name(training: TrainingSet) -> str:
    assert training.lock is not None  # noqa: S101  what names no set was made from a lock
    return training.lock.set or min(training.lock.views)


def _require_both(options: argparse.Namespace) -> None:
    for given, missing in ((options.set, "the set"), (options.spine, "--spine")):
        if not given:
            raise NothingToTrain(missing)


def _anew(call: Call, *, lock: bool) -> TrainingSet:
    options = call.options
    _require_both(options)
    return call.workspace.training(
        _spine(call),
        options.what,
        time=options.time,
        labels=options.labels,
        engine=options.engine or "polars",
        label=options.label,
        lock=lock,
        progress=call.session.progress,
    )


def _require_lock_alone(options: argparse.Namespace) -> None:
    asked = (options.set, options.time, options.engine, options.label, options.labels)
    if any(asked) or options.memory or options.table or options.explain:
        raise LockSaysIt


def _again(call: Call) -> TrainingSet:
    options = call.options
    spine = _spine(call) if options.spine else None
    return call.workspace.reproduce(options.lock, spine=spine, progress=call.session.progress)


def _split(call: Call) -> Facts:
    options = call.options
    file = Path(options.out) if options.out and not _is_variable(call, options.out) else None
    if file is not None:
        require_output(file)
    made = call.workspace.split(
        _data(call, options.frame),
        time=options.time,
        train=_part(options.train),
        valid=_part(options.valid),
        test=_part(options.test),
        gap=options.gap,
    )
    kept = {name: _beside(options.out, file, name) for name in made.frames if options.out}
    if file is not None and not options.dry_run:
        for name, frame in made.frames.items():
            save_frame(frame, Path(kept[name]))
    return training_facts.of_split(made, kept, dry_run=options.dry_run)


def _part(text: str | None) -> str | float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return text


def _beside(out: str, file: Path | None, name: str) -> str:
    """Return where a part goes: ``rows.train.parquet`` for a file, ``rows_train`` for a name."""
    return f"{out}_{name}" if file is None else str(file.with_suffix(f".{name}{file.suffix}"))


VERBS = (
    Verb(
        "trainset",
        "Join point-in-time features to a spine.",
        _trainset,
        (
            argument("set", nargs="*", help="a feature set, or views: spend profile@2"),
            argument("--spine", help="file, variable or SELECT: keys, time, request"),
            argument("--time", help="the spine's column of the moment of asking"),
            argument(
                "--labels", nargs="+", default=(), metavar="VIEW", help="label views: what comes"
            ),
            argument("--label", help="the spine's column to predict: what knows it is remarked on"),
            argument("--out", help="variable to keep the frame in, or a file to write"),
            argument("--engine", choices=ENGINES, help="default: polars"),
            argument(
                "--table",
                action="append",
                metavar="SOURCE=TABLE",
                help="for spark, where a source's rows are: a path or a table's name",
            ),
            argument(
                "--explain", action="store_true", help="duckdb, spark: show the plan, run nothing"
            ),
            argument("--memory", help="4GB: compute piece by piece within that, into a file"),
            argument("--tmp", help="the folder for the pieces; without it, beside the file"),
            argument(
                "--no-profile",
                action="store_true",
                help="do not keep the answers' spread with the set's version",
            ),
            argument(
                "--dry-run", action="store_true", help="show the card, write and keep nothing"
            ),
            argument(
                "--lock", help="make the training set of this lock file again, or say why not"
            ),
        ),
        "%trainset",
    ),
    Verb(
        "split",
        "Part a training set by time, with an embargo between the parts.",
        _split,
        (
            argument("frame", help="file, variable or SELECT: a training set"),
            argument("--time", required=True, help="its column of the moment of asking"),
            argument("--train", help="begin/end, half-open, either may be empty; or a share: 0.8"),
            argument("--valid", help="likewise"),
            argument("--test", help="likewise"),
            argument("--gap", help="embargo before a part: 7d, 0; default: the longest window"),
            argument("--out", help="NAME for NAME_train, ...; or rows.parquet: rows.train.parquet"),
            argument("--dry-run", action="store_true", help="count the rows, keep nothing"),
        ),
        "%split",
    ),
)
