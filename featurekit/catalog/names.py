"""Which names the catalog takes: each must do as a column, a file, a module and a word of SQL."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from featurekit.errors.catalog import InvalidName, NameTaken

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}


def checked_name(kind: str, name: str) -> str:
    """Return ``name`` when it can name a ``kind``.

    Raises:
        InvalidName: FK301.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        reason = "a name becomes a column, a file and a Python identifier, so it holds only those"
        raise InvalidName(kind, str(name), f"{reason} letters that all of them take")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise InvalidName(kind, name, "it is a word of Python, and the generated code is Python")
    if name.lower() in _DEVICES:
        raise InvalidName(kind, name, "some operating systems keep it for a device")
    if "__" in name:
        raise InvalidName(
            kind, name, "view__feature is how the columns of a training set are named"
        )
    return name


def refuse_taken(kind: str, name: str, others: Iterable[tuple[str, str]]) -> None:
    """Refuse a name that differs from another only by case, or that another kind has.

    Args:
        kind: What is to be named.
        name: How.
        others: Kind and name of everything that is found by its bare name.

    Raises:
        NameTaken: FK302.
    """
    for other_kind, other in others:
        if other.lower() == name.lower() and (other, other_kind) != (name, kind):
            raise NameTaken(kind, name, f"{other_kind} {other!r}")
