"""A bar that moves in place while a verb works, and a plain line when it is over.

Why throttled: each update is a message to the browser; ten a second look smooth and cost nothing.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from featurekit.notebook.to_html import element, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY = 0.1


class ProgressBar:
    """What the ``progress`` callback of a session draws: stage, done of total, time left.

    Nothing is shown before the first report, so a quick verb leaves no trace.
    """

    def __init__(
        self,
        show: Callable[[dict[str, Any]], Callable[[dict[str, Any]], None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show = show
        self._clock = clock
        self._update: Callable[[dict[str, Any]], None] | None = None
        self._began: tuple[str, float] = ("", 0.0)
        self._last = float("-inf")
        self._said = ("", 0, 0)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take a report: ``done`` of ``total`` rows (or steps) of ``stage``."""
        now = self._clock()
        if stage != self._began[0]:
            self._began = (stage, now)
        self._said = (stage, done, total)
        if now - self._last < EVERY and done < total:
            return
        self._last = now
        self._draw(self._bar(now))

    def _draw(self, shown: dict[str, Any]) -> None:
        if self._update is None:
            self._update = self._show(shown)
        else:
            self._update(shown)

    def _bar(self, now: float) -> dict[str, Any]:
        stage, done, total = self._said
        spent = now - self._began[1]
        left = f"{spent * (total - done) / done:.0f} s left" if 0 < done < total else ""
        counted = f"{number(done)} of {number(total)}"
        words = " · ".join(part for part in (stage, counted, left) if part)
        bar = element("progress", value=str(done), max=str(max(total, 1)), style="width:240px")
        return {
            "text/html": element("div", bar, " ", element("span", words)),
            "text/plain": words,
        }

    def finish(self, word: str) -> None:
        """Leave one plain line in the bar's place, when a bar was shown."""
        if self._update is None:
            return
        stage, done, total = self._said
        line = f"{word}: {stage}, {number(done)} of {number(total)}"
        self._update({"text/html": element("div", line, style="opacity:0.75"), "text/plain": line})


@contextmanager
def shown(bar: ProgressBar) -> Iterator[ProgressBar]:
    """Run a block with ``bar``; however it ends, the bar's last state says so."""
    try:
        yield bar
    except KeyboardInterrupt:
        bar.finish("interrupted")
        raise
    except BaseException:
        bar.finish("stopped")
        raise
    bar.finish("done")
