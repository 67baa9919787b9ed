"""Tab completion inside the magics: verbs, flags, sources, columns, windows, operators.

Asked only when Tab is pressed in one of our lines or cells; it reads the catalog, never the data,
and offers nothing rather than fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurekit.errors import FeatureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from featurekit.notebook.magics import FeaturekitMagics
    from featurekit.workspace import Workspace

_MAGIC = re.compile(
    r"^\s*(%%?)(fk|entity|source|vocabulary|feature|label|catalog|featureset|trainset|export|parity)\b"
)
_WORD = re.compile(r"[^\s,()=:'\"]*$")
_VERB_WORDS = frozenset({"fk", "feature"})
KEYWORDS = (
    "AS",
    "CASE",
    "ELSE",
    "END",
    "FILTER",
    "FROM",
    "OVER",
    "SELECT",
    "THEN",
    "WHEN",
    "WHERE",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands before the cursor: the magic, its line so far, and the word being written."""

    mark: str
    magic: str
    line: str
    body: str
    in_body: bool
    word: str


def typed(text: str, cursor: int) -> Typed | None:
    """Return what is being typed when the cursor is in one of our magics, else None."""
    before = text[:cursor]
    first, _, rest = before.partition("\n")
    found = _MAGIC.match(first)
    if found and found[1] == "%%" and "\n" in before:
        word = _WORD.search(rest)
        return Typed("%%", found[2], first, rest, in_body=True, word=word[0] if word else "")
    line = before.rpartition("\n")[2]
    found = _MAGIC.match(line)
    if found is None or line == found[0]:  # the magic's own name is IPython's to complete
        return None
    word = _WORD.search(line)
    rest = line[found.end() :]
    return Typed(found[1], found[2], rest, "", in_body=False, word=word[0] if word else "")


def candidates(now: Typed, workspace: Workspace) -> list[str]:
    """Return every word that could stand here, before narrowing by what is written of it."""
    if now.in_body:
        return _in_body(now, workspace)
    from featurekit.verbs import MAGICS

    words = now.line.split()
    previous = words[-1] if words and not now.word else words[-2] if len(words) > 1 else ""
    prefix = f"{now.mark}{now.magic}"
    if now.magic in _VERB_WORDS and now.mark == "%" and not previous:
        return sorted(name.split(" ")[1] for name in MAGICS if name.startswith(f"{prefix} "))
    if now.word.startswith("-"):
        verb = MAGICS.get(prefix) or MAGICS.get(f"{prefix} {words[0] if words else ''}")
        names = [name for a in (verb.arguments if verb else ()) for name in a.names]
        return sorted(name for name in names if name.startswith("-") and name not in words)
    return _values(now, previous, words, workspace)


def _values(now: Typed, flag: str, words: list[str], workspace: Workspace) -> list[str]:
    """Return what can follow ``flag``, or stand as a plain argument of the verb."""
    catalog = workspace.catalog
    known: dict[str, Callable[[], list[str]]] = {
        "--from": lambda: [*sorted(catalog.sources()), *_views(workspace)],
        "--entity": lambda: sorted(catalog.entities()),
        "--kind": lambda: ["events", "request", "snapshot"],
        "--per": lambda: ["entity", "row"],
        "--zone": _zones,
    }
    if flag in known:
        return known[flag]()
    if flag == "--labels":
        from featurekit.selection import label_views

        return label_views(catalog)
    if flag in {"--time", "--available", "--tie", "--loggable"} and now.magic == "source":
        source = catalog.sources().get(words[0])
        return [field.name for field in source.fields] if source else []
    if flag.startswith("--") or now.mark == "%%":
        return []
    if now.magic == "feature":
        return _views(workspace)
    if now.magic in {"trainset", "parity", "export", "replay"}:
        return [*sorted(one.name for one in catalog.feature_sets()), *_views(workspace)]
    return []


def _zones() -> list[str]:
    import zoneinfo

    return sorted(zoneinfo.available_timezones())


def _views(workspace: Workspace) -> list[str]:
    names = {view.name for view in workspace.catalog.views()} | set(workspace.catalog.drafts())
    return sorted(names)


def _in_body(now: Typed, workspace: Workspace) -> list[str]:
    if now.magic == "featureset":
        return _views(workspace)
    if now.magic not in {"feature", "label"}:
        return []
    from featurekit.ir.windows import EXAMPLES, EXAMPLES_AHEAD
    from featurekit.ops import AGGREGATES_BY_SURFACE, BY_SURFACE

    before = now.body[: len(now.body) - len(now.word)].rstrip()
    windows = list(EXAMPLES_AHEAD if now.magic == "label" else EXAMPLES)
    if re.search(r"\bOVER$", before, re.IGNORECASE):
        return windows
    if re.search(r"\bVOCAB\([^)]*,$", before, re.IGNORECASE):
        return sorted(workspace.catalog.vocabularies())
    sources = workspace.catalog.sources()
    if re.search(r"\b(FROM|JOIN)$", before, re.IGNORECASE):
        return [*sorted(sources), *_views(workspace)]
    found = re.search(r"--from[ =](\S+)", now.line) or re.search(
        r"\bFROM\s+(\w+)", now.body, re.IGNORECASE
    )
    named = [name for name in (found[1].split(",") if found else ()) if name in sources]
    columns = [f.name for name in named for f in sources[name].fields]
    if "--polars" in now.line.split():
        return _in_polars(before, columns, windows)
    scalars = [name for name in BY_SURFACE if re.fullmatch(r"[A-Z][A-Z0-9_]*", name)]
    called = {*scalars, *(re.split(r"[( ]", name)[0] for name in AGGREGATES_BY_SURFACE)}
    return [*columns, *sorted(called), *(word for word in KEYWORDS if word not in called)]


def _in_polars(before: str, columns: list[str], windows: list[str]) -> list[str]:
    """Return what a cell in polars may say after ``before``."""
    from featurekit.frontends.polars_methods import FUNCTIONS, METHODS, TYPES
    from featurekit.frontends.polars_values import helper_names

    if re.search(r"\.over\([\"']?$", before):
        return windows
    if re.search(r"\bpl\.\w+\([\"']?$", before):
        return columns
    words = [f"pl.{name}" for name in sorted(FUNCTIONS | TYPES)]
    return [*words, *(f".{name}" for name in sorted(METHODS)), *(f"fk.{n}" for n in helper_names())]


def narrowed(names: Iterable[str], word: str) -> list[str]:
    """Return the names that begin with ``word``, each once; case does not matter."""
    low = word.lower()
    return list(dict.fromkeys(name for name in names if name.lower().startswith(low)))


def install(shell: Any, magics: FeaturekitMagics) -> None:
    """Add the matcher to the shell's completer, in place of one from an earlier load."""
    completer = getattr(shell, "Completer", None)
    if completer is None:
        return
    from IPython.core.completer import SimpleCompletion, context_matcher

    def featurekit_matcher(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")
        cursor = sum(len(line) + 1 for line in lines[: context.cursor_line])
        now = typed(context.full_text, cursor + context.cursor_position)
        found: list[str] = []
        if now is not None:
            try:
                found = narrowed(candidates(now, magics.session.workspace), now.word)
            except FeatureError:
                found = []  # no catalog here: nothing to offer
        return {
            "completions": [SimpleCompletion(name, type="featurekit") for name in found],
            "matched_fragment": now.word if now else "",
            "suppress": bool(found),
            "ordered": True,
        }

    others = [m for m in completer.custom_matchers if m.__name__ != "featurekit_matcher"]
    marked = context_matcher(identifier="featurekit")(featurekit_matcher)
    completer.custom_matchers = [*others, marked]
