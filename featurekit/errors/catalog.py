"""FK3xx: names, versions, owners and the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurekit.errors.base import FeatureError, listed, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable


class CatalogError(FeatureError):
    """The root of FK3xx."""

    code = "FK300"


# --- names, versions, owners


class InvalidName(CatalogError):
    """A name that cannot be a column, a file and an identifier at once."""

    code = "FK301"

    def __init__(self, kind: str, name: str, reason: str) -> None:
        super().__init__(
            f"{name!r} cannot be the name of {_an(kind)}",
            why=reason,
            fix="use letters, digits and _, starting with a letter, 63 at most: customer_spend",
        )


class NameTaken(CatalogError):
    """A name that already means something else."""

    code = "FK302"

    def __init__(self, kind: str, name: str, taken_by: str) -> None:
        super().__init__(
            f"{name!r} cannot be the name of {_an(kind)}: it is taken by {taken_by}",
            why="a view or a feature set is found by its name alone, upper and lower case alike",
            fix=f"choose another name, such as {name.lower()}_2",
        )


class UnknownName(CatalogError):
    """A name that the catalog does not hold."""

    code = "FK303"

    def __init__(
        self, kind: str, name: str, known: Iterable[str], drafts: Iterable[str] = ()
    ) -> None:
        names = sorted(known)
        if name in set(drafts):
            super().__init__(
                f"{name!r} is a draft: the catalog has no published {kind} of that name",
                why="a draft may change at any moment; what a feature set pins may not",
                fix=f"%feature publish {name}",
            )
            return
        super().__init__(
            f"the catalog has no {kind} {name!r}{nearest(name, names)}",
            fix=f"known: {listed(names)}",
        )


class UnknownVersion(CatalogError):
    """A version that was never published."""

    code = "FK304"

    def __init__(self, name: str, version: str, known: Iterable[str]) -> None:
        super().__init__(
            f"{name!r} has no version {version}", fix=f"published versions: {listed(known)}"
        )


class InvalidReference(CatalogError):
    """A reference that is not ``name``, ``name@1`` or ``name@1.2``."""

    code = "FK305"

    def __init__(self, reference: str, wanted: str = "name, name@1 or name@1.2") -> None:
        super().__init__(
            f"{reference!r} does not name a version",
            why=f"a reference has the form {wanted}",
            fix="customer_spend@1 (the newest 1.x) or customer_spend@1.0 (exactly this one)",
        )


class MissingOwner(CatalogError):
    """A definition that nobody answers for."""

    code = "FK306"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"{kind} {name!r} has no owner",
            why="somebody answers for every published definition when its values look wrong",
            fix="add --owner team@example.com",
        )


class UsesDraft(CatalogError):
    """A published definition that would depend on drafts; ``still`` are those not published yet."""

    code = "FK307"

    def __init__(self, name: str, drafts: Iterable[str], still: Iterable[str]) -> None:
        steps = [f"%feature publish {one}, " for one in sorted(still)]
        super().__init__(
            f"{name!r} was written over drafts: {listed(sorted(drafts))}",
            why="a draft may change at any moment; what is published may not",
            fix=f"{''.join(steps)}{'then ' if steps else ''}run the cell of {name} again",
        )


class NothingEarlier(CatalogError):
    """A roll-back with nowhere to go."""

    code = "FK308"

    def __init__(self, name: str, current: str) -> None:
        super().__init__(
            f"{name!r} has no version before {current} to go back to",
            fix=f"%feature history {name} lists what there is",
        )


class NothingToPublish(CatalogError):
    """A publish of a name without a draft."""

    code = "FK309"

    def __init__(self, name: str, drafts: Iterable[str]) -> None:
        names = sorted(drafts)
        super().__init__(
            f"there is no draft of {name!r}{nearest(name, names)}",
            fix=f"run its %%feature cell first; drafts: {listed(names)}",
        )


class InvalidSet(CatalogError):
    """A feature set that cannot be a table of features."""

    code = "FK310"

    def __init__(self, name: str, problem: str, fix: str) -> None:
        super().__init__(f"feature set {name!r}: {problem}", fix=fix)


class InvalidTime(CatalogError):
    """A time of writing that is not an instant."""

    code = "FK311"

    def __init__(self, at: str) -> None:
        super().__init__(
            f"{at!r} is not an ISO 8601 time with an offset", fix="2026-01-31T12:00:00+00:00"
        )


class NotStorable(CatalogError):
    """A value that a record cannot hold."""

    code = "FK312"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the catalog cannot hold {what}",
            why="records are data: definitions, texts and numbers, nothing that runs",
            fix="report this with the cell: what a cell means can always be kept",
        )


# --- the store


class StoreUnavailable(CatalogError):
    """The operating system refused to read or write the catalog."""

    code = "FK320"

    def __init__(self, path: str, doing: str, reason: str) -> None:
        super().__init__(
            f"the catalog cannot be {doing}: {reason}",
            where=path,
            why="nothing was changed",
            fix="check the folder's permissions and whether its disk is mounted for writing, or "
            "choose another folder with --catalog DIR",
        )


class StoreFull(CatalogError):
    """There is no space left to write."""

    code = "FK321"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the catalog cannot be written: {reason}",
            where=path,
            why="the catalog is as it was before; the record was not added",
            fix="free some space on that disk (or raise the quota) and repeat the command",
        )


class NotAFolder(CatalogError):
    """A file stands where the catalog's folder should be."""

    code = "FK322"

    def __init__(self, path: str) -> None:
        super().__init__(
            "the catalog's path is a file, not a folder",
            where=path,
            fix="name a folder: --catalog ./catalog",
        )


