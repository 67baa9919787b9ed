"""``operators.py`` of a package: the bodies that are used, with everything they refer to."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.backends.python_sources import (
    Definition,
    Imported,
    adapted,
    definition_of,
    needs,
    package_name,
    source_of,
    statement_of,
)
from featurekit.ops import AGGREGATES, AggregateFunction


@dataclass(frozen=True, slots=True)
class Copied:
    """Definitions in an order in which each stands below what it refers to.

    Attributes:
        imports: What of the standard library they use.
        text: Their source.
    """

    imports: frozenset[Imported]
    text: str


def copied(roots: Iterable[Definition]) -> Copied:
    """Return the source of ``roots`` and of all they rest on, the same for the same roots."""
    placed: dict[Definition, None] = {}
    imports: set[Imported] = set()
    entered: set[Definition] = set()

    def place(definition: Definition) -> None:
        if definition in entered:
            return
        entered.add(definition)
        for symbol in needs(definition):
            if isinstance(symbol, Imported):
                imports.add(symbol)
            else:
                place(symbol)
        placed[definition] = None

    for root in sorted(roots, key=lambda d: (d.name, d.module)):
        place(root)
    pieces: list[tuple[bool, str]] = []
    for definition in placed:
        text = _renamed(definition)
        if (row := _aggregate(definition)) is not None:
            text += "\n\n" + _over(row)
            imports.add(Imported("collections.abc", "Iterable", "Iterable"))
        pieces.append((not isinstance(statement_of(definition), ast.Assign | ast.AnnAssign), text))
    return Copied(frozenset(imports), _spaced(pieces))


def _renamed(definition: Definition) -> str:
    """Return the source, with the package's names for what has a namesake in another module."""
    text = source_of(definition)
    for one in (definition, *needs(definition)):
        if isinstance(one, Definition) and package_name(one) != one.name:
            text = re.sub(rf"\b{one.name}\b", package_name(one), text)
    return text


def _spaced(pieces: list[tuple[bool, str]]) -> str:
    text = ""
    for index, (tall, piece) in enumerate(pieces):
        if index:
            text += "\n\n\n" if tall or pieces[index - 1][0] else "\n"
        text += piece
    return text


def _aggregate(definition: Definition) -> AggregateFunction | None:
    return next(
        (
            row
            for row in AGGREGATES.values()
            if (row.algebra.__module__, row.algebra.__qualname__)
            == (definition.module, definition.name)
        ),
        None,
    )


def _over(row: AggregateFunction) -> str:
    """Return the method that folds the rows of a window with the algebra it stands in."""
    name = row.algebra.__name__
    state, *given = inspect.signature(row.algebra.add).parameters.values()
    result = inspect.signature(row.algebra.result).return_annotation
    held = adapted(str(state.annotation))
    kinds = [adapted(str(parameter.annotation)) for parameter in given]
    names = [parameter.name for parameter in given]
    skipped = "" if row.keeps_nulls else " that are not null"
    varies = [parameter.name for parameter in row.parameters if not parameter.constant]
    if not row.keeps_nulls:
        made = zip(kinds, names, strict=True)
        kinds = [f"{kind} | None" if name in varies else kind for kind, name in made]
    if not given:
        head, each, test = "rows: Iterable[object]", "_ in rows", ""
        skipped = ""
    elif len(given) == 1:
        head, each = f"values: Iterable[{kinds[0]}]", f"{names[0]} in values"
        test = f"{names[0]} is not None"
    else:
        head = f"values: Iterable[tuple[{', '.join(kinds)}]]"
        each, test = (
            f"{', '.join(names)} in values",
            " and ".join(f"{n} is not None" for n in varies),
        )
    step = f"state = {name}.add({', '.join(['state', *names])})"
    guarded = given and not row.keeps_nulls
    loop = [f"if {test}:", f"    {step}"] if guarded else [step]
    lines = [
        "@staticmethod",
        f"def over({head}) -> {adapted(str(result))}:{_override(row)}",
        f'    """Return the answer over the rows{skipped}, in their order."""',
        f"    state: {held} = {name}.start()",
        f"    for {each}:",
        *(f"        {line}" for line in loop),
        f"    return {name}.result(state)",
    ]
    return "\n".join(f"    {line}" for line in lines)


def _override(row: AggregateFunction) -> str:
    """Return the mark for an algebra that makes another type of another one's states."""
    for parent in row.algebra.__mro__[1:]:
        if (inherited := _aggregate(definition_of(parent))) is not None:
            kinds = [
                inspect.signature(a.algebra.result).return_annotation for a in (row, inherited)
            ]
            same = kinds[0] == kinds[1]
            return "" if same else "  # type: ignore[override]  # another result of the same state"
    return ""


def import_lines(imports: Iterable[Imported]) -> str:
    """Return the import statements, sorted as linters want them."""
    imports = set(imports)
    whole = sorted({one for one in imports if one.name is None}, key=lambda one: one.module)
    lines = [one.text for one in whole]
    modules = sorted({one.module for one in imports if one.name is not None})
    for module in modules:
        named = [one for one in imports if one.module == module and one.name is not None]
        words = sorted({_import_word(one) for one in named}, key=_import_rank)
        line = f"from {module} import {', '.join(words)}"
        if len(line) > _IMPORT_WIDTH:
            line = "\n".join([f"from {module} import (", *(f"    {word}," for word in words), ")"])
        lines.append(line)
    return "\n".join(lines)


_IMPORT_WIDTH = 88
"""Where linters break import lines unless they are told otherwise."""


def _import_word(one: Imported) -> str:
    return f"{one.name}" if one.alias == one.name else f"{one.name} as {one.alias}"


def _import_rank(word: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    if word.isupper() and len(word) > 1:
        return 0, word
    return (1 if word[0].isupper() else 2), word.lower()
