"""``%fk build``: pick a source, columns, aggregates and windows; get the cell that says it.

``%%feature``, or ``%%label`` when what is picked is to be predicted.

While picking, the text is read exactly as the cell will be read, but nothing is saved: the view
comes into being when the written cell is run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anywidget
import traitlets

from featurekit.errors import FeatureError
from featurekit.ir.definitions import SourceKind
from featurekit.ir.windows import EXAMPLES, EXAMPLES_AHEAD
from featurekit.notebook.cell_text import (
    COUNT_ROWS,
    EXPRESSION,
    VALUE,
    Choices,
    cell_text,
    read_choices,
)
from featurekit.notebook.live import asset, turn

if TYPE_CHECKING:
    from featurekit.workspace import Workspace

MORE_WINDOWS = ("last_7d", "last_24h", "last_7d_before_7d", "calendar_1mo", "today")
_FIRST = ("SUM", "AVG", COUNT_ROWS, "COUNT", "COUNT DISTINCT", "MIN", "MAX", "LAST", "FIRST")


def offers() -> dict[str, list[str]]:
    """Return what a feature can be for each kind of source: aggregates, a value, an expression."""
    from featurekit.ops import AGGREGATES_BY_SURFACE

    known = [name for name in _FIRST if name in AGGREGATES_BY_SURFACE]
    every = known + sorted(set(AGGREGATES_BY_SURFACE) - set(known))
    columns = takes()  # the form asks for one column: what needs more is written by hand
    every = [name for name in every if columns.get(name, [COUNT_ROWS])]
    return {
        SourceKind.EVENTS.value: [*every, EXPRESSION],
        SourceKind.SNAPSHOT.value: [VALUE, EXPRESSION, *every],
        SourceKind.REQUEST.value: [VALUE, EXPRESSION],
    }


def takes() -> dict[str, list[str]]:
    """Return, for each aggregate, the kinds of column it can be asked for."""
    from featurekit import datatypes
    from featurekit.ops import AGGREGATES_BY_SURFACE, bind_aggregate

    kinds = (
        *(datatypes.BOOLEAN, datatypes.BIGINT, datatypes.DOUBLE, datatypes.decimal(10, 2)),
        *(datatypes.VARCHAR, datatypes.DATE, datatypes.TIMESTAMP),
    )
    return {
        surface: [kind.kind.value for kind in kinds if bind_aggregate(surface, (kind,))]
        for surface in AGGREGATES_BY_SURFACE
        if surface != COUNT_ROWS
    }


def offered_sources(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the registered sources with their columns, by name."""
    return [
        {
            "name": source.name,
            "kind": source.kind.value,
            "entities": list(source.entities),
            "columns": [
                {"name": f.name, "type": str(f.type), "kind": f.type.kind.value}
                for f in source.fields
            ],
        }
        for _, source in sorted(workspace.catalog.sources().items())
    ]


def read_cell(workspace: Workspace, text: str) -> str:
    """Read the cell as it will be read, without saving anything; return what it would define.

    Raises:
        FeatureError: what running the cell would raise.
    """
    from featurekit.frontends.from_sql import read_view
    from featurekit.frontends.scope import Header
    from featurekit.selection import scope
    from featurekit.verbs import VERBS
    from featurekit.verbs.verb import split_line

    first, _, body = text.partition("\n")
    magic, *words = split_line(first)
    label = magic == "%%label"
    options = VERBS["label" if label else "feature"].parser().parse_args(words)
    header = Header(
        name=options.name,
        source=options.source,
        entity=options.entity,
        owner=options.owner,
        per="row" if not label and options.per == "row" else "entity",
        zone=options.zone,
        strict=not label and options.strict,
        label=label,
        ahead=options.ahead if label else None,
    )
    view = read_view(header, body, scope(workspace.catalog))
    return ", ".join(f"{one.name} {one.expression.type}" for one in view.features)


class BuilderWidget(anywidget.AnyWidget):
    """Choices come from the browser, the cell's text and its verdict go back.

    Attributes:
        anchor: The class of the place to draw in.
        sources, offers, takes, windows, ahead: What can be picked; ``ahead`` are labels' windows.
        choices: What was picked.
        text: The cell that says it.
        problem: Why the cell could not be run as it stands, or the empty string.
        told: What the cell would define: each feature with its type.
    """

    _esm = asset("live.js", "builder_widget.js")
    _css = asset("live.css", "builder_widget.css")
    anchor = traitlets.Unicode().tag(sync=True)
    sources: traitlets.List[Any] = traitlets.List().tag(sync=True)
    offers = traitlets.Dict().tag(sync=True)
    takes = traitlets.Dict().tag(sync=True)
    windows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    ahead: traitlets.List[Any] = traitlets.List().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        workspace: Workspace,
        lock: threading.RLock,
        keep: Callable[[str], None],
        owner: str = "",
    ) -> None:
        self._workspace = workspace
        self._lock = lock
        self._keep = keep
        super().__init__(
            anchor=uuid4().hex,
            sources=offered_sources(workspace),
            offers=offers(),
            takes=takes(),
            windows=list(dict.fromkeys((*EXAMPLES, *MORE_WINDOWS))),
            ahead=list(EXAMPLES_AHEAD),
            choices={"view": "", "source": "", "entity": "", "owner": owner, "lines": []},
        )
        self.observe(self._picked, names="choices")
        self.on_msg(self._heard)

    def _picked(self, change: Any) -> None:
        choices = self._read(change["new"])
        if not choices.lines:
            return
        text = cell_text(choices)
        try:
            with turn(self._lock):
                told, problem = read_cell(self._workspace, text), ""
        except FeatureError as error:
            told, problem = "", error.headline + (f"\nfix: {error.fix}" if error.fix else "")
        with self.hold_sync():
            self.text, self.told, self.problem = text, told, problem

    def _read(self, found: Any) -> Choices:
        kinds = {source["name"]: source["kind"] for source in self.sources}
        return read_choices(found, kinds.get(found.get("source"), SourceKind.EVENTS.value))

    def _heard(self, _widget: Any, message: Any, _buffers: Any) -> None:
        match message:
            case {"do": "wrote", "made": False}:
                self._keep(self.text)  # the next %fk build puts it below itself
            case _:
                pass  # written, or not a message of ours
