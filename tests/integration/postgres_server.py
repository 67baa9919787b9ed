"""Where the tests find PostgreSQL: a given one, one that answers here, or one of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from required import missing

_SETTINGS = "-c timezone=UTC"
_IS_ROOT = os.geteuid() == 0
_HERE = [
    f"host=127.0.0.1 port=5432 user={user} dbname={database} connect_timeout=3"
    for user in ("postgres", "root")
    for database in ("test", "postgres")
]


@contextmanager
def connected() -> Iterator[Any]:
    """Yield a connection whose tables are temporary; a server that was started is stopped."""
    try:
        import psycopg
    except ImportError:
        missing("postgres", "psycopg is not installed: pip install 'featurekit[test]'")
    given = os.environ.get("FEATUREKIT_POSTGRES")
    opened = _first(psycopg, [given] if given else _HERE)
    if opened is None and given:
        missing("postgres", f"no PostgreSQL answers at FEATUREKIT_POSTGRES={given}")
    folder = Path(tempfile.mkdtemp(prefix="featurekit"))
    started = None if opened else _start(folder)
    if started:
        opened = _first(psycopg, [f"host={folder} user=featurekit dbname=postgres"])
    if opened is None:
        missing(
            "postgres", "no PostgreSQL here: set FEATUREKIT_POSTGRES, or apt-get install postgresql"
        )
    try:
        yield opened
    finally:
        opened.close()
        if started:
            _run(started, "stop", folder, "-m", "immediate")
        shutil.rmtree(folder)


def _first(psycopg: Any, places: Sequence[str]) -> Any | None:
    for place in places:
        try:
            return psycopg.connect(
                place, autocommit=True, options=_SETTINGS, prepare_threshold=None
            )
        except psycopg.OperationalError:
            continue
    return None


def _start(folder: Path) -> Path | None:
    """Start a server that listens in ``folder`` only; None where there is none to start."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    if not programs:
        return None
    if _IS_ROOT:  # it refuses to run as root: its own user must reach the folder
        shutil.chown(folder, "postgres")
    data = ["-D", folder / "data", "-U", "featurekit", "-A", "trust", "-E", "UTF8", "--no-sync"]
    made = _quiet(programs[0].with_name("initdb"), *data)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    if made or _run(programs[0], "start", folder, "-w", "-o", options):
        return None
    return programs[0]


def _run(program: Path, what: str, folder: Path, *rest: str) -> int:
    return _quiet(program, what, "-D", folder / "data", "-l", folder / "server.log", *rest)


def _quiet(*command: str | Path) -> int:
    before = ["runuser", "-u", "postgres", "--"] if _IS_ROOT else []
    return subprocess.run(
        [*before, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode
