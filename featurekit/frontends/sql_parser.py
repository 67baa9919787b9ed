"""SQL text becomes sqlglot's tree, and every node of it keeps its place in the text.

Only the parser of sqlglot is used, with its knowledge of functions taken out: a call stays the
name the author wrote and its arguments. What a name means is decided by the tables in ``ops``.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from threading import RLock
from typing import Any

from featurekit.errors import Where
from featurekit.errors.definition import (
    JoinRefused,
    NotASelect,
    NothingWritten,
    SeveralStatements,
    TooComplex,
    Unreadable,
)
from featurekit.frontends.spoken import Spoken, spoken, translated
from featurekit.frontends.sql_grammar import grammar_of, parser_of
from featurekit.frontends.sql_words import other_moment, pinned, without_moments
from featurekit.lazy import require

MOST_CHARACTERS = 100_000
MOST_TOKENS = 10_000
MOST_NESTED = 160
_FRAMES = 9_000
_OPENING = {"L_PAREN", "L_BRACKET", "L_BRACE", "CASE"}
_CLOSING = {"R_PAREN", "R_BRACKET", "R_BRACE", "END"}
_SIGNS = {"NOT", "DASH", "PLUS", "TILDE", "INTERVAL", "DISTINCT"}
_PURPOSE = "to read SQL"
_STACK = RLock()  # the limit belongs to the whole process: one reader at a time changes it


@dataclass(frozen=True)
class Text:
    """The author's text and the places of its tokens.

    Attributes:
        text: As the author wrote it.
        tokens: Its words.
        extents: From where to where each node of the tree stands, by its identity.
        at_request: Where ``AS OF REQUEST`` stands, by the end of the word before it.
    """

    text: str
    tokens: tuple[Any, ...] = ()
    extents: dict[int, tuple[int, int]] = field(default_factory=dict)
    at_request: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return tuple(self.text.splitlines()) or ("",)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        lengths = (len(line) for line in self.text.splitlines(keepends=True))
        return tuple(accumulate(lengths, initial=0))

    def at(self, start: int, end: int) -> Where:
        """Return the place of the characters from ``start`` to ``end``, inclusive."""
        line = min(max(bisect_right(self._starts, start), 1), len(self._lines))
        before = max(start - self._starts[line - 1], 0)
        length = max(min(end + 1 - start, len(self._lines[line - 1]) - before), 1)
        return Where(self.text, line, before + 1, length)

    def place(self, node: Any) -> Where | None:
        """Return where ``node`` stands: a call by its name, anything else from end to end."""
        while node is not None:
            span = _own(node) or self._extent(node)
            if span:
                return self.at(*span)
            node = node.parent
        return None

    def first(self, *kinds: str) -> Where | None:
        """Return the place of the first token of one of these kinds outside parentheses."""
        depth = 0
        for token in self.tokens:
            kind = token.token_type.name
            depth += {"L_PAREN": 1, "R_PAREN": -1}.get(kind, 0)
            if depth == 0 and kind in kinds:
                return self.at(token.start, token.end)
        return None

    def after(self, word: str, node: Any) -> Where | None:
        """Return the place of ``word`` at or after the beginning of ``node``."""
        span = self._extent(node)
        for token in self.tokens:
            if span and token.start >= span[0] and token.text.upper() == word:
                return self.at(token.start, token.end)
        return None

    def source_of(self, node: Any) -> str:
        """Return the author's spelling of ``node``."""
        span = self._extent(node)
        return " ".join(self.text[span[0] : self._closed(*span) + 1].split()) if span else ""

    def _closed(self, start: int, end: int) -> int:
        """Return where the parentheses that open from ``start`` to ``end`` are closed."""
        depth = 0
        for token in self.tokens[bisect_left(self.tokens, start, key=lambda t: t.start) :]:
            kind = token.token_type.name
            if token.start > end and (depth <= 0 or kind not in _CLOSING):
                break
            depth += (kind in _OPENING) - (kind in _CLOSING)
            end = max(end, token.end)
        return end

    def _extent(self, node: Any) -> tuple[int, int] | None:
        return self.extents.get(id(node))


@contextmanager
def deep_stack() -> Iterator[None]:
    """Let recursion follow ``MOST_NESTED`` levels, which the parser takes some forty calls each."""
    with _STACK:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, _FRAMES))
        try:
            yield
        finally:
            sys.setrecursionlimit(before)


def read_select(text: str, dialect: str = "duckdb") -> tuple[Any, Text]:
    """Return the tree of the one SELECT in ``text``, and the text with its places.

    What ``dialect`` calls otherwise is in the words of the language already.

    Raises:
        DefinitionError: FK101 unreadable, FK102 too long or too deep, FK103 several statements,
            FK104 not a SELECT, FK107 a moment that there is not, FK109 empty.
    """
    if len(text) > MOST_CHARACTERS:
        raise TooComplex("characters", MOST_CHARACTERS, None)
    spoken_here = spoken(dialect)
    tokens, at_request = without_moments(pinned(_tokens(text, spoken_here), text))
    while tokens and tokens[-1].token_type.name == "SEMICOLON":
        tokens.pop()
    if not tokens:
        raise NothingWritten
    if len(tokens) > MOST_TOKENS:
        raise TooComplex("words", MOST_TOKENS, None)
    places = Text(text, tuple(tokens), at_request=at_request)
    if moment := other_moment(tokens):
        why = "a row is joined as of its own time, or as of the request"
        where = places.at(moment[0].start, moment[1].end)
        fix = "leave it out, or AS OF REQUEST"
        raise JoinRefused(f"there is no AS OF {moment[1].text}", why, fix, where)
    closes = _parentheses(places)
    for token, following in pairwise(tokens):
        if token.token_type.name == "SEMICOLON":
            raise SeveralStatements(places.at(following.start, following.end))
        if (
            token.token_type.name == "NUMBER"
            and token.end + 1 == following.start
            and (following.token_type.name in {"VAR", "IDENTIFIER"})
        ):
            reason = "numbers are 12, 1.5 or 1e3, and a name does not begin with a digit"
            found = token.text + following.text
            raise Unreadable(found, reason, places.at(token.start, following.end))
    if tokens[0].token_type.name not in {"SELECT", "WITH"}:
        raise NotASelect(tokens[0].text, places.at(tokens[0].start, tokens[0].end))
    tree = translated(_tree(tokens, places, spoken_here), spoken_here, _expression, places.place)
    return tree, Text(text, places.tokens, _extents(tree, closes), at_request)


