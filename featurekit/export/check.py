"""Is an exported package still what was exported, all of it, and still current?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.versions import version_key
from featurekit.errors.catalog import UnknownVersion
from featurekit.errors.export import NotAPackage, checkout
from featurekit.export.journal import FOLDER, file_hash, pending, reported
from featurekit.export.manifest import NAME, Manifest, is_manifest
from featurekit.export.repository import manifests

ACTIVE = "active.json"
_SETTINGS = {"active", "shadow", "log_sample"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold.

    Attributes:
        problem: ``edited``, ``missing``, ``incomplete``, ``stale`` or ``active``.
        path: Below the receiving folder.
        text: One sentence.
        fix: What to do.
    """

    problem: str
    path: str
    text: str
    fix: str


def check_export(path: Path, catalog: Catalog | None = None) -> dict[str, Any]:
    """Return what holds and what does not of the packages at ``path``.

    Args:
        path: A receiving folder, a package in it, or a version's folder.
        catalog: To say whether the packages are current; None: that is not asked.

    Returns:
        ``held``; ``packages`` (name, set, versions, active); ``files``: how many were compared;
        ``problems``: see ``Problem``; ``notes``, of the same shape, for what is the receiver's to
        decide: ``inactive``, a newer version lies here than the one that answers.

    Raises:
        NotAPackage: FK430.
        DamagedManifest: FK431.
        NewerManifest: FK432.
    """
    with reported(path, begun=False):
        root, names = _found(path)
        problems: list[Problem] = []
        notes: list[Problem] = []
        packages: list[dict[str, Any]] = []
        compared = 0
        if pending(root):
            problems.append(
                Problem("incomplete", FOLDER, "an export was interrupted here", "export again")
            )
        for name in names:
            held = manifests(root, (name,))
            files, wrong = _files(root, held)
            compared += files
            active, inactive = _active(root, name, held)
            problems += [*wrong, *_without_manifest(root, name), *inactive]
            problems += _stale(root, held, catalog) if catalog else []
            packages.append(_package(name, held, active))
            notes += _inactive(name, _versions(held), active)
    return {
        "path": str(root),
        "held": not problems,
        "packages": packages,
        "files": compared,
        "problems": [asdict(problem) for problem in problems],
        "notes": [asdict(note) for note in notes],
    }


