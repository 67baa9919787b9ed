"""The verbs of training: trainset."""

from __future__ import annotations

import time
from keyword import iskeyword
from pathlib import Path
from typing import Any

from featurekit.training.files import require_writable_format, save_frame
from featurekit.verbs import training_facts
from featurekit.verbs.defining import UnknownName
from featurekit.verbs.delivering import SET
from featurekit.verbs.verb import Call, Facts, Verb, argument


def _spine(call: Call) -> Any:
    name = call.options.spine
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
    file = Path(options.out) if options.out and not _is_variable(call, options.out) else None
    if file is not None:
        require_writable_format(file)
    started = time.perf_counter()
    training = call.workspace.training(
        _spine(call),
        options.set,
        time=options.time,
        engine=options.engine,
        label=options.label,
        progress=call.session.progress,
    )
    seconds = time.perf_counter() - started
    if file is not None:
        save_frame(training.frame, file)
    return training_facts.of_training(call.workspace, training, options.set, options.out, seconds)


VERBS = (
    Verb(
        "trainset",
        "Join point-in-time features to a spine.",
        _trainset,
        (
            SET,
            argument(
                "--spine", required=True, help="file, variable or SELECT: keys, time, request"
            ),
            argument("--time", help="the spine's column of the moment of asking"),
            argument("--label", help="the spine's column to predict: what knows it is remarked on"),
            argument("--out", help="variable to keep the frame in, or a file to write"),
            argument("--engine", choices=("polars", "duckdb"), default="polars"),
        ),
        "%trainset",
    ),
)
