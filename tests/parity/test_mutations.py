"""The generated tests mean something: nearly every small mistake in generated code fails one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import mutation_score


@pytest.mark.slow
@pytest.mark.parametrize("name", ["shop", "grain", "rules", "habits"])
def test_nearly_every_mistake_in_generated_code_is_noticed(name: str) -> None:
    found = mutation_score.score(mutation_score.specs()[name], share=0.2)
    assert found.tried > 60
    assert found.share >= 0.95, [str(mutant) for mutant in found.alive]


@pytest.mark.slow
def test_nearly_every_mistake_in_window_states_is_noticed() -> None:
    spec = mutation_score.specs()["shop"]
    found = mutation_score.score(spec, share=0.05, files=mutation_score.STATES)
    assert found.tried > 20
    assert found.share >= 0.9, [str(mutant) for mutant in found.alive]
