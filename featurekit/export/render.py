"""A package as ``{path: text}``: pure, without a disk, the same bytes for the same definitions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from featurekit.backends.plan import Wanted, ordered
from featurekit.backends.python_layout import laid_out
from featurekit.backends.python_module import Module
from featurekit.backends.python_operators import copied, import_lines
from featurekit.backends.python_sources import Definition, Imported
from featurekit.backends.python_syntax import Names, documented, printable, quoted
from featurekit.backends.python_windows import row_type
from featurekit.backends.to_python import Asked, ViewCode, view_code
from featurekit.errors import ExportError
from featurekit.export import python_version as versions
from featurekit.export.package import Described, PackageSpec, version_folder
from featurekit.export.python_contract import (
    Check,
    contract_code,
    contract_kinds,
    row_check,
    united,
)
from featurekit.export.templates import fill
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import View, request_columns
from featurekit.ir.windows import UNITS

_WINDOWS = "featurekit.ir.windows"


class BadPackageName(ExportError):
    """A set's name or version cannot be a folder."""

    code = "FK481"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot name a package",
            why="it becomes a folder and a Python module",
            fix="use lower-case letters, digits and underscores, a letter first; versions like 1.0",
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is rendered, worked out once."""

    spec: PackageSpec
    wanted: tuple[Wanted, ...]
    order: tuple[str, ...]
    views: Mapping[str, View]
    functions: Mapping[str, str]

    @property
    def streams(self) -> tuple[versions.StreamSpec, ...]:
        return versions.streams(self.views.values())

    @property
    def entity_fields(self) -> tuple[Field, ...]:
        entities = {e.name: e for view in self.views.values() for e in view.entities}
        return united(field for name in sorted(entities) for field in entities[name].keys)

    @property
    def request_check(self) -> Check:
        """What questions carry: the columns that are read; others that are declared may come."""
        sources = {s.name: s for view in self.views.values() for s in _requests(view)}
        read = {(c.relation, c.name) for v in self.views.values() for c in _columns_read(v)}
        declared = united(f for name in sorted(sources) for f in sources[name].fields)
        needed = {f.name for name, s in sources.items() for f in s.fields if (name, f.name) in read}
        fields = tuple(f for f in declared if f.name in needed)
        return Check("request", "Request", "request", fields, declared)


def _requests(view: View) -> tuple[Source, ...]:
    own = (view.source,) if view.source and view.source.kind is SourceKind.REQUEST else ()
    return (*own, *view.requests)


def _columns_read(view: View) -> tuple[Column, ...]:
    own = tuple(
        node
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Column) and view.source and node.relation == view.source.name
    )
    return (*own, *request_columns(view))


def render(spec: PackageSpec) -> dict[str, str]:
    """Return every file of the package, path to text, sorted by path.

    Raises:
        BadPackageName: FK481.
        ConflictingFields: FK480, two inputs of one name and different types.
    """
    for name, pattern in ((spec.set.name, r"[a-z][a-z0-9_]*"), (spec.version, r"\d+\.\d+")):
        if not re.fullmatch(pattern, name, re.ASCII):
            raise BadPackageName(name)
    plan = _plan(spec)
    mine = {**_version_files(plan), **_test_files(plan)}
    shared = _shared_files(plan)
    mine[f"{spec.package}/{spec.folder}/manifest.json"] = _manifest(spec.manifest, mine)
    shared[f"{spec.package}/manifest.json"] = _manifest("{}", shared)
    active = {"active": spec.active or spec.version, "log_sample": 0.0, "shadow": None}
    shared[f"{spec.package}/active.json"] = _json(active)
    return dict(sorted({**mine, **shared}.items()))


def _plan(spec: PackageSpec) -> _Plan:
    views = {reference: described.view for reference, described in spec.views.items()}
    wanted = tuple(
        Wanted(member.reference, member.view, feature, f"{member.view}__{feature}")
        for member in spec.set.members
        for feature in member.features
    )
    order = ordered(views)
    needed = {(one.reference, one.feature) for one in wanted}
    kept: dict[str, View] = {}
    for reference in reversed(order):
        view = views[reference]
        features = tuple(f for f in view.features if (reference, f.name) in needed)
        if features:
            kept[reference] = replace(view, features=features)
            nodes = (node for f in features for node in walk(f.expression))
            needed |= {(n.relation, n.name) for n in nodes if isinstance(n, Column)}
    order = tuple(reference for reference in order if reference in kept)
    return _Plan(spec, wanted, order, kept, _function_names(spec, order, views))


def _function_names(
    spec: PackageSpec, order: Sequence[str], views: Mapping[str, View]
) -> dict[str, str]:
    """Members keep their view's name; another version of it, used below, says its version."""
    members = {member.reference for member in spec.set.members}
    names = Names(_TAKEN)
    found = {ref: names.new(views[ref].name) for ref in order if ref in members}
    for reference in order:
        if reference not in found:
            found[reference] = names.new(views[reference].name)
    return found


