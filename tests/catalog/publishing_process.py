"""A process that publishes until it is killed; it prints the number of each commit it made.

Arguments: folder, name of the view, how many commits; then perhaps the system call before or after
which it kills itself, and at which of its calls: ``before link 3``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from shop_definitions import AT, draft, total, view

sys.path.append(str(Path(__file__).parents[1]))

from dying import die_around

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.store import DirectoryStore


def main(folder: str, name: str, commits: str, *death: str) -> None:
    """Publish one changed version after the other."""
    if death:
        when, call, count = death
        die_around(when, call, int(count))
    catalog = Catalog(DirectoryStore(Path(folder)))
    start = len(catalog.versions(name))
    for number in range(start + 1, start + int(commits) + 1):
        catalog.save_draft(draft(view(name, a=total(number))))
        made = catalog.publish(name, AT)
        sys.stdout.write(f"{made.version}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
