"""What a package is rendered from: definitions and the texts that go with them, no disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from featurekit.ir.definitions import FeatureSet
from featurekit.ir.view import View


@dataclass(frozen=True, slots=True)
class Described:
    """A view, and what is said about it besides its meaning.

    Attributes:
        view: Its meaning.
        owner: Who answers for it.
        description: One sentence.
        texts: The canonical text of each feature.
    """

    view: View
    owner: str = ""
    description: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the changelog: a version of the set, and what it brought, line by line."""

    version: str
    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageSpec:
    """Everything that a package says.

    Attributes:
        set: The feature set; its members are pinned views.
        version: Its version, ``1.0``.
        hash: The hash of its meaning.
        views: Reference (``view@1.0``) to view: the members and all they use.
        toolkit: The version of the toolkit that renders.
        owner: Who answers for the set.
        description: One sentence about the set.
        manifest: A JSON object; the hashes of the version's files are added as ``files``.
        vectors: JSON lines for the parity test.
        versions: Every version that lies side by side in the package, this one included.
        active: The version that is switched on; None: this one.
        changes: The changelog, newest first.
        loggable: Of each source by name, the columns that may be logged as they are.
        service: Whether the features are offered over HTTP, too.
        served: The versions beside this one that are.
    """

    set: FeatureSet
    version: str
    hash: str
    views: Mapping[str, Described]
    toolkit: str
    owner: str
    description: str = ""
    manifest: str = "{}"
    vectors: str = ""
    versions: tuple[str, ...] = ()
    active: str | None = None
    changes: tuple[Change, ...] = ()
    loggable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    service: bool = False
    served: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The name of the Python package."""
        return f"{self.set.name}_features"

    @property
    def folder(self) -> str:
        """The version's folder."""
        return version_folder(self.version)


def version_folder(version: str) -> str:
    """Return ``v1_0`` for ``1.0``."""
    return "v" + version.replace(".", "_")
