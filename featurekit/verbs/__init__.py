"""Each verb and its arguments once; the magics and the command line are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.errors import UsageError, listed, nearest
from featurekit.verbs import defining, delivering, keeping, materializing, training
from featurekit.verbs.verb import Call, Facts, Session, Verb, split_line

__all__ = ["MAGICS", "VERBS", "Facts", "Session", "Verb", "find", "run", "run_line"]

VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        *keeping.VERBS,
        *defining.VERBS,
        *training.VERBS,
        *materializing.VERBS,
        *delivering.VERBS,
    )
}

MAGICS: dict[str, Verb] = {verb.magic: verb for verb in VERBS.values() if verb.magic}
"""``"%feature publish"`` -> its verb; cell magics start with ``%%``."""


class UnknownVerb(UsageError):
    """FK905: a word that names no verb."""

    code = "FK905"

    def __init__(self, word: str, known: list[str]) -> None:
        given = f"there is no verb '{word}'" if word else "a verb is missing"
        super().__init__(f"{given}{nearest(word, known)}", fix=f"one of: {listed(known, 40)}")


class NeedsCell(UsageError):
    """FK906: a cell magic without its text."""

    code = "FK906"

    def __init__(self, verb: Verb) -> None:
        super().__init__(
            f"{verb.magic} takes its text from the cell",
            fix=f"write {verb.magic} on the first line and the definition below it",
        )


def find(magic: str, words: list[str], *, cell: bool) -> tuple[Verb, list[str]]:
    """Return the verb that ``%magic words`` or ``%%magic words`` means, and its own words.

    Raises:
        UnknownVerb: FK905.
        NeedsCell: FK906.
    """
    mark = "%%" if cell else "%"
    if found := MAGICS.get(f"{mark}{magic}"):
        return found, words
    if not cell:
        if found := MAGICS.get(f"%{magic} {words[0] if words else ''}"):
            return found, words[1:]
        needs = MAGICS.get(f"%%{magic}")
        if needs and not any(name.startswith(f"%{magic} ") for name in MAGICS):
            raise NeedsCell(needs)
    known = [name.split(" ")[1] for name in MAGICS if name.startswith(f"%{magic} ")]
    raise UnknownVerb(words[0] if words else "", known or sorted(MAGICS))


def run(
    verb: Verb,
    session: Session,
    words: list[str],
    cell: str | None = None,
    user_namespace: Mapping[str, Any] | None = None,
) -> Facts:
    """Parse ``words`` for ``verb``, run it, and return the facts; every failure is typed."""
    options = verb.parser().parse_args(words)
    if verb.cell == "required" and not (cell or "").strip():
        raise NeedsCell(verb)
    return verb.run(Call(session, options, cell, user_namespace or {}))


def run_line(
    session: Session,
    magic: str,
    line: str,
    cell: str | None = None,
    user_namespace: Mapping[str, Any] | None = None,
) -> Facts:
    """Run ``%magic line`` (with ``cell``: ``%%magic line``) and return the facts."""
    verb, words = find(magic, split_line(line), cell=cell is not None)
    return run(verb, session, words, cell, user_namespace)
