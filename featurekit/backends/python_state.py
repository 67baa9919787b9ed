"""Window states as Python: one class a stream, which holds its rows and answers its views.

Each row is evaluated once, when it comes; what windows over the same values need is shared by them.
A view that no state can stand in for keeps its pure function over the rows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from featurekit.backends.python_fold import negated
from featurekit.backends.python_module import Module
from featurekit.backends.python_places import Lengths, cursor_name
from featurekit.backends.python_reading import Reading, asked_name
from featurekit.backends.python_state_tracks import EAGER, Kept, Track, TrackNames, Tracks
from featurekit.backends.python_syntax import documented, quoted, row_type, spelled
from featurekit.backends.python_view import Answering, ViewCode
from featurekit.ir.definitions import Source

_SUMMED = frozenset({Kept.DOUBLES, Kept.WHOLES})
_PUSHED = {Kept.MOST: ("most", "<="), Kept.LEAST: ("least", ">=")}


class StateCode:
    """The class of one stream.

    Args:
        module: Where the operators that it calls are collected, and what of ``views.py`` it uses.
        name: What the class is called.
        source: What its rows are of.
        stream: What the stream is called.
        views: Those that it answers.
        names: What tracks are called in the file.
        lengths: What lengths of time are called in the file.
    """

    def __init__(
        self,
        module: Module,
        name: str,
        source: Source,
        stream: str,
        views: Sequence[ViewCode],
        names: TrackNames,
        lengths: Lengths,
    ) -> None:
        self._module = module
        self._name = name
        self._source = source
        self._stream = stream
        self._tracks = Tracks(source, names)
        self._answering = [code.answering for code in views if code.answering]
        self._cursors = 0
        self._methods: list[list[str]] = []
        for number, code in enumerate(code for code in views if code.answering):
            told = {"number": number, "cursors": self._cursors}
            reading = Reading(module, self._tracks, source, code, lengths, **told)
            self._methods.append(reading.method())
            self._cursors = reading.cursors

    @property
    def text(self) -> str:
        """The functions of a row that the class needs, and the class."""
        functions = [self._function(track) for track in self._tracks if track.lazy]
        doc = documented(f"The rows of {self._stream}, and what the windows over them rest on.")
        made = self._init()
        held = sorted(set(re.findall(r"self\.(_\w+)(?=[: ])", "\n".join(made))))
        slots = f"__slots__ = ({', '.join(map(quoted, held))})"
        parts = [
            [f"class {self._name}(State):", f'    """{doc}"""', "", f"    {slots}"],
            self._method("__init__(self) -> None", made),
            self._method("_forget(self, at: int) -> None", self._forget()),
            self._method("_push(self, entry: Entry) -> None", self._push_entry()),
            *([f"    {line}" for line in lines] for lines in self._methods),
        ]
        text = "\n\n".join("\n".join(part) for part in parts)
        return "\n\n\n".join([*functions, text])

    @staticmethod
    def _method(head: str, lines: list[str]) -> list[str]:
        return [f"    def {head}:", *(f"        {line}" for line in lines)]

    # --- a row

    def _row_code(self, track: Track) -> Answering:
        return next(
            a for a in self._answering if any(self._tracks.of(n) is track for n in a.aggregates)
        )

    def _value(self, track: Track) -> str:
        """Return how to say what is taken of ``row``."""
        code = self._row_code(track)
        said = [
            code.row.text(argument, condition=False, current=track.current)
            for argument in track.arguments
        ]
        if not said:
            return "True"
        joined = f"({', '.join(said)}{',' * (len(said) == 1)})"
        return self._own(said[0] if len(said) == 1 and not track.nulls else joined)

    def _test(self, track: Track) -> str:
        if track.where is None:
            return ""
        code = self._row_code(track)
        return self._own(code.row.text(track.where, condition=True, current=track.current))

    def _own(self, text: str) -> str:
        """Return ``text`` with what stands in ``views.py`` said as seen from here."""
        return in_views(text)

    def _function(self, track: Track) -> str:
        row = row_type(self._source) + (" | Request" if track.current else "")
        head = f"def _{track.name}(row: {row}) -> {track.annotation} | None:"
        lines = ['"""Return what is taken of a row; None: it does not count."""']
        if test := self._test(track):
            unless = spelled(negated(ast.parse(test, mode="eval").body))
            lines += [f"if {unless}:", "    return None"]
        value = self._value(track)
        if track.truth:
            lines.append(f"return True if {value} else None")
        elif len(track.arguments) < 2 or track.nulls:  # noqa: PLR2004  a pair
            lines.append(f"return {value}")
        else:
            names = [f"value_{number}" for number, _ in enumerate(track.arguments)]
            parts = ast.parse(value, mode="eval").body
            assert isinstance(parts, ast.Tuple)  # noqa: S101  several values are a tuple
            lines += [f"{n} = {spelled(p)}" for n, p in zip(names, parts.elts, strict=True)]
            lines.append(f"if {' or '.join(f'{n} is None' for n in names)}:")
            lines += ["    return None", f"return {', '.join(names)}"]
        return "\n".join([head, *(f"    {line}" for line in lines)])

    # --- the class

    def _init(self) -> list[str]:
        lines = ["super().__init__()"]
        if self._source.available:
            lines.append("self._known: list[dt.datetime] = []")
        lines += [f"self._{asked_name(n)} = tracks.NEVER" for n in range(len(self._methods))]
        lines += [f"self._{cursor_name(n)} = 0" for n in range(self._cursors)]
        for track in self._tracks:
            lines += self._init_track(track)
        if any(track.lazy for track in self._tracks):
            lines.append("self._tracks: dict[Any, tracks.Track[Any]] = {}")
        return lines

    def _init_track(self, track: Track) -> list[str]:
        name, lines = track.name, []
        if self._counts(track):
            lines.append(f"self._{name}_counts: list[int] = [0]")
        if track.kept & _SUMMED:
            lines.append(f"self._{name}_sums: list[int] = [0]")
        if Kept.DOUBLES in track.kept:
            lines.append(f"self._{name}_wild = -1")
        for what, (word, _) in _PUSHED.items():
            if what in track.kept:
                lines.append(f"self._{name}_{word}: list[{track.annotation}] = []")
                lines.append(f"self._{name}_{word}_at: list[int] = []")
        return lines

    def _counts(self, track: Track) -> bool:
        return bool(track.kept & {Kept.COUNTS, *_SUMMED}) and not track.always(self._source)

    def _forget(self) -> list[str]:
        lines = [
            '"""Forget what windows know of the entries from ``at`` on."""',
            *(["del self._known[at:]"] if self._source.available else []),
        ]
        cursors = [f"self._{cursor_name(n)}" for n in range(self._cursors)]
        lines += [f"{cursor} = min({cursor}, at)" for cursor in cursors]
        for track in self._tracks:
            lines += self._forget_track(track)
        if any(track.lazy for track in self._tracks):
            lines += ["for track in self._tracks.values():", "    track.forget(at)"]
        return lines

    def _forget_track(self, track: Track) -> list[str]:
        name, lines = track.name, []
        if self._counts(track):
            lines.append(f"del self._{name}_counts[at + 1 :]")
        if track.kept & _SUMMED:
            lines.append(f"del self._{name}_sums[at + 1 :]")
        if Kept.DOUBLES in track.kept:
            lines.append(f"self._{name}_wild = min(self._{name}_wild, at)")
        for what, (word, _) in _PUSHED.items():
            if what in track.kept:
                both = f"self._{name}_{word}_at, self._{name}_{word}"
                lines.append(f"tracks.shorten(at, {both})")
        return lines

    def _push_entry(self) -> list[str]:
        eager = [track for track in self._tracks if track.kept & EAGER]
        eager = [t for t in eager if self._counts(t) or t.kept - {Kept.COUNTS} & EAGER]
        lines = ['"""Put an entry behind the others, and take it into what windows rest on."""']
        if any(t.kept & {Kept.DOUBLES, *_PUSHED} for t in eager):
            lines.append("place = len(self.times)")
        lines += [
            "self.entries.append(entry)",
            "self.times.append(entry.time)",
            "self._rows = None",
        ]
        if self._source.available:
            lines += [
                "# when all rows up to this one were available",
                "known = self._known",
                "known.append(max(known[-1], entry.known) if known else entry.known)",
            ]
        if eager:
            lines.append(f"row: {row_type(self._source)} = entry.row")
        for track in eager:
            lines += self._push(track)
        return lines

    def _push(self, track: Track) -> list[str]:
        """Return the lines that take a row into a track."""
        name, test, value = track.name, self._test(track), self._value(track)
        lists: list[str] = []
        more: list[str] = []
        none: list[str] = []
        if self._counts(track):
            lists.append(f"{name}_counts")
            more.append(f"{name}_counts.append({name}_counts[-1] + 1)")
            none.append(f"{name}_counts.append({name}_counts[-1])")
        if track.kept & _SUMMED:
            lists.append(f"{name}_sums")
            more += _summed(name, whole=Kept.WHOLES in track.kept)
            none.append(f"{name}_sums.append({name}_sums[-1])")
        for what, (word, _) in _PUSHED.items():
            if what in track.kept:
                lists += [f"{name}_{word}", f"{name}_{word}_at"]
                more += _surpassed(name, what, double=track.annotation == "float")
        if track.always(self._source):
            inside = [f"{name} = {value}", *more]
        elif track.truth or not track.arguments:
            tests = " and ".join(part for part in (test, value if track.truth else "") if part)
            inside = [f"if {tests}:", *_indented(more), "else:", *_indented(none)]
        else:
            chosen = f"{value} if {test} else None" if test else value
            inside = [f"{name} = {chosen}", f"if {name} is None:", *_indented(none)]
            inside += ["else:", *_indented(more)]
            if not none:
                inside = [f"{name} = {chosen}", f"if {name} is not None:", *_indented(more)]
        return [*(f"{word} = self._{word}" for word in lists), *inside]


def _summed(name: str, *, whole: bool) -> list[str]:
    """Return the lines that add a value to the sum of those before it."""
    if whole:
        return [f"{name}_sums.append({name}_sums[-1] + {name})"]
    return [
        f"if 1e-8 <= {name} <= 1e250 or {name} == 0.0 or -1e250 <= {name} <= -1e-8:",
        "    # a whole number of 2**-80, so sums are exact",
        f"    {name}_sums.append({name}_sums[-1] + math.floor({name} * 2.0**80))",
        "else:",
        "    # windows that hold this row are folded",
        f"    self._{name}_wild = place",
        f"    {name}_sums.append({name}_sums[-1])",
    ]


def _surpassed(name: str, what: Kept, *, double: bool) -> list[str]:
    """Return the lines that put a value behind those that it does not surpass."""
    word, worse = _PUSHED[what]
    values, places = f"{name}_{word}", f"{name}_{word}_at"
    passed = f"{values}[-1] {worse} {name}"
    if double:  # NaN is the greatest of all; of -0.0 and 0.0 it is 0.0
        nan = name if what is Kept.MOST else f"{values}[-1]"
        passed = f"({passed} or {nan} != {nan})"
    return [
        f"while {values} and {passed}:",
        f"    {values}.pop()",
        f"    {places}.pop()",
        f"{values}.append({name}{' + 0.0' * double})",
        f"{places}.append(place)",
    ]


def _indented(lines: Sequence[str]) -> list[str]:
    """Return ``lines`` one step in."""
    return [f"    {line}" for line in lines]


def in_views(text: str) -> str:
    """Return an expression with what is private to ``views.py`` said as seen from beside it."""

    class Qualify(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id.startswith("_"):
                return ast.Attribute(ast.Name("views"), node.id)
            return node

    return spelled(Qualify().visit(ast.parse(text, mode="eval").body))
