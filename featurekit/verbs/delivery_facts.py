"""The facts of what was built from definitions: parity, exports, sources."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from featurekit.catalog.versions import version_key
from featurekit.errors import listed
from featurekit.export.check import activation
from featurekit.ir.definitions import FeatureSet, Rule, Source, SourceKind
from featurekit.ir.rules import rule_text
from featurekit.training.inspection import inspected
from featurekit.verbs.values import plain_value
from featurekit.verbs.verb import Facts

if TYPE_CHECKING:
    from featurekit.delivery import Delivery
    from featurekit.parity.report import ParityReport
    from featurekit.replaying import Replay
    from featurekit.workspace import Workspace


def of_source(workspace: Workspace, name: str) -> Facts:
    """Return the facts of a source's card: its columns' profiles, time span and badges."""
    source = workspace.catalog.sources()[name]
    facts: Facts = {
        "kind": "source",
        "name": name,
        "source_kind": source.kind.value,
        "entity": list(source.entities),
        "time": source.time,
        "available": source.available,
        "tie": source.tie,
        "until": source.until,
        "loggable": list(source.loggable),
        "location": source.location,
        "session_only": source.location is None and workspace.rows.has(source),
        "rows": None,
        "span": None,
        "columns": [{"name": f.name, "type": str(f.type)} for f in source.fields],
        "badges": [_rule(rule, 0) for rule in source.rules],
        "next": [f"%%feature NAME --from {name} --owner you@example.com"],
    }
    if workspace.rows.has(source):
        facts |= _inspection(workspace, source)
    return facts


def _inspection(workspace: Workspace, source: Source) -> Facts:
    """Return what the rows look like, and what is doubtful about them."""
    entities = workspace.catalog.entities()
    keys = [key.name for name in source.entities[:1] for key in entities[name].keys]
    found = inspected(workspace.rows.open(source), keys)
    doubts = (
        ("no time", found.without_time, "rows without an event time are never visible"),
        ("no key", found.without_key, "rows without an entity key belong to nobody"),
        ("not known yet", found.without_available, "rows without availability are not visible"),
        (
            "ties",
            0 if source.kind is SourceKind.REQUEST else found.ties,
            "rows share entity and time; name a column with --tie",
        ),
        ("duplicates", found.duplicates, "rows repeat entity, time and tie; they count once"),
        ("nanoseconds", found.truncated, "rows are finer than a microsecond; the rest is cut off"),
    )
    badges = [
        {"label": label, "level": "warn", "text": f"{count:,} {text}"}
        for label, count, text in doubts
        if count
    ]
    badges += [_rule(rule, found.outside.get(rule, 0)) for rule in source.rules]
    span = [plain_value(found.first), plain_value(found.last)] if found.first else None
    columns = [plain_value(column) for column in found.columns]
    return {"rows": found.rows, "span": span, "columns": columns, "badges": badges}


def _rule(rule: Rule, outside: int) -> Facts:
    """Return the badge of a rule, with how many rows it does not allow."""
    text = f"{rule.column}: {rule_text(rule)}"
    text += f"; {outside:,} rows are outside" if outside else ""
    return {"label": "rule", "level": "warn" if outside else "plain", "text": text}


def of_feature_set(workspace: Workspace, name: str, version: str) -> Facts:
    """Return the facts of a feature set's card."""
    found = workspace.catalog.resolve_set(f"{name}@{version}")
    return {
        "kind": "featureset",
        "name": name,
        "version": version,
        "owner": found.metadata.owner,
        "badges": _deprecated(workspace, found.set),
        "features": _set_features(workspace, found.set),
        "next": [
            f"%trainset {name} --spine SPINE --time COLUMN --out train",
            f"%export {name} --to ../service --target python --dry-run",
        ],
    }


def _deprecated(workspace: Workspace, made: FeatureSet) -> list[Facts]:
    """Return a badge for each member that should not be used anew, with the reason."""
    members = (workspace.catalog.resolve(member.reference) for member in made.members)
    return [
        {
            "label": "deprecated",
            "level": "warn",
            "text": f"{view.reference}: {view.deprecated or 'no reason given'}",
        }
        for view in members
        if view.deprecated is not None
    ]


def _set_features(workspace: Workspace, made: FeatureSet) -> list[dict[str, str]]:
    rows = []
    for member in made.members:
        view = workspace.catalog.resolve(member.reference).view
        rows += [
            {
                "column": f"{member.view}__{feature.name}",
                "type": str(feature.expression.type),
                "view": member.reference,
            }
            for feature in view.features
            if feature.name in member.features
        ]
    return rows


def drafts(workspace: Workspace, name: str) -> list[Facts]:
    """Return a badge when the bare name meant a draft and not what is published."""
    found = []
    for one in _drafted(workspace, name):
        text = f"the answers are the draft's; %feature publish {one} makes them a version's"
        if any(view.name == one for view in workspace.catalog.views()):
            text = f"the answers are the draft's; {one}@1 asks for what is published"
        found.append({"label": "draft", "level": "warn", "text": text})
    return found