def _found(path: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the receiving folder and the names of the packages in question."""
    if not path.is_dir():
        raise NotAPackage(str(path))
    place = path.resolve()
    if is_manifest(f"{place.parent.name}/{place.name}/{NAME}") and (place / NAME).is_file():
        return place.parent.parent, (place.parent.name,)
    for root, pattern in ((place.parent, f"v*/{NAME}"), (place, f"*/v*/{NAME}")):
        found = [f for f in place.glob(pattern) if is_manifest(f.relative_to(root).as_posix())]
        if found:
            return root, tuple(sorted({file.parent.parent.name for file in found}))
    raise NotAPackage(str(path))


def _files(root: Path, held: Mapping[str, Manifest]) -> tuple[int, list[Problem]]:
    known: dict[str, set[str]] = {}
    problems: list[Problem] = []
    for path, manifest in held.items():
        if not manifest.sealed:
            problems.append(_edited(root, path))
        for file, written in manifest.files.items():
            known.setdefault(file, set()).add(written)
    for file in sorted(known):
        now = file_hash(root / file) if _inside(file) else None
        if now is None:
            text = f"{file} was generated and is not there"
            problems.append(Problem("missing", file, text, checkout(str(root), [file])))
        elif now not in known[file]:
            problems.append(_edited(root, file))
    return len(known), problems


def _inside(file: str) -> bool:
    path = PurePosixPath(file)
    return not path.is_absolute() and ".." not in path.parts


def _edited(root: Path, path: str) -> Problem:
    fix = f"put the change into the definition, then {checkout(str(root), [path])}"
    return Problem("edited", path, f"{path} was edited by hand", fix)


def _without_manifest(root: Path, name: str) -> Iterator[Problem]:
    for folder in sorted((root / name).glob("v[0-9]*")):
        if folder.is_dir() and any(folder.glob("*.py")) and not (folder / NAME).is_file():
            path = folder.relative_to(root).as_posix()
            text = f"{path} has no {NAME}"
            yield Problem("incomplete", path, text, f"remove {path} and export that version again")


def _active(
    root: Path, name: str, held: Mapping[str, Manifest]
) -> tuple[str | None, list[Problem]]:
    path = f"{name}/{ACTIVE}"
    versions = _versions(held)
    fix = f'write: {{"active": "{versions[-1]}"}}'
    try:
        active = named_active(root, name)
    except FileNotFoundError:
        return None, [Problem("missing", path, f"{path} is not there", fix)]
    except (ValueError, RecursionError):
        return None, [Problem("active", path, f"{path} is not JSON", fix)]
    if active not in versions:
        text = f"{path} names {active!r}; the package holds {', '.join(versions)}"
        return None, [Problem("active", path, text, fix)]
    settings = json.loads((root / path).read_bytes())
    return str(active), [
        Problem(
            "active",
            path,
            f"{path}: {text}",
            "correct it; a running package keeps the settings it had",
        )
        for text in _wrong_settings(settings, versions)
    ]


def _wrong_settings(said: Mapping[str, Any], versions: list[str]) -> Iterator[str]:
    """Return what the package would refuse of its settings, besides the version that answers."""
    shadow, share = said.get("shadow"), said.get("log_sample", 0.0)
    for name in sorted(set(said) - _SETTINGS):
        yield f"there is no setting {name!r}; there are {', '.join(sorted(_SETTINGS))}"
    if shadow is not None and shadow not in versions:
        yield f"the shadow is {shadow!r}; the package holds {', '.join(versions)}"
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        yield "log_sample must be a number from 0 to 1"


def named_active(root: Path, name: str) -> object:
    """Return what the package ``name`` in ``root`` calls its active version, whatever that is.

    Raises:
        FileNotFoundError: it says nothing.
        ValueError: what it says is not JSON.
        RecursionError: likewise.
    """
    said = json.loads((root / name / ACTIVE).read_bytes())
    return said.get("active") if isinstance(said, dict) else None


def activation(name: str, version: str) -> str:
    """Return what to do so that ``version`` of the package ``name`` answers."""
    return f"python -m {name} activate {version}"


def _inactive(name: str, versions: list[str], active: str | None) -> Iterator[Problem]:
    """Return that a version which is newer than the active one answers nothing yet."""
    if active is not None and active != versions[-1]:
        text = f"{name} holds {versions[-1]}, and {active} answers"
        fix = activation(name, versions[-1])
        yield Problem("inactive", f"{name}/{ACTIVE}", text, fix)


def _stale(root: Path, held: Mapping[str, Manifest], catalog: Catalog) -> Iterator[Problem]:
    newest: dict[str, str] = {}
    for path, manifest in held.items():
        made = manifest.facts["set"]
        name, version = made["name"], made["version"]
        newest[name] = max(newest.get(name, version), version, key=_order)
        try:
            known = catalog.find_set(f"{name}@{version}")
        except UnknownVersion:
            known = None
        if known is None or known.meaning != made["meaning"]:
            text = f"{name}@{version} is not what the catalog holds under that name"
            fix = "check it with the catalog it was exported from: --catalog"
            yield Problem("stale", path, text, fix)
        elif known.deprecated is not None:
            text = f"{name}@{version} is deprecated: {known.deprecated}"
            yield Problem("stale", path, text, _export(root, name))
    for name, version in newest.items():
        current = catalog.find_set(name)
        if current and _order(current.version) > _order(version):
            text = f"the catalog's {name} is {current.version}, the package's {version}"
            yield Problem("stale", name, text, _export(root, name))


def _export(root: Path, name: str) -> str:
    return f"featurekit export {name} --to {root} --target python"


def _package(name: str, held: Mapping[str, Manifest], active: str | None) -> dict[str, Any]:
    return {
        "package": name,
        "set": sorted({manifest.facts["set"]["name"] for manifest in held.values()}),
        "versions": _versions(held),
        "active": active,
    }


def _versions(held: Mapping[str, Manifest]) -> list[str]:
    return sorted((_version(manifest) for manifest in held.values()), key=_order)


def _version(manifest: Manifest) -> str:
    version: str = manifest.facts["set"]["version"]
    return version


def _order(version: str) -> tuple[int, int]:
    try:
        return version_key(version)
    except ValueError:
        return (0, 0)
