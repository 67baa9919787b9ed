"""How many small mistakes in generated code the generated tests notice.

``python tests/benchmarks/mutation_score.py [--share 0.2] [--package shop]`` prints the score and
each mistake that nobody noticed. Mistakes that change nothing are listed in ``EQUIVALENT``, with
the reason; ``test_unedited.py``, which notices every edit, takes no part.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / part) for part in ("export", "backends", "parity", "conformance")]
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from mutants import Mutant, OwnTests, mutants
from package_runs import put
from rule_cases import ruled_cases
from sample_packages import grain_package, package, shop_package
from shop_cells import CELLS
from shop_packages import shape_of, specification, trainer

from featurekit.export.package import PackageSpec
from featurekit.export.python_plan import plan
from featurekit.export.render import render
from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import statuses
from featurekit.parity.rows import Shape
from featurekit.parity.vectors import expected, vector_lines

FILES = ("views", "windows", "operators", "contract", "state", "tracks", "__init__")
EQUIVALENT: tuple[tuple[str, str], ...] = ()
"""A pattern for a mistake as it is printed, and why it changes nothing."""


def specs() -> dict[str, PackageSpec]:
    """Return the packages whose code is made wrong, with their vectors."""
    ruled = {ref: v for one in ruled_cases() for ref, v in one.ruled.views.items()}
    (habits,) = [shape_of(one) for one in CELLS if one.name == "trends_lists_and_orders"]
    made = {
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


@dataclass
class Score:
    """What became of the mistakes in one package."""

    tried: int = 0
    noticed: int = 0
    equivalent: int = 0
    alive: tuple[Mutant, ...] = ()

    @property
    def share(self) -> float:
        """The share of mistakes that were noticed, of those that change something."""
        return self.noticed / max(self.tried - self.equivalent, 1)


def score(spec: PackageSpec, share: float, seed: int = 7) -> Score:
    """Try a share of the mistakes in the generated code of ``spec``."""
    chance, found = random.Random(seed), Score()
    with tempfile.TemporaryDirectory() as name:
        folder = put(render(spec), Path(name))
        own = OwnTests(folder, spec.package)
        failure = own.failure()
        assert failure is None, f"{failure} fails of unchanged code"
        for make in _mistakes(spec, folder):
            if chance.random() >= share:
                continue
            mutant = make()
            found.tried += 1
            if own.failure(mutant) is not None:
                found.noticed += 1
            elif any(re.search(pattern, str(mutant)) for pattern, _ in EQUIVALENT):
                found.equivalent += 1
            else:
                found.alive = (*found.alive, mutant)
    return found


def _mistakes(spec: PackageSpec, folder: Path) -> Iterator[object]:
    for stem in FILES:
        file = folder / spec.package / spec.folder / f"{stem}.py"
        if file.exists():
            module = f"{spec.package}.{spec.folder}" + ("" if stem == "__init__" else f".{stem}")
            yield from mutants(module, file.read_text(encoding="utf-8"), str(file))


def main() -> None:
    """Print the score of each package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the mistakes, drawn by lot")
    parser.add_argument("--package", help="one of the sample packages; default: all")
    options = parser.parse_args()
    total = Score()
    for name, spec in specs().items():
        if options.package in {None, name}:
            one = score(spec, options.share)
            said = f"{one.noticed} of {one.tried} noticed, {one.equivalent} change nothing"
            print(f"{name}: {one.share:.1%} ({said})", flush=True)
            for mutant in one.alive:
                print(f"  {mutant}", flush=True)
            total.tried += one.tried
            total.noticed += one.noticed
            total.equivalent += one.equivalent
    print(f"all: {total.share:.1%} of {total.tried}")


if __name__ == "__main__":
    main()
