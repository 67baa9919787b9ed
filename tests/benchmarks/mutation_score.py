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
from collections.abc import Callable, Iterator
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

FILES = ("views", "windows", "operators", "contract", "__init__")
STATES = ("state", "tracks")
"""How windows are answered faster."""
EQUIVALENT: tuple[tuple[str, str], ...] = (
    (r"Retention\(", "a store may keep more than questions need"),
    (r"entry = Entry\(order, unique=False.*unique=True", "no feature counts equal rows there"),
    (r"MOST_FIELDS = |text\[:61\]", "a bound on what nobody sends, one further"),
    (
        r"Context\(prec=81|Decimal\(2\)\.scaleb",
        "digits beyond DECIMAL(38); only the exponent counts",
    ),
    (r"if not .*\*\* ?precision\)? <=? whole <", "spares huge integers; the exact check is below"),
    (r"10 \* precision", "spares huge integers; the exact check is below"),
    (
        r"type\(\w+\) is not int or not BIGINT_MIN <=",
        "the ends go to as_bigint, which lets them in",
    ),
    (r"return \(\) +=> +return None", "asked for nothing but whether it is empty"),
    (r"contract: return value +=> +return None", "a boolean is let in before; others are refused"),
    (r"x (>|<) state else state .*x (>=|<=) state", "of two equal values either is the answer"),
    (
        r"operators: .*(error|part|second\[2\]).*=>",
        "the last digits of parted sums, within the bound",
    ),
    (r"_FIRST if t < 0 else _LAST", "moments near 1970 are within the calendar"),
    (r"tracks\.NEVER|NEVER = ", "before every moment, by whatever distance"),
    (r"state: if 1e-8 <= \w+ <= 1e250 or", "kept or folded, a sum is exact either way"),
    (r"state: if ahead:.*not ahead: cursors", "a cursor that stays behind takes more steps"),
    (r"state: ahead = t >= .* t > self", "found anew in place of from the cursor"),
    (r"cursor - \(cursor > at\)", "a cursor that stays behind takes more steps"),
    (r"cursors\[\d+\] = (\w+) .*=> .*cursors\[\d+\] = \1", "that of an earlier window: more steps"),
    (
        r"(\w+) = cursors\[\d+\] if ahead .*=> +\1 = cursors",
        "that of an earlier window: more steps",
    ),
    (r"self\._cursors = \[0\] \* \d+ ", "one more than is read"),
    (r"if (\w+) > seen:.*\1 >= seen", "set to what it is"),
    (r"if seen < newest:.*seen <= newest", "merged from blocks in place of looked up"),
    (r"any\(.*known <= available", "answered by the function over the rows"),
    (
        r"(most|least)\[-1\] (<=|>=) (\w+):.*\[-1\] [<>] ",
        "of two equal values either is the answer",
    ),
    (r"state: self\._\w+_(counts|sums): .*\[1\]", "only differences are read"),
    (r"_sums\.append\((\w+_sums)\[-1\]\) .*\1\[", "of a row whose windows are folded"),
    (r"_counts\.append\(\w+\[-1\] \+ 1\)", "of a sum only whether there is a row is asked"),
    (r"tracks: .*(moved|_BLOCK = )", "when a window is made anew, never what is in it"),
    (r"tracks: if left >= right:.*left > right", "no block lies between"),
    (r"tracks: left \+= 1 ", "it is halved next"),
    (r"tracks: left, right = -\(-first // ", "taken of the values one by one"),
    (r"tracks: self\._first = self\._end = 0", "an empty window, wherever it is"),
    (r"tracks: if size < self\._end", "made anew more often"),
    (r"tracks: while places.*places\[-1\] > at", "put right as the rows are taken in again"),
    (r"tracks: end = len\(self\._ordered\) - .*\+", "NaN is never less"),
)
"""A pattern for a mistake as it is printed, and why it changes nothing that is promised."""


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


def score(spec: PackageSpec, share: float, seed: int = 7, files: tuple[str, ...] = FILES) -> Score:
    """Try a share of the mistakes in the generated code of ``spec``."""
    chance, found = random.Random(seed), Score()
    with tempfile.TemporaryDirectory() as name:
        folder = put(render(spec), Path(name))
        own = OwnTests(folder, spec.package)
        failure = own.failure()
        assert failure is None, f"{failure} fails of unchanged code"
        for make in _mistakes(spec, folder, files):
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


def _mistakes(
    spec: PackageSpec, folder: Path, files: tuple[str, ...]
) -> Iterator[Callable[[], Mutant]]:
    for stem in files:
        file = folder / spec.package / spec.folder / f"{stem}.py"
        if file.exists():
            module = f"{spec.package}.{spec.folder}" + ("" if stem == "__init__" else f".{stem}")
            yield from mutants(module, file.read_text(encoding="utf-8"), str(file))


def main() -> None:
    """Print the score of each package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the mistakes, drawn by lot")
    parser.add_argument("--states", action="store_true", help="the window states instead")
    parser.add_argument("--package", help="one of the sample packages; default: all")
    options = parser.parse_args()
    total = Score()
    for name, spec in specs().items():
        if options.package in {None, name}:
            one = score(spec, options.share, files=STATES if options.states else FILES)
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