_TAKEN = (
    *("store", "entity", "request", "as_of", "moment", "who", "asked", "values", "status"),
    *("present", "statuses", "views", "contract", "operators", "windows", "explained"),
)


# --- the version's own files


def _version_files(plan: _Plan) -> dict[str, str]:
    base = f"{plan.spec.package}/{plan.spec.folder}"
    module = Module()
    codes = _codes(module, plan)
    views = _views_text(plan, module, [codes[reference].text for reference in plan.order])
    made = {"views.py": views, "contract.py": _contract(plan)}
    if module.operators:
        made["operators.py"] = _operators(plan, module)
    if "windows." in views:
        made["windows.py"] = _windows(plan, views)
    made["__init__.py"] = _version(plan, codes)
    return {f"{base}/{name}": text for name, text in made.items()}


def _codes(module: Module, plan: _Plan) -> dict[str, ViewCode]:
    codes: dict[str, ViewCode] = {}
    for reference in plan.order:
        described = plan.spec.views[reference]
        view = plan.views[reference]
        used = {name: codes[name] for name in view.uses if name in codes}
        texts, said = described.texts, described.description
        asked = Asked(view, plan.functions[reference], said, texts, used)
        codes[reference] = view_code(module, asked)
    return codes


def _header(spec: PackageSpec) -> str:
    made = f"Generated by featurekit {spec.toolkit} from {spec.set.name}@{spec.version} {spec.hash}"
    return f"# {printable(made)}; do not edit"


def _shared_header(spec: PackageSpec) -> str:
    return (
        f"# {printable(f'Generated by featurekit {spec.toolkit} for {spec.set.name}')}; do not edit"
    )


def _views_text(plan: _Plan, module: Module, texts: Sequence[str]) -> str:
    spec = plan.spec
    body = "\n\n\n".join(texts)
    constants = "\n".join(module.constants.values())
    whole = f"{constants}\n\n\n{body}" if constants else body
    rows = {row_type(stream.source) for stream in plan.streams}
    return _assembled(
        [_header(spec), f'"""{documented(_views_title(spec))}"""'], whole, module.imports, rows
    )


def _views_title(spec: PackageSpec) -> str:
    return f"The features of {spec.set.name}: pure functions, without a store and without a clock."


def _assembled(
    opening: Sequence[str], body: str, imports: set[Imported], row_types: set[str]
) -> str:
    """Put above ``body`` the imports that it needs."""
    needed = set(imports)
    for word, one in _BY_WORD.items():
        if re.search(rf"\b{word}\b", body):
            needed.add(one)
    parents = [w for w in ("Status", "gravest") if re.search(rf"\b{w}\b", body)]
    siblings = [w for w in ("operators", "windows") if f"{w}." in body]
    kinds = sorted(w for w in {"Request", *row_types} if re.search(rf"\b{w}\b", body))
    relative = [f"from ..answers import {', '.join(parents)}"] if parents else []
    relative += [f"from . import {', '.join(siblings)}"] if siblings else []
    relative += [f"from .contract import {', '.join(kinds)}"] if kinds else []
    head = "\n".join([*opening, "", "from __future__ import annotations", "", import_lines(needed)])
    gap = "\n\n" if body.startswith("_") else "\n\n\n"
    return head + "\n\n" + "\n".join(relative) + gap + body + "\n"


_BY_WORD = {
    "Decimal": Imported("decimal", "Decimal", "Decimal"),
    "Mapping": Imported("collections.abc", "Mapping", "Mapping"),
    "Sequence": Imported("collections.abc", "Sequence", "Sequence"),
    "TypedDict": Imported("typing", "TypedDict", "TypedDict"),
    "itemgetter": Imported("operator", "itemgetter", "itemgetter"),
}


def _operators(plan: _Plan, module: Module) -> str:
    copies = copied(module.operators)
    opening = [_header(plan.spec), '"""What the features are made of: each body is the meaning."""']
    imports = import_lines(copies.imports)
    gap = "\n\n" if not copies.text.startswith(("def ", "class ")) else "\n\n\n"
    head = "\n".join([*opening, "", "from __future__ import annotations"])
    return head + (f"\n\n{imports}" if imports else "") + gap + copies.text + "\n"


def _windows(plan: _Plan, views: str) -> str:
    used = set(re.findall(r"\bwindows\.(\w+)", views))
    roots = {Definition(_WINDOWS, "to_micros")} if used & _NEED_MICROS else set()
    roots |= {Definition(_WINDOWS, "unit_start")} if "unit_start" in used else set()
    roots |= (
        {Definition(_WINDOWS, n) for n in ("EPOCH", "MICROSECOND")} if used & _NEED_EPOCH else set()
    )
    copies = copied(roots)
    imports = {*copies.imports, Imported("datetime", None, "dt")}
    if used & {"before", "between", "known", "latest"}:
        imports |= {Imported("collections.abc", n, n) for n in ("Callable", "Sequence")}
        imports.add(Imported("typing", "TypeVar", "TypeVar"))
    if used & {"before", "between"}:
        imports.add(Imported("bisect", "bisect_left", "bisect_left"))
    units = [(name, UNITS[letter]) for name, letter in _UNIT_NAMES]
    return fill(
        "windows.py",
        header=_header(plan.spec),
        imports=import_lines(imports),
        definitions=copies.text,
        used=used,
        units=units,
    )


