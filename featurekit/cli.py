"""The command line: the same verbs as the magics, in a shell."""

from __future__ import annotations

import json
import re
import sys
from io import TextIOWrapper
from pathlib import Path

from featurekit.errors import FeatureError, UsageError
from featurekit.verbs import MAGICS, VERBS, Session, UnknownVerb, run
from featurekit.verbs.verb import Facts

HELD, NOT_HELD, WRONG = 0, 1, 2
_LONGEST_FIRST = sorted(MAGICS, key=len, reverse=True)
_MAGIC = re.compile(rf"(?<![^\s(])(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})(?![\w-])")


def main(words: list[str] | None = None) -> int:
    """Run one verb; return 0 when it held, 1 when it did not, 2 for wrong usage or input."""
    words = list(sys.argv[1:] if words is None else words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without a letter shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(words)
    except FeatureError as error:
        error.fix = in_shell(error.fix)
        print(error, file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        return HELD


def _run(words: list[str]) -> int:
    as_json = _take_flag(words, "--json")
    catalog = _take_option(words, "--catalog")
    if not words or words[0] in {"-h", "--help"} or (words == ["help"] and not as_json):
        print(_overview())
        return HELD
    if words[0] in {"-V", "--version"}:
        from featurekit.version import VERSION

        print(f"featurekit {VERSION}")
        return HELD
    name, rest = words[0], words[1:]
    if name == "demo":
        from featurekit.notebook.demo import run_demo

        return HELD if run_demo(rest) else NOT_HELD
    verb = VERBS.get(name)
    if verb is None:
        raise UnknownVerb(name, sorted([*VERBS, "demo"]))
    if "-h" in rest or "--help" in rest:
        print(verb.help(f"featurekit {name}"))
        return HELD
    cell = _cell_text(rest) if verb.cell == "required" else None
    session = Session(catalog=catalog, progress=_progress if sys.stderr.isatty() else None)
    facts = run(verb, session, rest, cell)
    facts["next"] = [in_shell(command) for command in facts.get("next", ())]
    for lint in facts.get("lints", ()):
        lint["fix"] = in_shell(lint["fix"])
    if isinstance(facts.get("undo"), str):
        facts["undo"] = in_shell(facts["undo"])
    _print(facts, as_json=as_json)
    return HELD if facts.get("held", True) else NOT_HELD


def _print(facts: Facts, *, as_json: bool) -> None:
    if as_json:
        public = {key: value for key, value in facts.items() if not key.startswith("_")}
        shown = json.dumps(public, indent=2, ensure_ascii=False, default=str)
    else:
        from featurekit.notebook.cards import text

        shown = text(facts)
    try:
        print(shown, flush=True)
    except BrokenPipeError:
        sys.stdout = None  # nobody reads on: nothing is left to flush
        raise
    except OSError as refused:
        sys.stdout = None
        raise UsageError(
            f"the answer cannot be written: {refused.strerror}", fix="make room, or write elsewhere"
        ) from None


def in_shell(text: str) -> str:
    """Return text with the notebook's commands in it as they are typed in a shell.

    A cell's first line is one only where the text begins with it: ``run its %%feature cell``.
    """

    def typed(found: re.Match[str]) -> str:
        inside = found[0].startswith("%%") and found.start() > 0
        return found[0] if inside else f"featurekit {MAGICS[found[0]].name}"

    return _MAGIC.sub(typed, text)


def _cell_text(words: list[str]) -> str:
    """Return the definition's text: ``--file PATH``, or standard input for ``-`` or a pipe."""
    path = _take_option(words, "--file")
    if path and path != "-":
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise UsageError(
                f"cannot read the definition: {problem}", where=path, fix="--file cell.sql"
            ) from None
    if path is None and sys.stdin.isatty():
        raise UsageError("the definition's text is missing", fix="--file cell.sql, or a pipe")
    try:
        text = sys.stdin.read()
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"cannot read the definition: {problem}", fix="--file cell.sql") from None
    if not text.strip():
        raise UsageError("the definition's text is empty", fix="--file cell.sql, or a pipe")
    return text


def _take_flag(words: list[str], name: str) -> bool:
    if name in words:
        words.remove(name)
        return True
    return False


def _take_option(words: list[str], name: str) -> str | None:
    for position, word in enumerate(words):
        if word.startswith(f"{name}="):
            return words.pop(position).partition("=")[2]
        if word == name:
            if position + 1 == len(words):
                raise UsageError(f"{name} needs a value", fix=f"{name} VALUE")
            words.pop(position)
            return words.pop(position)
    return None


def _progress(stage: str, done: int, total: int) -> None:
    end = "\n" if done >= total else ""
    print(f"\r{stage}: {done:,} of {total:,}   ", end=end, file=sys.stderr, flush=True)


def _overview() -> str:
    width = max(len(name) for name in VERBS)
    lines = [
        f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items() if name != "build"
    ]
    demo = f"  {'demo':<{width}}  Run the main job on real data, head-less, in a real kernel."
    return "\n".join(
        [
            "featurekit: one definition for training and serving, proven equal",
            "",
            "usage: featurekit VERB [arguments] [--catalog URL] [--json]",
            "",
            demo,
            *lines,
            "",
            "featurekit VERB --help shows a verb's arguments.",
            "Exit codes: 0 held, 1 did not hold, 2 wrong usage or input, 143 terminated.",
        ]
    )
