"""The log: commits in a chain, each holding records and the hash of the one before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from featurekit.catalog.codec import Malformed
from featurekit.catalog.records import CODEC, Draft, Record
from featurekit.errors.catalog import (
    BrokenChain,
    CorruptDraft,
    CorruptEntry,
    InvalidTime,
    NewerFormat,
    NotStorable,
)

FORMAT = 1
"""Raised when a reader of the old format would misread the new one."""

START = ""
"""What stands where the first commit's predecessor would."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Records that were written together, and when."""

    sequence: int
    at: str
    records: tuple[Record, ...]


def file_hash(content: bytes) -> str:
    """Return what the next commit says of this one."""
    return hashlib.sha256(content).hexdigest()


def checked_time(at: str) -> str:
    """Return ``at`` when it is an instant in ISO 8601.

    Raises:
        InvalidTime: FK311.
    """
    try:
        moment = dt.datetime.fromisoformat(at)
    except (TypeError, ValueError):
        raise InvalidTime(str(at)) from None
    if moment.tzinfo is None:
        raise InvalidTime(at)
    return at


def encode_commit(commit: Commit, previous: str) -> bytes:
    """Return the file of ``commit``: the same commit, the same bytes.

    Raises:
        NotStorable: FK312, for what would not be read back as it was.
    """
    content = {
        "format": FORMAT,
        "sequence": commit.sequence,
        "at": checked_time(commit.at),
        "records": [_checked(record) for record in commit.records],
        "previous": previous,
    }
    return _to_bytes(content)


def decode_commit(content: bytes, sequence: int, previous: str, place: str, before: str) -> Commit:
    """Return the commit that ``content`` holds.

    Raises:
        CorruptEntry: FK323, when it is not a commit of this number.
        NewerFormat: FK327.
        BrokenChain: FK326, when it does not follow the commit with the hash ``previous``.
    """
    try:
        value = _from_bytes(content)
        form = value.get("format")
        if type(form) is int and form > FORMAT:
            raise NewerFormat(place, str(form), FORMAT)
        _require_entry(value, sequence)
        records = CODEC.decode(value["records"], tuple[Record, ...])
        at = CODEC.decode(value["at"], str)
    except Malformed as wrong:
        raise CorruptEntry(place, str(wrong)) from None
    if value["previous"] != previous:
        raise BrokenChain(place, before)
    return Commit(sequence, at, records)


def _require_entry(value: dict[str, Any], sequence: int) -> None:
    parts = {"format", "sequence", "at", "records", "previous"}
    if set(value) != parts or type(value["format"]) is not int:
        raise Malformed("it is not an entry of a featurekit log")
    if value["sequence"] != sequence:
        raise Malformed(f"it says that it is number {value['sequence']!r}")


def same_draft(one: Draft, other: Draft) -> bool:
    """Whether two drafts say the same, whenever they were saved."""
    later = replace(one, saved_at=other.saved_at)
    return encode_draft(later) == encode_draft(other)


def encode_draft(draft: Draft) -> bytes:
    """Return the file of ``draft``.

    Raises:
        NotStorable: FK312.
    """
    return _to_bytes({"format": FORMAT, "draft": _checked(draft)})


def decode_draft(content: bytes, name: str, place: str) -> Draft:
    """Return the draft that ``content`` holds.

    Raises:
        CorruptDraft: FK329.
        NewerFormat: FK327.
    """
    try:
        value = _from_bytes(content)
        form = value.get("format")
        if type(form) is int and form > FORMAT:
            raise NewerFormat(place, str(form), FORMAT)
        draft: Draft = CODEC.decode(value.get("draft"), Draft)
    except Malformed as wrong:
        raise CorruptDraft(place, name, str(wrong)) from None
    if draft.name != name:
        raise CorruptDraft(place, name, f"it holds the draft of {draft.name!r}")
    return draft


def _checked(value: Record | Draft) -> Any:
    """Encode ``value``, proving that it reads back as the same."""
    try:
        encoded = CODEC.encode(value)
        again = CODEC.encode(CODEC.decode(encoded, type(value)))
    except (Malformed, RecursionError) as wrong:
        raise NotStorable(f"this {type(value).__name__}: {wrong}") from None
    if again != encoded:
        raise NotStorable(f"this {type(value).__name__} exactly")
    return encoded


def _to_bytes(value: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=True, allow_nan=False)
    except RecursionError:
        raise NotStorable("a definition that is nested so deeply") from None
    return f"{text}\n".encode("ascii")


def _from_bytes(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        reason = "it is empty" if not content.strip(b"\0 \n") else f"it is not JSON ({wrong})"
        raise Malformed(reason) from None
    if not isinstance(value, dict):
        raise Malformed("it is not an entry of a featurekit log")
    return value
