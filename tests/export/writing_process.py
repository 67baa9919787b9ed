"""A process that writes to a store of a rendered package; run by tests, which may kill it.

It is told as JSON: the package's folder and name, the store and its arguments, and a number.
Line by line it says which row it is certain of.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import random
import sys
from typing import Any

NOW = dt.datetime(2024, 6, 12, 15, 4, 5, tzinfo=dt.timezone.utc)  # noqa: UP017  as the package


def opened(told: dict[str, Any]) -> tuple[Any, Any]:
    """Return the package's module of stores, and the store."""
    sys.path.insert(0, told["folder"])
    held = importlib.import_module(f"{told['package']}.store")
    module = importlib.import_module(f"{told['package']}.{told['module']}")
    return held, getattr(module, told["store"])(told["place"], **told["options"])


def made(held: Any, number: int, rank: int, writer: int) -> Any:
    """Return an entry: even numbers are unique, of odd ones each delivery is a row."""
    at = NOW + dt.timedelta(seconds=number)
    row = {"number": number, "rank": rank, "writer": writer}
    unique = number % 2 == 0
    return held.Entry((at, (1, number)), unique, (at, (1, rank)) if unique else (), at, row)


def main() -> None:
    """Write rows until all are written or somebody ends it."""
    told = json.loads(sys.argv[1])
    held, store = opened(told)
    stream = held.Stream("clicks", held.Retention(None))
    draw = random.Random(told["seed"])  # noqa: S311  a reproducible draw, not a secret
    numbers = list(range(told["from"], told["from"] + told["rows"]))
    if told["shuffled"]:
        numbers = [draw.choice(numbers) for _ in range(3 * len(numbers))]
    for number in numbers:
        rank = draw.randrange(100)
        store.append(stream, (number % 3,), made(held, number, rank, told["seed"]))
        sys.stdout.write(json.dumps([number, rank]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
