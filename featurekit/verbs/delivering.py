"""The verbs that use definitions: parity, export, and the checks."""

from __future__ import annotations

from pathlib import Path

from featurekit.verbs import delivery_facts, facts
from featurekit.verbs.verb import Call, Facts, Verb, argument


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
        service=options.service,
        progress=call.session.progress,
    )
    return delivery_facts.of_export(report)


def _replay(call: Call) -> Facts:
    return delivery_facts.of_replay(call.workspace.replay(call.options.log, call.options.set))


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
            argument("--service", action="store_true", help="with a FastAPI service over HTTP"),
        ),
        "%export",
    ),
    Verb(
        "replay",
        "Ask again what a package logged, and say why answers would differ now.",
        _replay,
        (
            argument("log", help="a file of the JSON lines that the package wrote"),
            argument("--set", required=True, help="the feature set it was exported from"),
        ),
        "%replay",
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
