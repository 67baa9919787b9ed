"""How many values were compared, by target: counted where answers are read, summed over processes.

``FEATUREKIT_LEAST_COMPARED=1000000`` makes a run fail that compares fewer.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

_COMPARED: Counter[str] = Counter()
_SENT = "values compared"
LEAST = "FEATUREKIT_LEAST_COMPARED"


def compared(target: str, values: int) -> None:
    """Note that ``values`` answers of ``target`` are held against the meaning."""
    _COMPARED[target] += values


class Counting:
    """Sums the counts of all processes and prints them at the end."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send a worker's counts home, or fail a run that compared too little."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SENT] = dict(_COMPARED)
        elif _COMPARED.total() < int(os.environ.get(LEAST, "0")):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take a worker's counts."""
        _COMPARED.update(getattr(node, "workeroutput", {}).get(_SENT, {}))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print how many values each target was compared on."""
        if not _COMPARED:
            return
        parts = ", ".join(f"{count:,} in {target}" for target, count in sorted(_COMPARED.items()))
        terminalreporter.write_line(f"{_COMPARED.total():,} values compared: {parts}")
        least = int(os.environ.get(LEAST, "0"))
        if _COMPARED.total() < least:
            terminalreporter.write_line(f"{LEAST} asks for {least:,}", red=True)