class CorruptEntry(CatalogError):
    """A file of the log does not hold what was written."""

    code = "FK323"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"a file of the catalog's log is damaged: {reason}",
            where=path,
            why="featurekit writes these files whole and never changes them, so something else did",
            fix="restore this file from a copy (git checkout, a backup); nothing else is damaged",
        )


class MissingEntry(CatalogError):
    """The log has a hole."""

    code = "FK324"

    def __init__(self, path: str, newer: str) -> None:
        super().__init__(
            f"a file of the catalog's log is missing, while {newer} is there",
            where=path,
            fix="restore the missing file from a copy (git checkout, a backup)",
        )


class ForeignFile(CatalogError):
    """The log's folder holds something that featurekit did not put there."""

    code = "FK325"

    def __init__(self, path: str) -> None:
        super().__init__(
            "a file that is not part of the log lies in the catalog's log folder",
            where=path,
            why="it may be a conflicting copy of an entry, so it is not passed over in silence",
            fix="move it out of the folder",
        )


class BrokenChain(CatalogError):
    """An entry does not follow the one before it."""

    code = "FK326"

    def __init__(self, path: str, before: str) -> None:
        super().__init__(
            f"the log's files do not belong together: this one was not written after {before}",
            where=path,
            why="each file holds the hash of the one before; one of the two was changed or "
            "comes from another catalog",
            fix="restore both files from one copy (git checkout, a backup)",
        )


class NewerFormat(CatalogError):
    """A newer featurekit wrote this catalog."""

    code = "FK327"

    def __init__(self, path: str, found: str, known: int) -> None:
        super().__init__(
            f"the catalog was written by a newer featurekit (format {found}, this one reads "
            f"up to {known})",
            where=path,
            fix="pip install --upgrade featurekit",
        )


class StoreComesLater(CatalogError):
    """A kind of store that this version does not have."""

    code = "FK328"

    def __init__(self, url: str, scheme: str) -> None:
        super().__init__(
            f"catalogs at {scheme}:// are not part of this version",
            where=url,
            fix="a folder works now: --catalog ./catalog (or :memory: for this session only)",
        )


class CorruptDraft(CatalogError):
    """A draft file that cannot be read."""

    code = "FK329"

    def __init__(self, path: str, name: str, reason: str) -> None:
        super().__init__(
            f"the draft of {name!r} is damaged: {reason}",
            where=path,
            fix="run its %%feature cell again, or remove the file",
        )


class TooManyWriters(CatalogError):
    """Others kept writing first."""

    code = "FK330"

    def __init__(self, path: str, tries: int) -> None:
        super().__init__(
            f"the catalog could not be written: others wrote first, {tries} times in a row",
            where=path,
            fix="repeat the command",
        )


class NoHardLinks(CatalogError):
    """The file system cannot make a name appear at once and only once."""

    code = "FK331"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the catalog cannot lie on this file system: {reason}",
            where=path,
            why="two writers could overwrite each other there: it has no hard links",
            fix="choose a folder on another disk with --catalog DIR",
        )


def _an(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
