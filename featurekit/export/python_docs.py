"""Words for people in a package: Markdown that stays text, samples that can be pasted."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from featurekit.backends.python_layout import laid_out
from featurekit.backends.python_state_tracks import keeps_state
from featurekit.backends.python_syntax import literal, printable, quoted, spelled
from featurekit.datatypes import Kind
from featurekit.export.package import PackageSpec
from featurekit.export.python_contract import Check
from featurekit.export.python_logging import Logged
from featurekit.export.python_plan import Plan
from featurekit.export.python_streams import own_stream
from featurekit.ir.definitions import Field, Otherwise, Rule, Source, SourceKind
from featurekit.ir.rules import allowed_text, allows, value_text
from featurekit.ir.schedules import schedule_name
from featurekit.ir.view import View, aggregates, moment_column
from featurekit.ir.windows import length_name
from featurekit.parity.edge_values import beside

_REFERENCE = re.compile(r"\b([A-Za-z]\w*@\d+\.\d+)\b", re.ASCII)
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~])")
_SAMPLES: Mapping[Kind, Any] = {
    Kind.BOOLEAN: True,
    Kind.BIGINT: 3,
    Kind.DOUBLE: 12.5,
    Kind.VARCHAR: "a1",
    Kind.DATE: dt.date(2024, 6, 10),
    Kind.TIMESTAMP: dt.datetime(2024, 6, 10, 9, 30, tzinfo=dt.UTC),
}
_ASKED_LATER = dt.timedelta(minutes=1)


def prose(text: str) -> str:
    """Return ``text`` as Markdown that shows just these characters, on one line."""
    return _escaped(printable(text))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", html.escape(text, quote=False))


def said(text: str) -> str:
    """Return ``text`` as ``prose`` does, with references (``view@1.0``) as code."""
    parts = _REFERENCE.split(printable(text))
    return "".join(f"`{p}`" if at % 2 else _escaped(p) for at, p in enumerate(parts))


def code(text: str) -> str:
    """Return ``text`` as code that fits a table's cell, and shows just these characters.

    What could end the code, or would be a tag if something else did, is escaped as HTML.
    """
    inside = printable(text)
    if set(inside) & set("`\\") or re.search(r"<[^\s=>]", inside):
        return f"<code>{prose(inside)}</code>"
    return f"`{inside}`".replace("|", "\\|") if inside else ""


def hidden(text: str) -> str:
    """Return ``text`` fit to stand in an HTML comment."""
    return html.escape(printable(text), quote=False).replace("--", "- -").replace("--", "- -")


def sample(field: Field, rules: Iterable[Rule] = ()) -> str:
    """Return the source of an ordinary value, which ``rules`` allow."""
    kind = field.type.kind
    units = Decimal((0, (1,), -field.type.scale))
    ordinary = units if kind is Kind.DECIMAL else _SAMPLES[kind]
    known = [rule for rule in rules if rule.column == field.name]
    ends = [end for rule in known for end in (*rule.options, rule.low, rule.high)]
    choices = (ordinary, *(end for end in ends if end is not None))
    allowed = (value for value in choices if all(allows(rule, value) for rule in known))
    return spelled(literal(next(allowed, ordinary)))


def sample_row(check: Check, asked_at: dt.datetime | None = None) -> str:
    """Return the source of an ordinary input; a row in hand happens at ``asked_at``."""
    moment = spelled(literal(asked_at))
    entries = (
        f"{quoted(f.name)}: {moment if f.name in check.moments else sample(f, check.rules)}"
        for f in check.fields
    )
    return f"{{{', '.join(entries)}}}"


def example(plan: Plan) -> str:
    """Return a program that answers something: rows, and a question shortly after all of them."""
    *rows, entity, request = plan.checks
    delay = dt.timedelta(microseconds=max((s.keep.delay for s in plan.streams), default=0))
    asked_at = _SAMPLES[Kind.TIMESTAMP] + delay + _ASKED_LATER
    moment = spelled(literal(asked_at))
    asked = f"{sample_row(entity)}, {sample_row(request, asked_at)}, as_of={moment}"
    lines = [f"features = Features(version={quoted(plan.spec.version)})"]
    lines += [f"features.ingest({quoted(check.said)}, {sample_row(check)})" for check in rows]
    lines += [f"answer = features.get({asked})", "for name, value in answer.values.items():"]
    body = laid_out("\n".join([*lines, "    print(name, value, answer.status[name].value)"]))
    decimals = ["from decimal import Decimal"] if "Decimal(" in body else []
    imports = ["import datetime as dt", *decimals, "", f"from {plan.spec.package} import Features"]
    return "\n".join([*imports, "", body])


def compiled(package: str, texts: Iterable[str]) -> str:
    """Return which files may be compiled, ``texts`` being the names of those of a version.

    What reads input that nothing has checked yet is not among them, because compiled code takes
    types at their word; nor what people may derive their own classes from, because they cannot.
    """
    own = [name for name in ("views.py", "windows.py") if name in texts]
    return " ".join(f"{package}/v*/{name}" for name in own)


def kinds(check: Check, fields: Iterable[Field]) -> list[tuple[str, str, str]]:
    """Return (field, sample, type), the type with ``!`` where null is refused, ``?`` a default."""
    return [
        (
            quoted(field.name),
            sample(field, check.rules),
            quoted(f"{field.type}{_mark(check, field)}"),
        )
        for field in fields
    ]


def _mark(check: Check, field: Field) -> str:
    return "!" if field.required else "?" if field.name in check.defaulted else ""


def ruled(name: str, check: Check) -> list[tuple[str, str, str, bool]]:
    """Return (input, field, value, whether it is allowed) at both sides of each refusing rule."""
    return [
        (name, quoted(field.name), spelled(literal(value)), all(allows(r, value) for r in rules))
        for field in check.accepted
        if (rules := check.refusals(field.name))
        for rule in rules
        for value in _around(field, rule)
    ]


def _around(field: Field, rule: Rule) -> list[Any]:
    """Return the ends of a rule, or its options, and what lies beside them."""
    ends = [end for end in (rule.low, rule.high, *rule.options) if end is not None]
    nearby = [value for end in ends for _, value in beside(end, field.type)]
    return list({repr(value): value for value in (*ends, *nearby)}.values())


def inputs(checks: Iterable[Check]) -> list[tuple[str, str]]:
    """Return (input, its fields) for the table of what comes in."""
    return [
        (
            code(check.said),
            ", ".join([*(code(str(f)) for f in check.fields), *_optional(check)]) or "nothing",
        )
        for check in checks
    ]


def _optional(check: Check) -> list[str]:
    return [f"{code(str(field))} (may be left out)" for field in check.optional]


def rules(checks: Iterable[Check]) -> list[tuple[str, str, str]]:
    """Return (field, what it may be, what becomes of another value) for each rule."""
    return [
        (code(f"{check.said}.{rule.column}"), *_said(rule))
        for check in checks
        for rule in check.rules
        if rule.column in {field.name for field in check.accepted}
    ]


def _said(rule: Rule) -> tuple[str, str]:
    default = code(value_text(rule.default))
    becomes = {
        Otherwise.REFUSE: "refused: `not_allowed`",
        Otherwise.NULL: "is null; an answer that this makes null is `OUTSIDE_CONTRACT`",
        Otherwise.DEFAULT: f"is {default}, as is null and a field that is left out",
    }
    return code(allowed_text(rule)) or "anything but null", becomes[rule.otherwise]


def features(spec: PackageSpec) -> list[tuple[str, str, str]]:
    """Return (column, type, definition) of each feature."""
    rows: list[tuple[str, str, str]] = []
    for member in spec.set.members:
        described = spec.views[member.reference]
        for name in member.features:
            feature = described.view.feature(name)
            kind = str(feature.expression.type) if feature else ""
            rows.append((code(f"{member.view}__{name}"), kind, code(described.texts.get(name, ""))))
    return rows


def logged(shown: Logged) -> dict[str, str]:
    """Return what a log shows as it is: keys, fields, features."""
    named = {"entity": shown.entity, "request": shown.request, "features": shown.features}
    return {what: ", ".join(map(code, names)) or "nothing" for what, names in named.items()}


def views(spec: PackageSpec, order: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Return (view, owner, what it reads, how late) of each view."""
    return [
        (
            code(ref),
            prose(spec.views[ref].owner),
            _reads(spec.views[ref].view),
            _late(spec.views[ref].view),
        )
        for ref in order
    ]


