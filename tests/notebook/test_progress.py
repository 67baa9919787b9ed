"""The bar: quiet when quick, throttled, and never left moving."""

from __future__ import annotations

from typing import Any

import pytest

from featurekit.notebook.progress import ProgressBar, shown


class Screen:
    """Stands for the display: collects what is shown, in order."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = []
        self.now = 0.0

    def show(self, first: dict[str, Any]) -> Any:
        """Take the first state; return what takes the next ones."""
        self.states.append(first)
        return self.states.append

    def clock(self) -> float:
        """Return the test's own time."""
        return self.now


def test_a_verb_that_reports_nothing_leaves_no_trace() -> None:
    screen = Screen()
    with shown(ProgressBar(screen.show, screen.clock)):
        pass
    assert screen.states == []


def test_a_bar_shows_done_of_total_and_the_time_left() -> None:
    screen = Screen()
    bar = ProgressBar(screen.show, screen.clock)
    bar("joining", 0, 1000)
    screen.now = 2.0
    bar("joining", 250, 1000)
    assert '<progress value="250" max="1000"' in screen.states[-1]["text/html"]
    assert screen.states[-1]["text/plain"] == "joining · 250 of 1,000 · 6 s left"


def test_a_thousand_reports_in_a_moment_are_a_few_messages() -> None:
    screen = Screen()
    bar = ProgressBar(screen.show, screen.clock)
    for done in range(1000):
        screen.now += 0.001
        bar("joining", done, 1000)
    assert 5 <= len(screen.states) <= 20


@pytest.mark.parametrize(
    ("failure", "word"), [(KeyboardInterrupt, "interrupted"), (RuntimeError, "stopped")]
)
def test_a_bar_that_is_cut_short_says_so_and_stands_still(
    failure: type[BaseException], word: str
) -> None:
    screen = Screen()

    def cut_short() -> None:
        with shown(ProgressBar(screen.show, screen.clock)) as bar:
            bar("joining", 300, 1000)
            raise failure

    with pytest.raises(failure):
        cut_short()
    assert screen.states[-1]["text/plain"] == f"{word}: joining, 300 of 1,000"
    assert "<progress" not in screen.states[-1]["text/html"]


def test_a_finished_bar_becomes_one_quiet_line() -> None:
    screen = Screen()
    with shown(ProgressBar(screen.show, screen.clock)) as bar:
        bar("joining", 1000, 1000)
    assert screen.states[-1]["text/plain"] == "done: joining, 1,000 of 1,000"


def test_a_hostile_stage_name_stays_text() -> None:
    screen = Screen()
    ProgressBar(screen.show, screen.clock)("<script>alert(1)</script>", 1, 0)
    assert "<script>" not in screen.states[0]["text/html"]
