"""A process that kills itself in the middle of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


def die_around(when: str, call: str, count: int, number: int = signal.SIGKILL) -> None:
    """Make this process signal itself ``before`` or ``after`` one call of ``os.<call>``."""
    real: Callable[..., Any] = getattr(os, call)
    left = count

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            os.kill(os.getpid(), number)
        done = real(*args, **kwargs)
        if left == 0:
            os.kill(os.getpid(), number)
        return done

    setattr(os, call, dying)