def leading_comment(text: str) -> str:
    """Return the comment that stands before the SELECT, as one line; empty where there is none."""
    found: list[str] = []
    rest = text.lstrip()
    while True:
        if rest.startswith("--"):
            line, _, rest = rest.partition("\n")
            found.append(line.lstrip("-").strip())
        elif rest.startswith("/*"):
            body, _, rest = rest[2:].partition("*/")
            found.append(body.strip(" *\n"))
        else:
            return " ".join(" ".join(found).split())
        rest = rest.lstrip()


def _expression(text: str) -> Any:
    """Return the tree of one expression of the language."""
    own, whole = spoken("duckdb"), f"SELECT {text}"
    return _tree(_tokens(whole, own), Text(whole), own).expressions[0]


def _tokens(text: str, dialect: Spoken) -> list[Any]:
    errors = require("sqlglot.errors", _PURPOSE)
    try:
        return list(grammar_of(dialect).tokenize(text))
    except errors.TokenError as broken:
        cause = str(broken.__cause__ or broken)
        opened = re.search(r"from \d+:(\d+)$", cause)
        whole, start = Text(text), int(opened[1]) if opened else len(text) - 1
        reason = "a quoted text or comment is not closed"
        raise Unreadable(
            "", reason if "Missing" in cause else cause, whole.at(start, start)
        ) from None


def _own(node: Any) -> tuple[int, int] | None:
    meta = node.meta
    return (meta["start"], meta["end"]) if "start" in meta else None


def _extents(tree: Any, closes: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Return from where to where each node stands, by its identity, parts before wholes."""
    within = list(tree.walk(prune=lambda part: type(part).__name__ == "DataType"))
    found: dict[int, tuple[int, int]] = {}
    for node in reversed(within):  # breadth first turned around: every part before its whole
        span = None if type(node).__name__ == "DataType" else _own(node)
        if span:
            _extend(found, node, span[0], closes.get(span[1], span[1]))
        whole, span = node.parent, found.get(id(node))
        if whole is not None and span:
            _extend(found, whole, *span)
    return found


def _extend(found: dict[int, tuple[int, int]], node: Any, start: int, end: int) -> None:
    before = found.get(id(node), (start, end))
    found[id(node)] = min(before[0], start), max(before[1], end)


def _parentheses(whole: Text) -> dict[int, int]:
    """Return, by the end of the token before each opening parenthesis, where that one closes.

    Raises:
        TooComplex: FK102, before the parser would run out of stack.
    """
    closes: dict[int, int] = {}
    still_open: list[int] = []
    signs = 0
    for index, token in enumerate(whole.tokens):
        kind = token.token_type.name
        signs = signs + 1 if kind in _SIGNS else 0
        if kind in _OPENING:
            still_open.append(index)
        elif kind in _CLOSING and still_open:
            before = still_open.pop() - 1
            if before >= 0:
                closes[whole.tokens[before].end] = token.end
        if len(still_open) + signs > MOST_NESTED:
            place = whole.at(token.start, token.end)
            raise TooComplex("levels of nesting", MOST_NESTED, place)
    return closes


def _tree(tokens: list[Any], places: Text, dialect: Spoken) -> Any:
    errors = require("sqlglot.errors", _PURPOSE)
    parser = parser_of(dialect)
    try:
        statements = parser.parse(tokens, places.text)
    except errors.ParseError as broken:
        token = getattr(broken, "token", None)
        where = places.at(token.start, token.end) if token else None
        found = token.text if token else ""
        reason, fix = _advice(str(broken), found)
        raise Unreadable(found, reason, where, fix) from None
    except RecursionError:
        raise TooComplex("levels of nesting", MOST_NESTED, None) from None
    except Exception as broken:  # noqa: BLE001  whatever the parser trips over, the text is at fault
        raise Unreadable("", f"the parser gave up: {type(broken).__name__}", None) from None
    if len(statements) != 1 or statements[0] is None:
        raise NothingWritten
    return statements[0]


def _advice(message: str, found: str) -> tuple[str, str]:
    """Return the parser's message in plain words, and what to do; the latter may be empty."""
    if message.startswith("Expecting )"):
        return "a parenthesis is still open here", f"close it with ) before {found or 'the end'}"
    if "Unexpected token" in message and found:
        reason = "two things stand side by side without anything between them"
        return reason, f"write a comma, an operator or nothing before {found}"
    if message.startswith("Required keyword"):
        return "an operand, an argument or a name is missing here", ""
    words = re.sub(r"<class '[\w.]*\.(\w+)'>", r"\1", message.partition(" but got <")[0])
    return words.rstrip(".")[:200], ""
