"""The verbs that define: entity, source, vocabulary, feature, featureset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from featurekit.errors import UsageError
from featurekit.errors.data import MissingColumn
from featurekit.frontends.rules import BadRule
from featurekit.verbs import delivery_facts, facts, view_facts
from featurekit.verbs.verb import Call, Facts, Verb, argument


class MalformedEntry(UsageError):
    """FK903: a vocabulary entry that is not ``canonical=alias,alias``."""

    code = "FK903"

    def __init__(self, entry: str) -> None:
        super().__init__(
            f"vocabulary entry {entry!r} is not of the form canonical=alias,alias",
            fix="%vocabulary country 'US=USA,United States' 'DE=Germany'",
        )


class UnknownName(UsageError):
    """FK904: a name that the notebook does not have."""

    code = "FK904"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is neither a file nor a variable of this notebook",
            fix=f"check the path, or assign the frame to {name!r} first",
        )


def _entity(call: Call) -> Facts:
    entity = call.workspace.entity(call.options.name, *call.options.keys)
    return facts.of_entity(entity)


def _source(call: Call) -> Facts:
    options = call.options
    paths = [word for word in options.data if not _is_field(word)]
    fields = [word for word in options.data if _is_field(word)]
    data: Any = None
    if len(paths) == 1 and paths[0].isidentifier() and paths[0] in call.user_namespace:
        data = call.user_namespace[paths[0]]
    elif paths:
        data = paths[0] if len(paths) == 1 else paths
        if isinstance(data, str) and data.isidentifier():
            raise UnknownName(data)
    call.workspace.source(
        options.name,
        data,
        entity=options.entity,
        time=options.time,
        available=options.available,
        tie=options.tie,
        kind=options.kind,
        zone=options.zone,
        schema=" ".join(fields) or None,
        loggable=options.loggable or (),
        rules=_rules(options.rule),
        until=options.until,
    )
    return delivery_facts.of_source(call.workspace, options.name)


def _rules(words: Sequence[str]) -> dict[str, str]:
    """Return the rules in ``column=rule``, by column."""
    rules: dict[str, str] = {}
    for word in words:
        column, equals, rule = word.partition("=")
        if not equals or column in rules:
            why = "it is column=rule, one rule a column"
            raise BadRule(column, word, why)
        rules[column] = rule
    return rules


def _is_field(word: str) -> bool:
    return re.fullmatch(r"[A-Za-z_]\w*:[A-Za-z].*", word) is not None and "/" not in word


def _vocabulary(call: Call) -> Facts:
    options = call.options
    entries: dict[str, list[str]] = {}
    for word in options.entries:
        canonical, equals, aliases = word.partition("=")
        if not equals and not canonical:
            raise MalformedEntry(word)
        entries[canonical] = [alias.strip() for alias in aliases.split(",") if alias.strip()]
    if options.table:
        entries |= _entries_of_table(call, options.table)
    unknown = None if options.unknown == "null" else options.unknown
    vocabulary = call.workspace.vocabulary(
        options.name, entries, unknown=unknown, ignore_case=options.ignore_case
    )
    return facts.of_vocabulary(vocabulary)


def _entries_of_table(call: Call, words: str) -> dict[str, list[str]]:
    """Read ``path:canonical,alias`` as canonical values and one alias each."""
    path, _, columns = words.rpartition(":")
    canonical, _, alias = columns.partition(",")
    frame = call.workspace.rows.frame(path, "the vocabulary's table")
    missing = [name for name in (canonical, alias) if name not in frame.columns]
    if missing:
        raise MissingColumn("the vocabulary's table", missing[0], frame.columns, "for its entries")
    rows = frame.select(canonical, alias).drop_nulls().rows()
    entries: dict[str, list[str]] = {}
    for value, other in rows:
        entries.setdefault(str(value), []).append(str(other))
    return entries


def _feature(call: Call) -> Facts:
    options = call.options
    workspace = call.workspace
    draft = workspace.feature(
        options.name,
        call.cell or "",
        source=options.source,
        entity=options.entity,
        owner=options.owner,
        per=options.per,
        language="polars" if options.polars else "sql",
        zone=options.zone,
        max_age=options.max_age,
        fresh=options.fresh,
        delay=options.delay,
        strict=options.strict,
        description=options.description,
        tags=tuple(options.tag),
    )
    return view_facts.of_draft(workspace, draft, quick=options.quick)


def _label(call: Call) -> Facts:
    options = call.options
    draft = call.workspace.label(
        options.name,
        call.cell or "",
        source=options.source,
        entity=options.entity,
        owner=options.owner,
        language="polars" if options.polars else "sql",
        zone=options.zone,
        ahead=options.ahead,
        max_age=options.max_age,
        delay=options.delay,
        description=options.description,
        tags=tuple(options.tag),
    )
    return view_facts.of_draft(call.workspace, draft, quick=options.quick)


def _featureset(call: Call) -> Facts:
    options = call.options
    lines = [line.partition("#")[0].strip() for line in (call.cell or "").splitlines()]
    members = [word for line in lines if not line.startswith("--") for word in line.split()]
    version = call.workspace.feature_set(
        options.name, members, owner=options.owner, description=options.description
    )
    return delivery_facts.of_feature_set(call.workspace, options.name, version)


_OWNER = argument("--owner", help="who answers for it, an e-mail address")
_DESCRIPTION = argument("--description", help="one sentence; default: the leading comment")

VERBS = (
    Verb(
        "entity",
        "Name what features are properties of, and its key columns.",
        _entity,
        (argument("name"), argument("keys", nargs="+", help="column:type")),
        "%entity",
    ),
    Verb(
        "source",
        "Register where rows come from and what their times mean.",
        _source,
        (
            argument("name"),
            argument(
                "data",
                nargs="*",
                help="path, glob, FILE.duckdb::TABLE or variable; column:type for a request",
            ),
            argument("--entity", help="the entities whose keys it carries, comma-separated"),
            argument("--time", help="the column of event time"),
            argument("--available", help="the column that says when a row became known"),
            argument("--tie", help="the column that orders rows of equal time, names duplicates"),
            argument("--kind", choices=("events", "snapshot", "request"), default="events"),
            argument("--zone", help="IANA zone of naive time stamps"),
            argument("--until", help="up to when its rows are all there: 2024-06-01T00:00:00Z"),
            argument("--loggable", help="columns that may be logged as they are: amount,channel"),
            argument(
                "--rule",
                action="append",
                default=[],
                help="what a column may hold: 'amount=0..1e6 else null', 'items=1.. else refuse', "
                "\"channel=one of 'web', 'app' default 'web'\"",
            ),
        ),
        "%source",
    ),
    Verb(
        "vocabulary",
        "Say which spellings mean the same category.",
        _vocabulary,
        (
            argument("name"),
            argument("entries", nargs="*", help="canonical=alias,alias"),
            argument("--table", help="path:canonical_column,alias_column"),
            argument("--unknown", default="null", help="null, or the bucket for other values"),
            argument("--ignore-case", action="store_true"),
        ),
        "%vocabulary",
    ),
    Verb(
        "feature",
        "Define a view: each named expression of the cell is a feature.",
        _feature,
        (
            argument("name"),
            argument("--from", dest="source", help="a source, or views for a derived view"),
            argument("--entity", help="what the features are properties of"),
            _OWNER,
            argument(
                "--polars",
                action="store_true",
                help="the cell is polars: name = pl.col(...).sum().over('last_30d'); fk.name(...) "
                "is an operator of the language",
            ),
            argument("--per", choices=("entity", "row"), default=None),
            argument("--zone", default="UTC", help="IANA zone of calendar windows"),
            argument("--max-age", help="how old a looked-up row may be: 3h, 7d"),
            argument("--fresh", default="realtime"),
            argument("--delay", help="what to add to a row's availability: 5m"),
            argument(
                "--strict",
                action="store_true",
                help="a null made of inputs that have values is OUTSIDE_CONTRACT in serving",
            ),
            _DESCRIPTION,
            argument("--tag", action="append", default=[]),
            argument("--quick", action="store_true", help="no profile, no parity check"),
        ),
        "%%feature",
        cell="required",
    ),
    Verb(
        "label",
        "Define what is to be predicted: each named expression looks ahead of the moment.",
        _label,
        (
            argument("name"),
            argument("--from", dest="source", help="a source of events or snapshots"),
            argument("--entity", help="whose labels these are"),
            _OWNER,
            argument("--polars", action="store_true", help="the cell is polars"),
            argument("--zone", default="UTC", help="IANA zone of local time"),
            argument("--ahead", help="how long after the moment a look-up answers: 30d"),
            argument("--max-age", help="how old a looked-up row may be: 3h, 7d"),
            argument("--delay", help="how long after its window a label is still not known: 2d"),
            _DESCRIPTION,
            argument("--tag", action="append", default=[]),
            argument("--quick", action="store_true", help="no profile"),
        ),
        "%%label",
        cell="required",
    ),
    Verb(
        "featureset",
        "Pin the features a model uses: lines of view@2 or view@2:feature.",
        _featureset,
        (argument("name"), _OWNER, _DESCRIPTION),
        "%%featureset",
        cell="required",
    ),
)