def _drafted(workspace: Workspace, name: str) -> list[str]:
    """Return which of the names, one or several with spaces between them, are drafts."""
    known = workspace.catalog.drafts()
    return [one for one in name.split() if one in known]


def after(workspace: Workspace, name: str) -> list[str]:
    """Return what usually follows an answer: publishing a draft, or proof and hand-over."""
    if found := _drafted(workspace, name):
        return [f"%feature publish {one}" for one in found]
    if len(name.split()) > 1:  # what is proven and handed over is one set
        return ["\n".join(["%%featureset NAME --owner you@example.com", *name.split()])]
    return [f"%parity {name}", f"%export {name} --to ../service --target python --dry-run"]


def of_parity(workspace: Workspace, report: ParityReport, name: str) -> Facts:
    """Return the facts of a parity check; it did not hold when anything differs."""
    empty = [f.column for f in report.features if f.nulls == f.rows]
    badges = drafts(workspace, name)
    if empty:
        text = f"null in every question, so little is proven: {listed(empty)}"
        badges.append({"label": "only nulls", "level": "warn", "text": text})
    return {
        "kind": "parity",
        "set": name,
        "rows": report.rows,
        "compared": report.compared,
        "differences": report.differences,
        "features": [
            {"column": f.column, "compared": f.rows, "differences": f.differences, "nulls": f.nulls}
            for f in report.features
        ],
        "worst": [
            {
                "asked": plain_value(dict(worst.asked)),
                "column": worst.difference.column,
                "expected": plain_value(worst.difference.expected),
                "got": plain_value(worst.difference.got),
            }
            for worst in report.worst
        ],
        "held": report.held,
        "badges": badges,
        "next": after(workspace, name),
    }


def of_replay(found: Replay) -> Facts:
    """Return the facts of a replayed log; it did not hold when an answer would differ now."""
    from featurekit.replaying import CAUSES, MOST_SHOWN

    text = "logged as hashes, so not compared: " + listed(found.hidden)
    badges = [{"label": "hidden", "level": "warn", "text": text}] if found.hidden else []
    badges += [
        {"label": cause, "level": "warn", "text": f"{count:,}: {CAUSES[cause]}"}
        for cause, count in found.causes.items()
    ]
    differing = Counter(one.column for one in found.mismatches)
    return {
        "kind": "replay",
        "set": found.name,
        "rows": found.rows,
        "compared": found.compared,
        "differences": len(found.mismatches),
        "others": found.others,
        "causes": found.causes,
        "features": [
            {"column": column, "compared": count, "nulls": None, "differences": differing[column]}
            for column, count in found.per.items()
        ],
        "worst": [plain_value(asdict(one)) for one in found.mismatches[:MOST_SHOWN]],
        "held": found.held,
        "badges": badges,
        "next": [],
    }


def of_export(delivery: Delivery) -> Facts:
    """Return the facts of an export: the tree of changes, what proves it, what switches it on.

    An export never touches a receiver's active.json, so a version that is added to a package
    answers nothing before its owner says so.
    """
    badges: list[Facts] = []
    steps = [f"cd {delivery.to} && python -m pytest -q"]
    if _waits(delivery):
        step = activation(delivery.package, delivery.version)
        text = f"{delivery.active} still answers; to switch: {step}"
        badges.append({"label": "not active", "level": "warn", "text": text})
        steps.append(f"# {step}")
    return {
        "kind": "export",
        "to": str(delivery.to),
        "package": delivery.package,
        "version": delivery.version,
        "active": delivery.active,
        "tree": [[change.mark, change.path] for change in delivery.changes],
        "vectors": delivery.vectors,
        "changed": delivery.changed.facts,
        "dry_run": delivery.dry_run,
        "branch": delivery.branch,
        "commit": delivery.commit,
        "badges": badges,
        "next": steps,
    }


def _waits(delivery: Delivery) -> bool:
    """Whether an older version than the delivered one answers."""
    try:
        return version_key(delivery.active or "") < version_key(delivery.version)
    except ValueError:
        return False


def of_check(report: dict[str, Any]) -> Facts:
    """Return the facts of a package check; what waits for its receiver is what comes next."""
    return {"kind": "check", **report, "next": [f"# {note['fix']}" for note in report["notes"]]}


def of_builder(workspace: Workspace) -> Facts:
    """Return what the feature builder offers: sources, their columns, aggregates, windows."""
    catalog = workspace.catalog
    return {
        "kind": "builder",
        "text": "the feature builder",
        "sources": [
            {
                "name": source.name,
                "kind": source.kind.value,
                "entity": list(source.entities),
                "columns": [{"name": f.name, "type": str(f.type)} for f in source.fields],
            }
            for source in catalog.sources().values()
        ],
        "next": ["%%feature NAME --from SOURCE --owner you@example.com"],
    }
