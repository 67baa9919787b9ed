"""A process that exports and kills itself around one system call.

Arguments: folder, ``before`` or ``after``, the call of ``os``, at which of its calls.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from receiving import package

from featurekit.export.repository import plan, write


def main(folder: str, when: str, call: str, count: str) -> None:
    """Export version 1.0 with other texts, until death."""
    real: Callable[..., Any] = getattr(os, call)
    left = int(count)

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*args, **kwargs)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    planned = plan(Path(folder), package(views="NEW = 1\n", windows="NEW = 2\n", extra="NEW = 3\n"))
    setattr(os, call, dying)
    write(planned)


if __name__ == "__main__":
    main(*sys.argv[1:])
