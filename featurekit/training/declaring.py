"""The line that registers a source: what fixes tell its author to run."""

from __future__ import annotations

import shlex

from featurekit.ir.definitions import Source, SourceKind
from featurekit.ir.rules import rule_text


def declaration(source: Source, *, until: str | None = None, fields: bool = False) -> str:
    """Return the ``%source`` line of ``source``, complete up to ``until`` if that is given.

    With ``fields`` it declares the columns and their types; empty where such a line cannot name
    one. Of rows in memory the variable's name is not known: the source's stands for it.
    """
    words = [source.name, source.location or source.name]
    if fields:
        if not all(field.name.isidentifier() for field in source.fields):
            return ""
        words += [f"{field.name}:{str(field.type).lower()}" for field in source.fields]
    for option, given in (
        ("--entity", ",".join(source.entities)),
        ("--time", source.time),
        ("--available", source.available),
        ("--tie", source.tie),
        ("--kind", "" if source.kind is SourceKind.EVENTS else source.kind.value),
        ("--zone", source.zone),
        ("--until", until or source.until),
        ("--loggable", ",".join(source.loggable)),
    ):
        words += [option, given] if given else []
    for rule in source.rules:
        words += ["--rule", f"{rule.column}={rule_text(rule)}"]
    return f"%source {shlex.join(words)}"
