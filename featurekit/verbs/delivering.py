"""The verbs that use definitions: trainset, parity, export, and the checks."""

from __future__ import annotations

import time
from keyword import iskeyword
from pathlib import Path
from typing import Any

from featurekit.training.files import require_writable_format, save_frame
from featurekit.verbs import delivery_facts, facts
from featurekit.verbs.defining import UnknownName
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
        progress=call.session.progress,
    )
    seconds = time.perf_counter() - started
    if file is not None:
        save_frame(training.frame, file)
    return delivery_facts.of_training(call.workspace, training, options.set, options.out, seconds)


def _parity(call: Call) -> Facts:
    report = call.workspace.parity(
        call.options.set, rows=call.options.rows, progress=call.session.progress
    )
    return delivery_facts.of_parity(call.workspace, report, call.options.set)


def _export(call: Call) -> Facts:
    options = call.options
    report = call.workspace.export(
        options.set,
        to=options.to,
        target=options.target,
        dry_run=options.dry_run,
        branch=options.branch,
        progress=call.session.progress,
    )
    return delivery_facts.of_export(report)


def _check_export(call: Call) -> Facts:
    return delivery_facts.of_check(call.workspace.check_export(call.options.path))


def _check(call: Call) -> Facts:
    from featurekit.verbs.notebooks import check_notebook

    results = [check_notebook(call.workspace, Path(path)) for path in call.options.notebook]
    cells = sum(result["cells"] for result in results)
    problems = [problem for result in results for problem in result["problems"]]
    return {
        "kind": "check",
        "text": f"{cells} cells checked, {len(problems)} problems",
        "problems": problems,
        "held": not problems,
    }


def _ops(call: Call) -> Facts:
    return facts.of_operators(call.workspace.ops(), call.options.name)


def _help(_call: Call) -> Facts:
    from featurekit.verbs import VERBS

    verbs = [[verb.usage, verb.summary] for verb in VERBS.values() if verb.magic]
    return {"kind": "help", "verbs": verbs, "text": f"{len(verbs)} magics"}


def _build(call: Call) -> Facts:
    return delivery_facts.of_builder(call.workspace)


_SET = argument("set", help="a feature set, a view, or view@version")

VERBS = (
    Verb(
        "trainset",
        "Join point-in-time features to a spine.",
        _trainset,
        (
            _SET,
            argument(
                "--spine", required=True, help="file, variable or SELECT: keys, time, request"
            ),
            argument("--time", help="the spine's column of the moment of asking"),
            argument("--out", help="variable to keep the frame in, or a file to write"),
            argument("--engine", choices=("polars", "duckdb"), default="polars"),
        ),
        "%trainset",
    ),
    Verb(
        "parity",
        "Compare training with the generated serving code, value by value.",
        _parity,
        (_SET, argument("--rows", type=int, default=1000, help="how many questions to ask")),
        "%parity",
    ),
    Verb(
        "export",
        "Write the serving package and its parity tests into a repository.",
        _export,
        (
            argument("set", help="a published feature set"),
            argument("--to", required=True, help="the receiving repository's folder"),
            argument("--target", choices=("python",), default="python"),
            argument("--dry-run", action="store_true", help="show the tree, write nothing"),
            argument("--branch", help="commit on this new branch of the receiving repository"),
        ),
        "%export",
    ),
    Verb(
        "check-export",
        "Say whether a package is complete, unedited and current.",
        _check_export,
        (argument("path"),),
    ),
    Verb(
        "check",
        "Check notebooks' cells against the catalog, without a kernel.",
        _check,
        (argument("notebook", nargs="+"),),
    ),
    Verb(
        "ops",
        "List operators and aggregates: signature, nulls, targets, gaps.",
        _ops,
        (argument("name", nargs="?"),),
        "%fk ops",
    ),
    Verb("help", "List the magics.", _help, (), "%fk help"),
    Verb("build", "Open the feature builder.", _build, (), "%fk build"),
)
