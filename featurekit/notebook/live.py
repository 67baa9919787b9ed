"""Live widgets that leave a static card behind.

The output of a cell holds the card only, around it one ``div`` with a class of its own. When the
widget's model reaches the browser, its code draws into that ``div``. So what is saved, reopened
without a kernel, or read on a page elsewhere is the card, and there is no dead widget.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from featurekit.errors import UsageError
from featurekit.notebook.cards import FACTS_MIME, bundle
from featurekit.notebook.to_html import Html, element

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping

PATIENCE = 5.0
"""Seconds a click waits for a running cell before it says that the kernel is busy."""


class Busy(UsageError):
    """FK990: a click came while a cell was running."""

    code = "FK990"

    def __init__(self) -> None:
        super().__init__("a cell is running", fix="try again when it is done")


@contextmanager
def turn(lock: threading.RLock) -> Iterator[None]:
    """Hold ``lock``: clicks may arrive on another thread while a cell runs.

    Raises:
        Busy: FK990 after a few seconds.
    """
    if not lock.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        lock.release()


def asset(*names: str) -> str:
    """Return the text of files that lie beside this module, one after the other."""
    folder = files("featurekit.notebook")
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def anchored(facts: Mapping[str, Any], anchor: str) -> dict[str, Any]:
    """Return the card of ``facts`` in the place that the widget with this ``anchor`` looks for."""
    shown = bundle(facts)
    place = element("div", Html(shown["text/html"]), **{"class": f"fk-live-{anchor}"})
    return {**shown, "text/html": str(place), FACTS_MIME: {**shown[FACTS_MIME], "live": True}}
