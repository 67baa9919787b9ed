"""The facts of a view's life: defined, shown, compared, published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from featurekit.catalog.diff import diff
from featurekit.catalog.state import PublishedView
from featurekit.catalog.versions import Level
from featurekit.draft import cell_text, written_in
from featurekit.errors import DataError
from featurekit.export.render import view_module
from featurekit.frontends.lints import lint
from featurekit.frontends.remarks import Lint
from featurekit.frontends.row_lints import Seen, lint_rows
from featurekit.frontends.to_text import view_text
from featurekit.ir.semantics import lineage, semantics
from featurekit.ir.view import View, longest_horizon
from featurekit.ir.windows import length_name
from featurekit.selection import find_view
from featurekit.verbs.delivery_facts import of_feature_set
from featurekit.verbs.values import plain_rows, plain_value
from featurekit.verbs.verb import Facts

if TYPE_CHECKING:
    from featurekit.draft import Draft
    from featurekit.proof import Preview
    from featurekit.workspace import Workspace


_ON_THE_SHEET = {"zone", "fresh", "delay", "max_age", "grain", "entities", "strict", "source"}
"""What a view says of itself that is compared in words."""


def of_draft(workspace: Workspace, draft: Draft, *, quick: bool = False) -> Facts:
    """Return the facts of a ``%%feature`` card; ``quick`` leaves out what needs data."""
    change, current = draft.change, draft.current
    title = "draft, not published yet"
    if current and change:
        same = change.level is Level.UNCHANGED
        title = f"unchanged: {current.version}" if same else f"draft on top of {current.version}"
    preview = None if quick else workspace.preview(draft.name)
    metadata = draft.record.metadata
    facts = _of_definition(draft.view, draft.lints, preview)
    following = [f"%feature diff {draft.name}"] if current else []
    return {
        **facts,
        "title": title,
        "status": "draft",
        "language": draft.record.header.get("language", "sql"),
        "owner": metadata.owner,
        "description": metadata.description,
        "equal_to": list(workspace.catalog.equal_to(draft.view)),
        "python": None if draft.view.is_label else draft.python(),
        "next": [*following, f"%feature publish {draft.name}"],
    }


def of_view(workspace: Workspace, name: str) -> Facts:
    """Return the facts of a draft, of a published version, or of a feature set."""
    if name in workspace.catalog.drafts():
        return of_draft(workspace, workspace.draft(name))
    made = workspace.catalog.find_set(name)
    if made is not None:
        return of_feature_set(workspace, made.name, made.version)
    found = workspace.catalog.resolve(name)
    try:
        preview, missing = workspace.preview(found.reference), ""
    except DataError as gone:  # a definition can be read without its rows
        preview, missing = None, gone.problem
    facts = _of_definition(
        found.view, lint(found.view, written_in(found.header), found.text), preview
    )
    if missing:
        facts["badges"].insert(0, {"label": "no data", "level": "warn", "text": missing})
    if found.deprecated is not None:
        text = found.deprecated or "no reason given"
        facts["badges"].insert(0, {"label": "deprecated", "level": "warn", "text": text})
    return {
        **facts,
        "title": found.version + (" (current)" if found.current else ""),
        "status": "published" if found.deprecated is None else "deprecated",
        "language": found.header.get("language", "sql"),
        "owner": found.metadata.owner,
        "description": found.metadata.description,
        "python": None if found.view.is_label else view_module(found.view),
        "next": [f"%feature history {found.name}", f"%feature edit {found.name}"],
    }


def _of_definition(view: View, lints: Sequence[Lint], preview: Preview | None) -> Facts:
    features: list[Facts] = [
        {"name": f.name, "type": str(f.expression.type)} for f in view.features
    ]
    remarks = [*lints, *lint_rows(view, preview.seen if preview else Seen())]
    remarks += [preview.strays] if preview and preview.strays else []
    facts: Facts = {
        "kind": "feature",
        "name": view.name,
        "entity": [entity.name for entity in view.entities],
        "time": view.source.time if view.source else None,
        "label": view.is_label,
        "badges": [_label_badge(view, preview) if view.is_label else _sees_badge(view)],
        "features": features,
        "lints": [{"code": o.code, "text": o.text, "fix": o.fix} for o in remarks],
        "sql": view_text(view),
        "lineage": [{"feature": name, "columns": list(columns)} for name, columns in lineage(view)],
        "semantics": [list(pair) for pair in semantics(view)],
    }
    if preview is None:
        return facts
    if not view.is_label:
        facts["badges"].insert(0, _parity_badge(preview))
    for feature, profile in zip(features, preview.profile, strict=True):
        feature.update({k: plain_value(v) for k, v in profile.items() if k not in feature})
        feature["cost_us"] = preview.cost_us.get(feature["name"])
    facts["sample"] = plain_rows(preview.shown)
    facts["seconds"] = round(preview.seconds, 3)
    return facts


def _sees_badge(view: View) -> Facts:
    return {"label": "point in time", "level": "ok", "text": _sees(view)}


def _label_badge(view: View, preview: Preview | None) -> Facts:
    """Return how far ahead the labels look, and up to which moment they are known."""
    text = f"looks {length_name(longest_horizon(view))} ahead; never a feature, never served"
    if preview is None:
        return {"label": "label", "level": "ok", "text": text}
    if preview.known_until is None:
        return {"label": "label", "level": "warn", "text": f"{text}; known of no moment yet"}
    until = preview.known_until.isoformat(sep=" ", timespec="minutes")
    text = f"{text}; known of moments up to {until}"
    if preview.strays:
        return {"label": "label", "level": "warn", "text": f"{text}, as rows far behind others say"}
    return {"label": "label", "level": "ok", "text": text}


def _sees(view: View) -> str:
    if view.source is None or not view.entities:
        return "safe: nothing of the future can be read"
    known = view.source.available or view.source.time
    moment = "the row in hand" if view.scores_rows else "the moment of asking"
    found = f"safe: only rows whose {known} is before {moment}"
    names = ", ".join(source.name for source in view.stored if source != view.source)
    return f"{found}; of {names} what was known then" if names else found


def _parity_badge(preview: Preview) -> Facts:
    report = preview.parity
    if report is None or not report.compared:
        text = preview.note or f"nothing compared in time; run %parity {preview.name}"
        return {"label": "parity", "level": "warn", "text": text}
    text = (
        f"batch = served on {report.rows:,} sampled rows, {report.differences} differ, "
        f"{preview.parity_seconds:.1f} s"
    )
    level = "ok" if report.held else "bad"
    return {"label": "parity", "level": level, "text": text}


def of_diff(workspace: Workspace, name: str) -> Facts:
    """Return what a draft changes: impact, features, canonical text, values on the same rows."""
    draft = workspace.draft(name)
    current, change = draft.current, draft.change
    if current is None or change is None:
        return {
            "kind": "diff",
            "name": name,
            "label": draft.view.is_label,
            "from": None,
            "to": "draft",
            "impact": "new",
            "changes": [{"feature": f.name, "change": "added"} for f in draft.view.features],
            "lines": [["+", line] for line in view_text(draft.view).splitlines()],
            "data": [],
            "next": [f"%feature publish {name}"],
        }
    facts = diff(
        (current.version, current.view, current.metadata, view_text(current.view)),
        ("draft", draft.view, draft.record.metadata, view_text(draft.view)),
    )
    changes = facts["changes"] + [
        {"feature": f"({part})", "change": "changed"}
        for part in facts["context"]
        if part not in _ON_THE_SHEET
    ]
    changes += [
        {"feature": f"({one['what']})", "change": f"{one['old']} → {one['new']}"}
        for one in facts["meaning"]
    ]
    found: Facts = {**facts, "changes": changes, "next": [f"%feature publish {name}"]}
    found["label"] = draft.view.is_label
    try:
        return {**found, "data": workspace.value_changes(name)}
    except DataError as gone:  # what the definitions say differs all the same
        return {**found, "data": [], "no_data": gone.problem}


def of_publication(workspace: Workspace, name: str, published: PublishedView | None) -> Facts:
    """Return what publishing did, or (``published`` None) would do."""
    if published is None:
        change = workspace.draft(name).change
        impact = change.level.words if change else "new"
        return {
            "kind": "published",
            "name": name,
            "version": None,
            "impact": impact,
            "checks": [],
            "undo": None,
            "next": [f"%feature publish {name}"],
        }
    change = published.change
    impact = "new" if published.previous is None or change is None else change.level.words
    equal = ", ".join(published.equal_to)
    checks = [
        {"label": "owner", "ok": True, "text": published.metadata.owner},
        {"label": "meaning", "ok": True, "text": published.meaning[:12]},
        {
            "label": "duplicate",
            "ok": not equal,
            "text": f"equals {equal}" if equal else "no other view means the same",
        },
    ]
    undo = f"%feature rollback {name}@{published.previous}" if published.previous else None
    if published.previous == published.version:
        undo = None
    return {
        "kind": "published",
        "name": name,
        "version": published.version,
        "impact": impact,
        "checks": checks,
        "undo": undo or f"%feature deprecate {name}@{published.version} --reason '...'",
        "next": [f"%feature history {name}", _use(published)],
    }


def _use(published: PublishedView) -> str:
    if published.view.is_label:
        return f"%trainset SET --spine SPINE --time COLUMN --labels {published.name}"
    return f"%%featureset NAME  with  {published.reference}"


def of_lineage(workspace: Workspace, name: str) -> Facts:
    """Return the source columns behind each feature."""
    _, found = find_view(workspace.catalog, name)
    rows = [{"feature": feature, "columns": list(columns)} for feature, columns in lineage(found)]
    return {"kind": "lineage", "name": name, "lineage": rows, "next": [f"%feature show {name}"]}


def of_cell(workspace: Workspace, name: str) -> Facts:
    """Return the cell that defines a view, ready to run again."""
    found = workspace.catalog.draft(name) or workspace.catalog.resolve(name)
    text = cell_text(found.name, found.header, found.text)
    return {"kind": "cell", "name": name, "cell": text, "text": f"the cell of {name}", "next": []}
