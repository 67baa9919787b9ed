"""What a team that receives a package runs over it: its tests, mypy and ruff, each on its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

BESIDE = Path(sys.executable).parent
RULES = "E,F,W,I,UP,B,C4,SIM,RET,PIE"


def ran(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``command`` in ``folder``, with nothing of this process's environment but the path."""
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@cache
def _known_types() -> tempfile.TemporaryDirectory[str]:
    """Return where mypy keeps what it knows of the standard library: reading it takes seconds."""
    return tempfile.TemporaryDirectory(prefix="featurekit-mypy-")


def mypy_says(folder: Path, *names: str) -> str:
    """Return what ``mypy --strict`` has against packages in ``folder``; empty where nothing."""
    done = ran(
        *(str(BESIDE / "mypy"), "--strict", "--python-version", "3.10"),
        *("--cache-dir", _known_types().name, "--config-file", os.devnull, *names),
        folder=folder,
    )
    return done.stdout + done.stderr if done.returncode else ""


def ruff_says(folder: Path) -> str:
    """Return what ruff has against the files in ``folder``; empty where nothing."""
    lint = (str(BESIDE / "ruff"), "check", "--isolated", "--no-cache")
    own = ("--select", RULES, "--line-length", "100", "--target-version", "py310", ".")
    done = ran(*lint, *own, folder=folder)
    lines = ran(*lint, "--preview", "--select", "E3", folder=folder)
    return "".join(one.stdout + one.stderr for one in (done, lines) if one.returncode)
