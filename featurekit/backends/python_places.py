"""Where the windows of a view lie among the rows of a state: lines with cursors that move on."""

from __future__ import annotations

from featurekit.backends.python_syntax import Names
from featurekit.backends.python_windows import bounds
from featurekit.ir.view import View
from featurekit.ir.windows import UNITS, AllTime, LastRows, Rolling, Window, window_name

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "us": "microseconds"}


def cursor_name(number: int) -> str:
    """Return what a state calls the cursor of that number."""
    return f"place_{number}"


class Lengths:
    """The lengths of time that the states of a file speak of, each a constant of the file."""

    def __init__(self) -> None:
        self._said: dict[int, str] = {}

    def of(self, microseconds: int) -> str:
        """Return the name of a length: ``_30_DAYS``."""
        count, unit = _counted(microseconds)
        name = f"_{count}_{unit[: -1 if count == 1 else None].upper()}"
        self._said[microseconds] = f"{name} = dt.timedelta({unit}={count})"
        return name

    @property
    def lines(self) -> list[str]:
        """The constants, the shortest first."""
        return [self._said[size] for size in sorted(self._said)]


def _counted(microseconds: int) -> tuple[int, str]:
    """Return how many it is of the largest unit that is exact, and what that is called."""
    letter = next(letter for letter in _UNITS if microseconds % UNITS[letter] == 0)
    return microseconds // UNITS[letter], _UNITS[letter]


class Places:
    """The places of the windows of one view.

    Attributes:
        cursors: How many cursors there are, with those of other views.

    Args:
        view: The view.
        names: What the method's locals are called.
        lines: Where the lines go.
        lengths: What lengths of time are called.
        cursors: How many cursors there were before.
    """

    def __init__(
        self, view: View, names: Names, lines: list[str], lengths: Lengths, cursors: int
    ) -> None:
        self.cursors = cursors
        self._view = view
        self._names = names
        self._lines = lines
        self._lengths = lengths
        self._said: dict[Window, tuple[str, str]] = {}

    def of(self, window: Window) -> tuple[str, str]:
        """Return the first row of a window and the one behind its last."""
        if window not in self._said:
            self._said[window] = self._found(window)
        return self._said[window]

    def _found(self, window: Window) -> tuple[str, str]:
        name = window_name(window)
        match window:
            case LastRows(count, offset):
                first, end = self._names.new(name), "seen"
                if offset:
                    end = self._names.new(f"{name}_end")
                    self._lines.append(f"{end} = max(seen - {offset}, 0)")
                self._lines.append(f"{first} = max({end} - {count}, 0)")
                return first, end
            case AllTime(offset):
                return "0", self._within(f"{name}_end", offset)
            case Rolling(size, offset):
                first = self._within(name, size + offset)
                return first, self._within(f"{name}_end", offset)
            case _:
                start, stop = bounds(window, self._view.zone)
                first = self._since(name, start)
                return first, self._since(f"{name}_end", stop)

    def _within(self, wish: str, microseconds: int) -> str:
        """Find the first visible row that is no older than so long."""
        if not microseconds:
            return "seen"
        age, local = self._lengths.of(microseconds), self._names.new(wish)
        found = f"tracks.within(times, seen, as_of, {age})"
        return self._cursor(local, found, f"as_of - times[{local}] > {age}")

    def _since(self, wish: str, t: str) -> str:
        """Find the first visible row that is not before ``t``."""
        if t == "t":
            return "seen"
        self._lines.append(f"since = windows.to_moment({t})")
        local = self._names.new(wish)
        return self._cursor(local, "bisect_left(times, since, 0, seen)", f"times[{local}] < since")

    def _cursor(self, local: str, found: str, earlier: str) -> str:
        """Find the first visible row that is not ``earlier``, from where it was last.

        It never lies behind the row that is sought: rows that come late take it back to their
        place, and a question about the past leaves it where it is.
        """
        held = f"self._{cursor_name(self.cursors)}"
        self.cursors += 1
        self._lines += [
            f"{local} = {held} if ahead else {found}",
            f"if {local} < seen and {earlier}:",
            f"    {local} += 1",
            f"    while {local} < seen and {earlier}:",
            f"        {local} += 1",
            f"    {held} = {local}",
        ]
        return local
