"""Tab completion inside the magics: flags, sources, columns, windows, operators."""

from __future__ import annotations

from typing import Any


def install(shell: Any, magics: Any) -> None:
    """Add the matcher to the shell's completer."""
    del shell, magics
