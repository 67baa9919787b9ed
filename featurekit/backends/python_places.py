"""Where the windows of a view lie among the rows of a state: lines with cursors that move on."""

from __future__ import annotations

from featurekit.backends.python_syntax import Names
from featurekit.backends.python_windows import bounds, moment_before
from featurekit.ir.view import View
from featurekit.ir.windows import AllTime, LastRows, Window, window_name


def cursor_name(number: int) -> str:
    """Return what a state calls the cursor of that number."""
    return f"place_{number}"


class Places:
    """The places of the windows of one view.

    Attributes:
        cursors: How many cursors there are, with those of other views.

    Args:
        view: The view.
        names: What the method's locals are called.
        lines: Where the lines go.
        cursors: How many cursors there were before.
    """

    def __init__(self, view: View, names: Names, lines: list[str], cursors: int) -> None:
        self.cursors = cursors
        self._view = view
        self._names = names
        self._lines = lines
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
                return "0", self._cursor(f"{name}_end", moment_before(offset))
            case _:
                start, stop = bounds(window, self._view.zone)
                first = self._cursor(name, start)
                return first, self._cursor(f"{name}_end", stop)

    def _cursor(self, wish: str, moment: str) -> str:
        """Find the first visible row that is not before ``moment``, from where it was last.

        It never lies behind the row that is sought: rows that come late take it back to their
        place, and a question about the past leaves it where it is.
        """
        if moment == "t":
            return "seen"
        local, held = self._names.new(wish), f"self._{cursor_name(self.cursors)}"
        self.cursors += 1
        self._lines += [
            f"since = {moment}",
            f"{local} = {held} if ahead else bisect_left(times, since, 0, seen)",
            f"if {local} < seen and times[{local}] < since:",
            f"    {local} += 1",
            f"    while {local} < seen and times[{local}] < since:",
            f"        {local} += 1",
            f"    {held} = {local}",
        ]
        return local
