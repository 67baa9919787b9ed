"""How many small mistakes in generated code the generated tests notice.

``python tests/benchmarks/mutation_score.py [--share 0.2] [--part shared] [--package shop]`` prints
the score and each mistake that nobody noticed, with what a reviewer found of it in
``reviewed_mistakes.toml``. ``test_unedited.py``, which notices every edit, takes no part.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / part) for part in ("export", "backends", "parity", "conformance")]
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from mutants import Mutant, OwnTests, mutants
from package_runs import put
from redis_server import redis_url
from rule_cases import ruled_cases
from sample_packages import GRAINS, grain_package, package, shop_package, shop_views
from shop_cells import CELLS
from shop_packages import shape_of, specification, trainer

from featurekit.export.package import PackageSpec
from featurekit.export.python_plan import plan
from featurekit.export.render import render
from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import statuses
from featurekit.parity.rows import Shape
from featurekit.parity.vectors import expected, vector_lines


class Part(NamedTuple):
    """Files of a package, by stem.

    Attributes:
        files: The files.
        versioned: Whether they lie in a version's folder; else all versions share them.
    """

    files: tuple[str, ...]
    versioned: bool = True


PARTS = {
    "version": Part(("views", "windows", "operators", "contract", "__init__")),
    "states": Part(("state", "tracks")),
    "shared": Part(
        (
            *("__init__", "active", "answers", "columns", "errors", "histories", "opening"),
            *("rows", "schemas", "sqlite_store", "store"),
        ),
        versioned=False,
    ),
    "beside": Part(
        ("__main__", "redis_store", "replay", "shadow", "telemetry", "wire"), versioned=False
    ),
}
"""What answers; how windows are answered faster; how rows are kept, settings followed and answers
given; what serves operators, Redis and other processes."""
REVIEWED = Path(__file__).with_name("reviewed_mistakes.toml")


def specs() -> dict[str, PackageSpec]:
    """Return the packages whose code is made wrong, with their vectors."""
    ruled = {ref: v for one in ruled_cases() for ref, v in one.ruled.views.items()}
    (habits,) = [shape_of(one) for one in CELLS if one.name == "trends_lists_and_orders"]
    whole = {**shop_views(), **shop_views(*GRAINS)}
    strict = {reference: replace(view, strict=True) for reference, view in whole.items()}
    made = {
        "strict": package(strict, "strict"),
        "shop": shop_package(),
        "grain": grain_package(),
        "rules": package(ruled, "rules"),
        "habits": specification(habits),
    }
    return {name: _with_vectors(spec) for name, spec in made.items()}


def _with_vectors(spec: PackageSpec) -> PackageSpec:
    planned = plan(spec)
    made = Shape(planned.wanted, planned.views)
    cases = derived_cases(made)
    answered = expected(cases, made, trainer(made))
    lines = vector_lines(cases, answered, made, statuses(made, render(spec), cases))
    return replace(spec, vectors="\n".join(lines) + "\n")


@dataclass(frozen=True)
class Reviewed:
    """What a reviewer found of mistakes that tests need not, or cannot, notice.

    Attributes:
        change: A pattern for a mistake as it is printed, without its place.
        why: Why no promise is broken.
        kind: ``equivalent``, nothing that is promised changes; ``effort``, only how much work or
            memory it takes; ``accepted``, something changes, and the package's tests let it pass.
        file: The stem of the file; None: any.
    """

    change: str
    why: str
    kind: Literal["equivalent", "effort", "accepted"] = "equivalent"
    file: str | None = None

    def explains(self, mutant: Mutant) -> bool:
        """Whether it is said of this mistake."""
        here = self.file is None or self.file == Path(mutant.path).stem
        return here and re.search(self.change, mutant.change) is not None


def reviewed() -> tuple[Reviewed, ...]:
    """Return what was found of mistakes that nobody noticed."""
    said = tomllib.loads(REVIEWED.read_text(encoding="utf-8"))
    return tuple(Reviewed(**one) for one in said["mistake"])


@dataclass
class Score:
    """What became of the mistakes in one package: how many, and who of them survived, and why."""

    tried: int = 0
    survivors: tuple[tuple[Mutant, Reviewed | None], ...] = ()

    @property
    def equivalent(self) -> int:
        """How many change nothing that is promised."""
        return sum(found is not None and found.kind != "accepted" for _, found in self.survivors)

    @property
    def noticed(self) -> int:
        """How many made a test fail."""
        return self.tried - len(self.survivors)

    @property
    def share(self) -> float:
        """The share of mistakes that were noticed, of those that change something."""
        return self.noticed / max(self.tried - self.equivalent, 1)

    @property
    def unexplained(self) -> list[str]:
        """The mistakes that nobody noticed and nobody reviewed."""
        return [str(mutant) for mutant, found in self.survivors if found is None]

    def __add__(self, other: Score) -> Score:
        return Score(self.tried + other.tried, self.survivors + other.survivors)

    def __str__(self) -> str:
        said = f"{self.noticed} of {self.tried} noticed, {self.equivalent} change nothing"
        return f"{self.share:.1%} ({said}, {len(self.unexplained)} not explained)"


def score(spec: PackageSpec, share: float, seed: int = 7, part: Part = PARTS["version"]) -> Score:
    """Try a share of the mistakes in the generated code of ``spec``."""
    chance, known, found = random.Random(seed), reviewed(), Score()
    if "redis_store" in part.files:
        os.environ.setdefault("FEATURES_TEST_REDIS", redis_url())
    with tempfile.TemporaryDirectory() as name:
        folder = put(render(spec), Path(name))
        own = OwnTests(folder, spec.package)
        failure = own.failure()
        assert failure is None, f"{failure} fails of unchanged code"
        for make in _mistakes(spec, folder, part):
            if chance.random() >= share:
                continue
            mutant = make()
            found.tried += 1
            if own.failure(mutant) is None:
                why = next((one for one in known if one.explains(mutant)), None)
                found.survivors = (*found.survivors, (mutant, why))
        failure = own.failure()
        assert failure is None, f"{failure} fails of what mistakes before left behind"
    return found


def _mistakes(spec: PackageSpec, folder: Path, part: Part) -> Iterator[Callable[[], Mutant]]:
    home = Path(spec.package, *([spec.folder] if part.versioned else []))
    for stem in part.files:
        path = home / f"{stem}.py"
        if (folder / path).exists():
            module = ".".join(home.parts if stem == "__init__" else path.with_suffix("").parts)
            text = (folder / path).read_text(encoding="utf-8")
            yield from mutants(module, text, path.as_posix())


def main() -> None:
    """Print the score of each package, and who survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the mistakes, drawn by lot")
    parser.add_argument("--seed", type=int, default=7, help="of that lot")
    parser.add_argument("--part", choices=PARTS, default="version", help="default: version")
    parser.add_argument("--package", help="one of the sample packages; default: all")
    options = parser.parse_args()
    total, begun = Score(), time.process_time()
    for name, spec in specs().items():
        if options.package in {None, name}:
            one = score(spec, options.share, options.seed, PARTS[options.part])
            print(f"{name}: {one}", flush=True)
            for mutant, found in one.survivors:
                why = f"{found.kind}: {found.why}" if found else "NOT EXPLAINED"
                print(f"  {mutant}\n      {why}", flush=True)
            total += one
    print(f"all: {total}, in {time.process_time() - begun:.0f} s of CPU")


if __name__ == "__main__":
    main()
