"""``service/`` of a package: the features over HTTP, typed from the definition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from featurekit.backends.python_layout import WIDTH, laid_out
from featurekit.backends.python_syntax import (
    Names,
    camel,
    documented,
    identifier,
    literal,
    printable,
    quoted,
    spelled,
)
from featurekit.datatypes import DataType, Kind
from featurekit.export.package import version_folder
from featurekit.export.python_columns import Answered
from featurekit.export.python_contract import Check
from featurekit.export.python_docs import kinds
from featurekit.export.python_plan import Plan
from featurekit.export.templates import fill
from featurekit.ir.definitions import Rule
from featurekit.ir.rules import allowed_text, allows

_MODULES = (
    "__init__.py",
    "__main__.py",
    "app.py",
    "bodies.py",
    "desk.py",
    "guard.py",
    "metrics.py",
    "notes.py",
    "operations.py",
    "reading.py",
    "settings.py",
)
_TYPES = {
    Kind.BOOLEAN: "Boolean",
    Kind.BIGINT: "Bigint",
    Kind.DOUBLE: "Double",
    Kind.VARCHAR: "Varchar",
    Kind.DATE: "Date",
    Kind.TIMESTAMP: "Timestamp",
    Kind.NULL: "None",
}
_SCHEMAS = ("Exact", "bigints", "digits", "doubles", "options", "unsaid")
_MODELS = (
    *("Answer", "Answered", "Answers", "Entity", "Problem", "Question", "Questions", "Reply"),
    *("Request", "State", "Status", "Statuses", "Values", "Body", "Desk", "Asked", "Moment"),
    *("Annotated", "Any", "Field", "SkipValidation", "APIRouter", "Response", "StrictRoute"),
    *("MOST", "PROBLEMS", "WAIT", "EVENTS", "read", "router"),
    *_SCHEMAS,
    *_TYPES.values(),
)
_OF_PYDANTIC = (
    *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw"),
    *("schema", "schema_json", "update_forward_refs", "validate", "given"),
    *("model_computed_fields", "model_config", "model_construct", "model_copy", "model_dump"),
    *("model_dump_json", "model_extra", "model_fields", "model_fields_set", "model_json_schema"),
    *("model_parametrized_name", "model_post_init", "model_rebuild", "model_validate"),
    *("model_validate_json", "model_validate_strings"),
)
"""What every pydantic model has, so that no field of one is called so."""


_PIECE = 60
"""How much of a feature's definition stands on a line; escapes make it longer."""


@dataclass(frozen=True, slots=True)
class Model:
    """One pydantic model: its name, what it derives from, its docstring, its fields' lines."""

    name: str
    base: str
    doc: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ingested:
    """A source over HTTP, as the template says it; the names are code."""

    name: str
    path: str
    function: str
    model: str


def service_files(
    plan: Plan, answers: Sequence[Answered], served: Sequence[str], shared: str, own: str
) -> dict[str, str]:
    """Return the service's files, by path below the package.

    Args:
        plan: The package.
        answers: The answers and their types.
        served: The versions that have models for HTTP, this one included.
        shared: The first lines of the files that versions share.
        own: The first lines of this version's files.
    """
    spec = plan.spec
    *rows, entity, request = plan.checks
    sources = _ingested(rows)
    common = {
        "header": shared,
        "package": spec.package,
        "versions": [(quoted(version), version_folder(version)) for version in served],
        "folders": sorted(version_folder(version) for version in served),
        "title": quoted(spec.set.name),
        "description": quoted(spec.description),
    }
    made = {
        f"service/{name}": fill(f"service/{name.replace('__', '')}", **common) for name in _MODULES
    }
    models = [*_models(rows, sources, entity, request), *_replies(answers)]
    text = fill(
        "service/version.py",
        header=own,
        title=documented(f"{spec.set.name} {spec.version} over HTTP: what comes in and goes out."),
        models=models,
        words=_words(models),
        sources=sources,
        entity_needed=any(map(entity.needs, entity.fields)),
        request_needed=any(map(request.needs, request.fields)),
    )
    plain = {"header": f"# {shared.splitlines()[0].lstrip('# ')}", "package": spec.package}
    made["service/requirements.txt"] = fill("service/requirements.txt", **plain)
    made["service/Dockerfile"] = fill("service/Dockerfile", **plain, image=spec.package)
    return made | {f"service/{spec.folder}/__init__.py": laid_out(text)}


def service_test(plan: Plan, header: str) -> str:
    """Return this version's test of the service; ``header`` are its first lines."""
    *rows, entity, request = plan.checks
    text = fill(
        "test_service.py",
        header=header,
        package=plan.spec.package,
        version=quoted(plan.spec.version),
        entity=kinds(entity, entity.fields),
        request=kinds(request, request.fields),
        decimals=any(f.type.kind is Kind.DECIMAL for check in plan.checks for f in check.fields),
        events=[
            (source.path, source.name, kinds(check, check.fields))
            for source, check in zip(_ingested(rows), rows, strict=True)
        ],
    )
    return laid_out(text)