def _reads(view: View) -> str:
    if view.source is None:
        return ", ".join(code(name) for name in view.uses)
    sources = dict.fromkeys([view.source, *view.stored])
    return ", ".join(f"{code(source.name)} ({source.kind.value})" for source in sources)


def _late(view: View) -> str:
    late = [length_name(view.delay)] if view.delay else []
    late += [f"refreshed {prose(schedule_name(view.fresh))}"] if view.fresh else []
    return ", ".join(late) or "-"


def moments(plan: Plan) -> list[str]:
    """Return what a caller must know about when views are answered."""
    lines: list[str] = []
    for reference, view in plan.views.items():
        name = code(plan.functions[reference])
        if view.scores_rows and view.source:
            lines.append(
                f"{name} scores a row of {code(view.source.name)}: the request brings the row, and"
                f" it is asked at its own {code(moment_column(view).name)}, whatever `as_of` says."
                " Whether the row was ingested before makes no difference."
            )
        if view.fresh:
            lines.append(
                f"{name} answers as of its last refresh ({prose(schedule_name(view.fresh))}): it is"
                " computed with each question, and nothing has to be scheduled."
            )
    return lines


def strict(plan: Plan) -> str:
    """Return the strict views; the empty string where there are none."""
    return ", ".join(code(plan.functions[ref]) for ref, view in plan.views.items() if view.strict)


def notes(sources: Iterable[Source]) -> list[str]:
    """Return what a producer must know about each source."""
    lines: list[str] = []
    for source in sources:
        name = code(source.name)
        if source.tie:
            lines.append(
                f"{name} may be delivered more than once and in any order: rows of equal"
                f" {code(source.time or '')} and {code(source.tie)} count once, the one available"
                " first."
            )
        else:
            lines.append(
                f"{name} names no tie column, so every delivery is a row: deliver exactly once."
                " The order does not matter."
            )
        known = [f"{code(source.time or '')} is its event time"]
        known += [f"it is known from {code(source.available)} on"] if source.available else []
        kind = (
            "the latest row holds" if source.kind is SourceKind.SNAPSHOT else "each row is an event"
        )
        lines.append(
            f"{name}: {'; '.join(known)}; {kind}. A row without these times is never visible."
        )
    return lines


def states(planned: Plan) -> dict[str, Any]:
    """Return what the README says of window states.

    Whether there are any, whether some keep every row, and the functions that do without.
    """
    folding = [ref for ref, view in planned.views.items() if own_stream(view) and aggregates(view)]
    without = [planned.functions[r] for r in folding if not keeps_state(planned.views[r])]
    held = {stream.place: stream for stream in planned.streams}
    return {
        "states": bool(planned.states),
        "forever": any(held[place].keep.span is None for place in planned.states),
        "functions": ", ".join(f"`{name}`" for name in without),
    }
