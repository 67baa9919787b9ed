"""``%catalog -i``: search the catalog, pick a view, read its card."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from featurekit.errors import FeatureError
from featurekit.notebook import errors_card
from featurekit.notebook.cards import bundle
from featurekit.notebook.live import asset, turn

Ask = Callable[[str, str], Mapping[str, Any]]
"""Runs a verb: its magic and its line; returns the facts."""


class CatalogWidget(anywidget.AnyWidget):
    """The catalog's rows go to the browser once and are searched there; cards come on demand.

    Attributes:
        anchor: The class of the place to draw in.
        rows: The facts' rows, one a feature.
        query: What is searched for at first.
        picked: The view that is looked at.
        details: Its card: ``{"view": reference, "html": card}``.
    """

    _esm = asset("live.js", "catalog_widget.js")
    _css = asset("live.css", "catalog_widget.css")
    anchor = traitlets.Unicode().tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    picked = traitlets.Unicode().tag(sync=True)
    details = traitlets.Dict().tag(sync=True)

    def __init__(
        self, facts: Mapping[str, Any], ask: Ask, lock: threading.RLock, line: str = ""
    ) -> None:
        self._ask = ask
        self._lock = lock
        self._line = line
        super().__init__(
            anchor=uuid4().hex,
            rows=list(facts.get("rows") or ()),
            query=str(facts.get("query") or ""),
        )
        self.on_msg(self._told)

    def _told(self, _widget: Any, message: Any, _buffers: Any) -> None:
        match message:
            case {"do": "show", "view": str(view)} if view in self._references():
                self.details = {"view": view, "html": self._card(view)}
            case {"do": "refresh"}:
                with turn(self._lock):
                    self.rows = list(self._ask("catalog", self._line).get("rows") or ())
            case _:
                pass  # not a message of ours: the browser is not trusted to name anything else

    def _references(self) -> set[str]:
        return {
            f"{row['view']}@{row['version']}" if row.get("version") else str(row["view"])
            for row in self.rows
        }

    def _card(self, view: str) -> str:
        import shlex

        try:
            with turn(self._lock):
                facts = self._ask("feature", f"show {shlex.quote(view)}")
            return str(bundle(facts)["text/html"])
        except FeatureError as error:
            return str(errors_card.bundle(error)["text/html"])
