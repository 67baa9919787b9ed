"""Which aggregates of a view meet their rows in the same way, and so share a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from featurekit.ir.nodes import Aggregate
from featurekit.ir.view import View, aggregates
from featurekit.ir.windows import (
    UNITS,
    AllTime,
    Calendar,
    CalendarUnit,
    LastRows,
    Rolling,
    ToDate,
    Window,
    window_name,
)

STRETCHES = 16
RUNNING = "running"
_DAYS = {CalendarUnit.DAY: 1, CalendarUnit.WEEK: 7, CalendarUnit.MONTH: 31, CalendarUnit.YEAR: 366}


@dataclass(frozen=True, slots=True)
class Group:
    """Windows of a view that meet their rows in the same way.

    Attributes:
        name: What the step is called after the view.
        aggregates: Those over these windows, with their places in the view.
        rows: For the latest rows, which; None: windows of time.
        width: For windows of limited reach, the length of a stretch in microseconds; 0: no limit.
        runs: Whether these are answered by running aggregates.
        framed: Whether these are answered by frames where a key is busy.
    """

    name: str
    aggregates: tuple[tuple[int, Aggregate], ...]
    rows: LastRows | None = None
    width: int = 0
    runs: bool = False
    framed: bool = False

    @property
    def stretches(self) -> str:
        """What the step is called that says which stretches of time its windows touch."""
        return "framed stretches" if self.framed else "stretches"

    @property
    def current(self) -> bool:
        """Whether the row in hand counts in some of them."""
        return any(node.current for _, node in self.aggregates)


def groups(
    view: View, runs: Callable[[Aggregate], bool], frames: Callable[[Aggregate], bool]
) -> tuple[Group, ...]:
    """Return the aggregates of ``view`` by how they meet their rows.

    Those that ``runs`` holds for do not; nor those of ``frames``, where a key is busy.
    """
    members: dict[tuple[str, bool], list[tuple[int, Aggregate]]] = {}
    for place, node in enumerate(aggregates(view), start=1):
        name, framed = RUNNING if runs(node) else _group_name(node.window), frames(node)
        members.setdefault((f"{name} framed" if framed else name, framed), []).append((place, node))
    made = []
    for (name, framed), some in members.items():
        window = some[0][1].window
        if name == RUNNING:
            made.append(Group(name, tuple(some), runs=True))
        elif isinstance(window, LastRows):
            made.append(Group(name, tuple(some), rows=window))
        elif isinstance(window, AllTime):
            made.append(Group(name, tuple(some), framed=framed))
        else:
            reach = max(_reach(aggregate.window) for _, aggregate in some)
            width = max(reach // STRETCHES, 1)
            made.append(Group(name, tuple(some), width=width, framed=framed))
    return tuple(made)


def _group_name(window: Window) -> str:
    match window:
        case LastRows():
            return window_name(window)
        case AllTime():
            return "all_time"
        case _:
            return "windows"


def _reach(window: Window) -> int:
    """Return about how far back a window of limited time reaches, in microseconds."""
    match window:
        case Rolling(length, offset):
            return length + offset
        case Calendar(count, unit):
            return (count + 1) * _DAYS[unit] * UNITS["d"]
        case ToDate(unit):
            return _DAYS[unit] * UNITS["d"]
        case LastRows() | AllTime():
            return 0


def aggregate_name(place: int, node: Aggregate) -> str:
    """Return what the column with an aggregate's answer is called."""
    row = " and the row" if node.current else ""
    return f"fk_{place} {node.function} {window_name(node.window)}{row}"
