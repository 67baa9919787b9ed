"""Connecting loads in the background what the first feature cell needs."""

from __future__ import annotations

import subprocess
import sys


def test_connecting_loads_the_front_end_on_a_thread_of_its_own() -> None:
    script = (
        "import sys\n"
        "from featurekit.notebook.warming import warm\n"
        "assert 'sqlglot' not in sys.modules\n"
        "warm().join(60)\n"
        "assert {'sqlglot', 'polars', 'featurekit.proof'} <= set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
