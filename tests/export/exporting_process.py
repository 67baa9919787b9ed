"""A process that exports and kills itself around one system call.

Arguments: folder, ``before`` or ``after``, the call of ``os``, at which of its calls.
"""

from __future__ import annotations

import sys
from pathlib import Path

from receiving import package

sys.path.append(str(Path(__file__).parents[1]))

from dying import die_around

from featurekit.export.repository import plan, write


def main(folder: str, when: str, call: str, count: str) -> None:
    """Export version 1.0 with other texts, until death."""
    planned = plan(Path(folder), package(views="NEW = 1\n", windows="NEW = 2\n", extra="NEW = 3\n"))
    die_around(when, call, int(count))
    write(planned)


if __name__ == "__main__":
    main(*sys.argv[1:])
