"""The generated tests mean something: nearly every small mistake in generated code fails one.

These are samples; ``tests/benchmarks/mutation_score.py`` makes every mistake there is.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import mutation_score


@pytest.mark.slow
def test_nearly_every_mistake_in_generated_code_is_noticed() -> None:
    packages = ("shop", "grain", "rules", "habits", "strict")
    every = [mutation_score.score(mutation_score.specs()[name], share=0.06) for name in packages]
    found = sum(every, mutation_score.Score())
    assert all(one.tried > 15 for one in every)
    assert found.share >= 0.95, found.unexplained


@pytest.mark.slow
def test_nearly_every_mistake_in_window_states_and_what_versions_share_is_noticed() -> None:
    spec = mutation_score.specs()["shop"]
    parts = (mutation_score.PARTS[name] for name in ("states", "shared", "beside"))
    every = [mutation_score.score(spec, share=0.04, part=part) for part in parts]
    found = sum(every, mutation_score.Score())
    assert all(one.tried > 12 for one in every)
    assert found.share >= 0.95, found.unexplained
