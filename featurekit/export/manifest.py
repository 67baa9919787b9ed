"""The manifest: what a package was made from, and what each generated file was when it was made.

It is the package's memory. Reviewers read who owns which feature, from which columns it comes and
what it means exactly; the next export and ``check-export`` read from it which files are generated
and whether somebody changed them since. Pure: facts in, text out, the same text for the same facts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from featurekit.catalog.records import CODEC
from featurekit.catalog.state import PublishedSet, PublishedView
from featurekit.catalog.versions import feature_hash
from featurekit.errors.export import DamagedManifest, NewerManifest
from featurekit.ir.definitions import Source, Vocabulary
from featurekit.ir.nodes import InVocabulary, walk
from featurekit.ir.semantics import lineage, semantics
from featurekit.ir.view import View

FORMAT = 1
LAYOUT = 2
"""What a version's folder asks of the files beside it; one of an earlier layout is made anew."""
NAME = "manifest.json"
_PLACE = re.compile(rf"(?:[^/]+/)+v\d+_\d+/{re.escape(NAME)}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was read back from a package.

    Attributes:
        facts: Everything, as JSON values.
        files: Path below the receiving folder to the content's hash, for each generated file.
        sealed: Whether the text is as it was written.
    """

    facts: Mapping[str, Any]
    files: Mapping[str, str]
    sealed: bool


def content_hash(content: str | bytes) -> str:
    """Return what identifies a file's content, however git spells its line ends on this machine."""
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


def manifest_facts(
    made: PublishedSet, views: Iterable[PublishedView], *, package: str, toolkit: str
) -> dict[str, Any]:
    """Return what the package ``package`` is made from.

    Args:
        made: The feature set.
        views: Every view it needs, used ones too.
        package: The package's name.
        toolkit: The version of featurekit.
    """
    by_reference = {view.reference: view for view in views}
    return {
        "format": FORMAT,
        "layout": LAYOUT,
        "package": package,
        "toolkit": {"featurekit": toolkit},
        "set": {
            "name": made.name,
            "version": made.version,
            "meaning": made.meaning,
            **_said(made),
        },
        "features": _features(made, by_reference),
        "views": {reference: _view(view) for reference, view in by_reference.items()},
        "sources": {
            source.name: CODEC.encode(source)
            for view in by_reference.values()
            for source in _sources(view.view)
        },
        "vocabularies": {
            vocabulary.name: CODEC.encode(vocabulary)
            for view in by_reference.values()
            for vocabulary in _vocabularies(view.view)
        },
    }


def manifest_text(facts: Mapping[str, Any], files: Mapping[str, str] | None = None) -> str:
    """Return the manifest's text; with ``files`` (path to text) it remembers them and is sealed."""
    if files is None:
        return _text(facts)
    hashes = {path: content_hash(text) for path, text in files.items()}
    remembered = {key: value for key, value in facts.items() if key != "seal"}
    remembered["generated"] = hashes
    return _text({**remembered, "seal": _seal(remembered)})


def sealed(files: Mapping[str, str], owned: Callable[[str], bool]) -> dict[str, str]:
    """Return a rendered package whose manifest remembers every file that ``owned`` does not name.

    Raises:
        DamagedManifest: FK431, when what was rendered as a manifest is not one.
    """
    remembered = {p: t for p, t in files.items() if not is_manifest(p) and not owned(p)}
    folders = {PurePosixPath(path).parent.name: path for path in files if is_manifest(path)}
    done = dict(files)
    for path in folders.values():
        others = {f"/{name}/" for name, other in folders.items() if other != path}
        mine = {p: t for p, t in remembered.items() if not any(other in p for other in others)}
        done[path] = manifest_text(_facts(files[path], path), mine)
        read_manifest(done[path], path)
    return done


def read_manifest(text: str | bytes, path: str) -> Manifest:
    """Return the manifest that ``text``, found at ``path``, holds.

    Raises:
        DamagedManifest: FK431.
        NewerManifest: FK432.
    """
    facts = _facts(text, path)
    form = facts.get("format")
    if type(form) is int and form > FORMAT:
        raise NewerManifest(path, str(form), FORMAT)
    files, made = facts.get("generated"), facts.get("set")
    hashes = isinstance(files, dict) and all(isinstance(h, str) for h in files.values())
    named = isinstance(made, dict) and all(
        isinstance(made.get(part), str) for part in ("name", "version", "meaning")
    )
    if type(form) is not int or not hashes or not named:
        raise DamagedManifest(path, "it is not a manifest")
    unsealed = {key: value for key, value in facts.items() if key != "seal"}
    return Manifest(facts, files or {}, sealed=facts.get("seal") == _seal(unsealed))


def _facts(text: str | bytes, path: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedManifest(path, "it is not JSON") from None
    if not isinstance(facts, dict):
        raise DamagedManifest(path, "it is not a manifest")
    return facts


def is_manifest(path: str) -> bool:
    """Whether a version's manifest lies at ``path``: ``churn_features/v1_0/manifest.json``."""
    return _PLACE.fullmatch(path) is not None


def _seal(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(facts).encode()).hexdigest()


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, indent=2, ensure_ascii=True) + "\n"


def _said(of: PublishedSet | PublishedView) -> dict[str, Any]:
    about = of.metadata
    return {
        "owner": about.owner,
        "description": about.description,
        "tags": sorted(set(about.tags)),
        "published_at": of.at,
    }


def _view(published: PublishedView) -> dict[str, Any]:
    return {
        "name": published.name,
        "version": published.version,
        "meaning": published.meaning,
        **_said(published),
        "header": {key: CODEC.encode(value) for key, value in published.header.items()},
        "text": published.text,
        "definition": CODEC.encode(published.view),
        "semantics": [list(pair) for pair in semantics(published.view)],
    }


def _features(
    made: PublishedSet, views: Mapping[str, PublishedView]
) -> list[dict[str, str | list[str]]]:
    lines: list[dict[str, str | list[str]]] = []
    for member in made.set.members:
        view = views[member.reference].view
        for name in member.features:
            feature = view.feature(name)
            if feature is None:
                continue
            lines.append(
                {
                    "column": f"{member.view}__{name}",
                    "view": member.reference,
                    "feature": name,
                    "type": str(feature.expression.type),
                    "meaning": feature_hash(view, feature),
                    "reads": sorted(_origins(views, member.reference, name)),
                }
            )
    return lines


def _origins(views: Mapping[str, PublishedView], reference: str, feature: str) -> set[str]:
    """Return the source columns that a feature comes from, through the views it uses."""
    found: set[str] = set()
    for column in dict(lineage(views[reference].view)).get(feature, ()):
        relation, _, name = column.rpartition(".")
        found |= _origins(views, relation, name) if relation in views else {column}
    return found


def _sources(view: View) -> tuple[Source, ...]:
    return (*view.stored, *view.requests)


def _vocabularies(view: View) -> tuple[Vocabulary, ...]:
    roots = [feature.expression for feature in view.features]
    roots += [view.where] if view.where else []
    return tuple(
        node.vocabulary for root in roots for node in walk(root) if isinstance(node, InVocabulary)
    )
