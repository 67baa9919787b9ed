"""The method of a window state that answers one view."""

from __future__ import annotations

from featurekit.backends.python_joins import keys_in_hand
from featurekit.backends.python_module import Module
from featurekit.backends.python_places import Lengths, Places
from featurekit.backends.python_sources import Definition, definition_of
from featurekit.backends.python_state_tracks import (
    OWN,
    Kept,
    Track,
    Tracks,
    constants,
    family,
    kept,
)
from featurekit.backends.python_syntax import (
    Names,
    length,
    names_in,
    quoted,
    renamed,
    spelled,
)
from featurekit.backends.python_view import ViewCode, as_function, asked_at
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate
from featurekit.ir.windows import Window, window_name
from featurekit.ops import AGGREGATES

_QUANTILE = Definition("featurekit.ops.quantiles", "quantile_of")


def asked_name(number: int) -> str:
    """Return what a state calls the latest moment that its view of that number was asked for."""
    return f"asked_{number}"


class Reading:
    """One view's method.

    Args:
        module: Where the operators that it calls are collected.
        tracks: What is kept of each row.
        source: What the rows are of.
        code: The view.
        lengths: What lengths of time are called.
        number: How many views stand before it.
        cursors: How many cursors over rows they have.
    """

    def __init__(
        self,
        module: Module,
        tracks: Tracks,
        source: Source,
        code: ViewCode,
        lengths: Lengths,
        *,
        number: int,
        cursors: int,
    ) -> None:
        assert code.answering is not None  # noqa: S101  the caller has looked
        self._module = module
        self._tracks = tracks
        self._source = source
        self._code = code
        self._answering = code.answering
        self._view = code.answering.view
        self._number = number
        self._names = Names({*OWN, *code.answering.joins.kinds, *code.answering.locals})
        self._said: dict[tuple[object, ...], str] = {}
        self._lines: list[str] = []
        self._places = Places(self._view, self._names, self._lines, lengths, cursors)

    # --- the method

    @property
    def cursors(self) -> int:
        """How many cursors over rows there are, with those of this view."""
        return self._places.cursors

    def method(self) -> list[str]:
        """Return its lines."""
        called: dict[str, str] = {}
        for node, local in zip(self._answering.aggregates, self._answering.locals, strict=True):
            result = self._result(node)
            if result.isidentifier():
                called[local] = result
            else:
                self._lines.append(f"{local} = {result}")
        kinds = self._answering.joins.kinds
        given = ", ".join(["self", *(f"{word}: {kind}" for word, kind in kinds.items())])
        head = f"def {self._code.function}({given}) -> views.{self._code.answer}:"
        doc = f'"""Answer as ``views.{self._code.function}`` does of the rows."""'
        body = asked_at(self._view, [*self._opening(), *self._lines])
        answer = renamed(self._answering.call, called)
        return as_function(head, [doc, *body, f"return {answer}"]).split("\n")

    def _pure(self, rows: str) -> str:
        given = ", ".join([rows, *self._answering.joins.kinds])
        return f"return views.{self._code.function}({given})"

    def _opening(self) -> list[str]:
        """Return the lines that find how many rows are visible."""
        timeless = self._answering.joins.timeless
        lines = ["if as_of is None:", f"    {self._pure('()')}"] if timeless else []
        number, delay = self._number, self._view.delay
        cut = f"windows.earlier(as_of, {length(delay)})" if delay else "as_of"
        until = "as_of" if self._source.available or not delay else "until"
        read = names_in(self._lines)
        newest = "newest" in read
        if "t" in read:
            lines.append("t = windows.to_micros(as_of)")
        if until != "as_of":
            lines.append(f"{until} = {cut}")
        if "ahead" in read:
            lines += [
                f"ahead = as_of >= self._{asked_name(number)}",
                "if ahead:",
                f"    self._{asked_name(number)} = as_of",
            ]
        lines += [
            "times = self.times",
            f"seen = {'newest = ' * newest}len(times)",
            f"if seen and times[-1] >= {until}:",
            f"    seen = bisect_left(times, {until})",
        ]
        if self._source.available:
            lines += [
                f"available = {cut}",
                "if seen and self._known[seen - 1] >= available:",
                "    before = bisect_left(self._known, available, 0, seen)",
                "    if any(entry.known < available for entry in self.entries[before:seen]):",
                "        # rows of which an earlier one is not available yet",
                f"        {self._pure('self.rows')}",
                "    seen = before",
            ]
        return lines

    # --- locals

    def _counted(self, track: Track, window: Window) -> tuple[str, str]:
        """Return where the values of a window begin and end in a track."""
        first, end = self._places.of(window)
        key = ("values", track.name, window)
        if key not in self._said:
            p, q = (self._names.new(f"{track.name}_{what}") for what in ("first", "end"))
            held = self._track(track)
            self._lines.append(f"{p}, {q} = {held}.between(self.entries, {first}, {end})")
            self._said[key] = f"{p} {q}"
        p, q = self._said[key].split()
        return p, q

    def _track(self, track: Track) -> str:
        """Return the local that holds a track."""
        return self._once(("track", track.name), track.name, track.found)

    def _once(self, key: tuple[object, ...], wish: str, text: str) -> str:
        """Return the local that holds ``text``."""
        if key not in self._said:
            local = self._names.new(wish)
            self._lines.append(f"{local} = {text}")
            self._said[key] = local
        return self._said[key]

    # --- aggregates

    def _result(self, node: Aggregate) -> str:
        track, what = self._tracks.of(node), kept(node)
        row = AGGREGATES[node.function]
        said = spelled(self._module.operator(definition_of(row.algebra)))
        track.kept.add(what)
        if what is Kept.COUNTS:
            size = self._size(track, node.window)
            return f"{size} + ({self._hand(track)} is not None)" if node.current else size
        if not node.current:
            if what in {Kept.DOUBLES, Kept.WHOLES}:
                return self._sum(node, track, said)
            if what in {Kept.MOST, Kept.LEAST}:
                return self._extreme(node, track, said)
            if what is Kept.RANKED:
                share = self._constants(node) or ["0.5"]
                quantile = spelled(self._module.operator(_QUANTILE))
                return f"{quantile}({self._slid(node, track, what)}, {share[0]})"
        if node.function == "decay_sum":
            return self._decayed(node, track, said)
        state = self._state(node, track, what)
        if node.current:
            hand, more = self._hand(track), self._constants(node)
            one = len(track.arguments) < 2 and not track.nulls  # noqa: PLR2004  a pair
            given = ", ".join([f"{said}.start()", hand if one else f"*{hand}", *more])
            local = self._names.new("state")
            self._lines += [
                f"{local} = {state}",
                f"if {hand} is not None:",
                f"    {local} = {said}.merge({local}, {said}.add({given}))",
            ]
            state = local
        return f"{said}.result({state})"

    def _constants(self, node: Aggregate) -> list[str]:
        return [spelled(self._module.literal(value)) for value in constants(node)]

    def _hand(self, track: Track) -> str:
        """Return the local that holds what is taken of the row in hand; None: it does not count."""
        nulls = [
            f"request[{quoted(key.name)}] is None"
            for key in keys_in_hand(self._view)
            if not key.required
        ]
        otherwise = f"None if {' or '.join(nulls)} else " if nulls else ""
        wish = f"{track.name}_in_hand"
        return self._once(("hand", track.name), wish, f"{otherwise}_{track.name}(request)")

    def _size(self, track: Track, window: Window) -> str:
        """Return how many rows of a window count."""
        first, end = self._places.of(window)
        if track.always(self._source):
            name = window_name(window)
            return (
                end
                if first == "0"
                else self._once(("rows", window), f"{name}_count", f"{end} - {first}")
            )
        name = f"{track.name}_counts"
        counts = self._once(("counts", name), name, f"self._{name}")
        local = f"{track.name}_{window_name(window)}_count"
        key = ("size", track.name, window)
        return self._once(key, local, f"{counts}[{end}] - {counts}[{first}]")

    def _sum(self, node: Aggregate, track: Track, said: str) -> str:
        """Return the sum or mean of a window, from sums over the first rows."""
        first, end = self._places.of(node.window)
        name, window = track.name, window_name(node.window)
        size = self._size(track, node.window)
        sums = self._once(("sums", name), f"{name}_sums", f"self._{name}_sums")
        if kept(node) is Kept.WHOLES:
            return f"{said}.result(({size}, {sums}[{end}] - {sums}[{first}]))"
        key = ("total", name, node.window)
        if key not in self._said:
            wild = self._once(("wild", name), f"{name}_wild", f"self._{name}_wild")
            local = self._said[key] = self._names.new(f"{name}_{window}_sum")
            whole = spelled(self._module.operator(definition_of(family(AGGREGATES[node.function]))))
            self._lines += [
                f"if not {size}:",
                f"    {local} = None",
                f"elif {wild} >= {first}:",
                f"    {local} = {whole}.result({self._folded(node, track)})",
                "else:",
                f"    {local} = 2.0**-80 * ({sums}[{end}] - {sums}[{first}])",
            ]
        total = self._said[key]
        mean = node.function.startswith("avg")
        return f"None if {total} is None else {total} / {size}" if mean else total

    def _extreme(self, node: Aggregate, track: Track, said: str) -> str:
        """Return the local that holds the extreme of a window.

        Where the window ends with the newest row it is the first of the rows in it that no later
        one surpasses; those are kept.
        """
        first, end = self._places.of(node.window)
        name = f"{track.name}_{'most' if kept(node) is Kept.MOST else 'least'}"
        folded = f"{said}.result({self._folded(node, track)})"
        if end != "seen":
            return folded
        key = (name, node.window)
        if key not in self._said:
            local = self._said[key] = self._names.new(f"{name}_{window_name(node.window)}")
            values = self._once(("values", name), name, f"self._{name}")
            places = self._once(("places", name), f"{name}_at", f"self._{name}_at")
            some = f"{places} and {places}[-1] >= {first}"
            if track.always(self._source):
                some = self._size(track, node.window)
            self._lines += [
                "if seen < newest:",
                f"    {local} = {folded}",
                f"elif {some}:",
                f"    {local} = {values}[bisect_left({places}, {first})]",
                "else:",
                f"    {local} = None",
            ]
        return self._said[key]

    # --- what follows when it is asked

    def _folded(self, node: Aggregate, track: Track) -> str:
        """Return the state of a window, merged from blocks."""
        track.folded = True
        algebra = family(AGGREGATES[node.function])
        said = spelled(self._module.operator(definition_of(algebra)))
        first, end = self._places.of(node.window)
        return f"{track.found}.fold({said}, self.entries, {first}, {end})"

    def _slid(self, node: Aggregate, track: Track, what: Kept) -> str:
        """Return the values of a window, tallied or ranked."""
        p, q = self._counted(track, node.window)
        window = quoted(f"{self._code.function} {what.name.lower()} {window_name(node.window)}")
        how = "tally" if what is Kept.TALLY else "ranked"
        return f"{self._track(track)}.{how}({window}, {p}, {q})"

    def _state(self, node: Aggregate, track: Track, what: Kept) -> str:
        """Return the state of a window."""
        given = self._constants(node)
        if what is Kept.TALLY:
            counts = self._slid(node, track, what)
            if node.function.startswith("count_distinct"):
                return f"{counts}.keys()"
            return f"({counts}, {given[0]})" if given else counts
        if what is Kept.RANKED:
            ordered = self._slid(node, track, what)
            return f"({ordered}, {given[0]})" if given else ordered
        if what in {Kept.ENDS, Kept.VALUES}:
            return self._ends(node, track)
        return self._once(("state", node, track.name), "state", self._folded(node, track))

    def _ends(self, node: Aggregate, track: Track) -> str:
        """Return the state that only the last values make, or the first one."""
        p, q = self._counted(track, node.window)
        values = f"{self._track(track)}.values"
        given = self._constants(node)
        match node.function:
            case "first":
                return f"{values}[{p}] if {p} < {q} else None"
            case "last":
                return f"{values}[{q} - 1] if {p} < {q} else None"
            case "list_last":
                return f"({values}[max({p}, {q} - {given[0]}) : {q}], {given[0]})"
            case "lag":
                last = f"{values}[max({p}, {q} - {given[0]}) : {q}]"
                return f"([value for (value,) in {last}], {given[0]})"
            case _:
                return f"({values}[{p}:{q}], {given[0]})"

    def _decayed(self, node: Aggregate, track: Track, said: str) -> str:
        """Return the call that weighs each value of a window by its age."""
        p, q = self._counted(track, node.window)
        values = f"{self._track(track)}.values[{p}:{q}]"
        (half_life,) = self._constants(node)
        folded = f"{said}.over([(x, at, as_of, {half_life}) for x, at in {values}])"
        if not node.current:
            return folded
        hand = self._hand(track)
        more = f"[*{values}, *([] if {hand} is None else [{hand}])]"
        return folded.replace(values, more)