def _words(models: Iterable[Model]) -> list[str]:
    """Return what the models are made of, in the order of imports: classes before functions."""
    text = "\n".join(line for model in models for line in model.lines)
    used = {word for word in (*_TYPES.values(), *_SCHEMAS) if re.search(rf"\b{word}\b", text)}
    needed = {*used, "Body", "Moment", "Problem", "Reply", "StrictRoute", "Timestamp"} - {"None"}
    return sorted(needed, key=lambda word: (word.islower(), word))


def _ingested(rows: Iterable[Check]) -> list[Ingested]:
    functions, models = Names(("desk", "routes", "ingest", *_MODELS)), Names(_MODELS)
    paths: dict[str, int] = {}
    made: list[Ingested] = []
    for check in rows:
        plain = identifier(check.said)
        paths[plain] = paths.get(plain, 0) + 1
        path = plain if paths[plain] == 1 else f"{plain}_{paths[plain]}"
        function, model = functions.new(f"ingest_{plain}"), models.new(f"{camel(check.said)}Event")
        made.append(Ingested(quoted(check.said), quoted(f"/ingest/{path}"), function, model))
    return made


def _models(
    rows: Sequence[Check], sources: Sequence[Ingested], entity: Check, request: Check
) -> list[Model]:
    named = [
        (source.model, check, f"A row of {check.said}.")
        for source, check in zip(sources, rows, strict=True)
    ]
    named += [
        ("Entity", entity, "The keys that a question carries."),
        ("Request", request, "What else a question carries."),
    ]
    return [Model(name, "Body", documented(doc), _fields(check)) for name, check, doc in named]


def _fields(check: Check) -> tuple[str, ...]:
    names = Names((*_MODELS, *_OF_PYDANTIC))
    made: list[str] = []
    for field in (*check.fields, *check.optional):
        rules = check.refusals(field.name)
        nullable = not field.required and field.name != check.time
        kind = _type(field.type, nullable=nullable, rules=rules)
        if field.name in check.moments:
            kind = kind.replace("Timestamp", "Moment")
        more = [] if check.needs(field) else ["default_factory=unsaid,"]
        said = _description(", and ".join(map(allowed_text, rules)))
        made += _line(names, field.name, kind, [*more, *said])
    return tuple(made)


def _replies(answers: Sequence[Answered]) -> list[Model]:
    values, statuses = Names((*_MODELS, *_OF_PYDANTIC)), Names((*_MODELS, *_OF_PYDANTIC))
    said = [
        line
        for one in answers
        for line in _line(
            values, one.column, _type(one.type, nullable=one.nullable), _description(one.text)
        )
    ]
    why = [line for one in answers for line in _line(statuses, one.column, "Status")]
    return [
        Model("Values", "Reply", "The value of each feature.", tuple(said)),
        Model("Statuses", "Reply", "Why each value is what it is.", tuple(why)),
    ]


def _description(text: str) -> list[str]:
    """Return the argument that says ``text``, a piece of it on each line."""
    said = printable(text)
    pieces = wrap(said, _PIECE, drop_whitespace=False, break_on_hyphens=False)
    quotes = [quoted(piece) for piece in pieces]
    return [f"description={quotes[0]}", *quotes[1:]] if quotes else []


def _line(names: Names, name: str, kind: str, more: Sequence[str] = ()) -> list[str]:
    attribute = names.new(name)
    alias = [f"alias={quoted(name)},"] if attribute != name else []
    given = [*alias, *more]
    head = f"{attribute}: {kind}"
    if not given:
        return [head]
    short = f"{head} = Field({' '.join(given)})".replace(",)", ")")
    if len([part for part in more if not part.endswith(",")]) <= 1 and len(short) + 4 <= WIDTH:
        return [short]
    return [f"{head} = Field(", *(f"    {line}" for line in given), ")"]


def _type(kind: DataType, *, nullable: bool, rules: Sequence[Rule] = ()) -> str:
    if kind.element is not None:
        bare = f"list[{_type(kind.element, nullable=False)}]"
    elif kind.kind is Kind.DECIMAL:
        bare = f"Annotated[Exact, digits({kind.precision}, {kind.scale})]"
    elif schema := _allowed(kind.kind, rules):
        bare = f"Annotated[{_TYPES[kind.kind]}, {schema}]"
    else:
        bare = _TYPES[kind.kind]
    return f"{bare} | None" if nullable and bare != "None" else bare


def _allowed(kind: Kind, rules: Sequence[Rule]) -> str:
    """Return the schema of what ``rules`` allow; nothing where JSON schema has no word for it."""
    for rule in rules:
        if rule.options and kind in {Kind.VARCHAR, Kind.BIGINT}:
            both = [v for v in rule.options if all(allows(other, v) for other in rules)]
            return f"options({', '.join(spelled(literal(value)) for value in both)})"
    if not rules or kind not in {Kind.BIGINT, Kind.DOUBLE}:
        return ""
    lows = [rule.low for rule in rules if rule.low is not None]
    highs = [rule.high for rule in rules if rule.high is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    return f"{kind.value.lower()}s({spelled(literal(low))}, {spelled(literal(high))})"