_NEED_MICROS = {"to_micros", "earlier"}
_NEED_EPOCH = {"earlier", "between", "latest"}
_UNIT_NAMES = (("SECOND", "s"), ("MINUTE", "m"), ("HOUR", "h"), ("DAY", "d"))


def _checks(plan: _Plan) -> tuple[Check, ...]:
    sources = {stream.source.name: stream.source for stream in plan.streams}
    entity = plan.entity_fields
    return (
        *(row_check(sources[name]) for name in sorted(sources)),
        Check("entity", "Entity", "entity", entity, entity),
        plan.request_check,
    )


def _contract(plan: _Plan) -> str:
    checks = _checks(plan)
    kinds = contract_kinds(checks)
    imports = {Imported("datetime", None, "dt")}
    imports |= {Imported("collections.abc", "Mapping", "Mapping")}
    imports.add(Imported("typing", "TypedDict", "TypedDict"))
    if plan.streams:
        imports.add(Imported("typing", "Any", "Any"))
    if "DECIMAL" in kinds:
        words = ("Clamped", "Context", "Decimal", "Inexact", "InvalidOperation", "Overflow")
        imports |= {Imported("decimal", word, word) for word in words}
    return fill(
        "contract.py",
        header=_header(plan.spec),
        imports=import_lines(imports),
        kinds=kinds,
        code=laid_out(contract_code(checks)),
        ordered=bool(plan.streams),
    )


def _version(plan: _Plan, codes: Mapping[str, ViewCode]) -> str:
    spec, streams = plan.spec, plan.streams
    given = (plan.order, plan.views, codes, streams)
    imports = {Imported("datetime", None, "dt"), Imported("collections.abc", "Mapping", "Mapping")}
    if streams:
        imports.add(Imported("collections.abc", "Sequence", "Sequence"))
        imports.add(Imported("typing", "Any", "Any"))
    stored = ["Entry", "Key", *(["Retention"] if streams else []), "Store", "Stream"]
    relative = [
        "from ..answers import Answer, ByFeature, Status, explained, short_names",
        "from ..errors import ContractError",
        f"from ..store import {', '.join(stored)}",
        "from . import contract, views",
        *(["from .contract import order_key"] if streams else []),
    ]
    names = sorted({stream.source.name for stream in streams})
    text = fill(
        "version.py",
        header=_header(spec),
        title=documented(f"{spec.set.name} {spec.version}: its streams, and how it answers."),
        imports=import_lines(imports),
        relative="\n".join(relative),
        set_name=quoted(spec.set.name),
        version=quoted(spec.version),
        hash=quoted(spec.hash),
        streams=streams,
        quoted=quoted,
        sources=f"({', '.join(quoted(n) for n in names)},)" if names else "()",
        columns=[quoted(one.column) for one in plan.wanted],
        entries=versions.entries_code(streams),
        entity_fields=bool(streams),
        histories=versions.history_lines(streams),
        calls=versions.view_lines(*given),
        values=versions.answer_entries(plan.wanted, codes, status=False),
        reasons=versions.reason_lines(*given),
        statuses=versions.answer_entries(plan.wanted, codes, status=True),
    )
    return laid_out(text)


# --- what all versions share, and the tests


def _shared_files(plan: _Plan) -> dict[str, str]:
    spec = plan.spec
    every = sorted({*spec.versions, spec.version}, key=lambda v: [int(n) for n in v.split(".")])
    header = _shared_header(spec)
    made = {
        "__init__.py": fill(
            "package.py",
            header=header,
            title=documented(f"The features of {spec.set.name}, as they are served."),
            folders=sorted(version_folder(version) for version in every),
            versions=[(quoted(version), version_folder(version)) for version in every],
        ),
        "py.typed": "",
    }
    for name in ("answers.py", "errors.py", "store.py"):
        made[name] = fill(name, header=header)
    return {f"{spec.package}/{name}": text for name, text in made.items()}


def _test_files(plan: _Plan) -> dict[str, str]:
    return {}


def _manifest(given: str, files: Mapping[str, str]) -> str:
    """Return the manifest with the hash of each file added, by its path in the repository."""
    hashes = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()}
    return _json({**json.loads(given), "files": hashes})


def _json(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


def view_module(view: View, texts: Mapping[str, str] | None = None) -> str:
    """Return the source of one view's function as a package would contain it, for reading."""
    module = Module()
    code = view_code(module, Asked(view, Names(_TAKEN).new(view.name), texts=texts or {}))
    constants = "\n".join(module.constants.values())
    whole = f"{constants}\n\n\n{code.text}" if constants else code.text
    kinds = {row_type(view.source)} if view.source is not None else set()
    return _assembled(
        [f'"""{documented(view.name)}, as it is served."""'], whole, module.imports, kinds
    )


__all__ = ["Described", "PackageSpec", "render", "view_module"]
