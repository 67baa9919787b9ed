"""Every operator of the table, in every target, on its own cases and on adversarial rows.

Nothing here names an operator: a new one is tried from the moment it is in the table.
"""

from __future__ import annotations

import adversarial
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import Sample, case_sample, samples
from targets import Duck, Row, differences, frame, in_polars, reference, same

from featurekit.ops import OPERATORS, Gap

NAMES = sorted(OPERATORS)
_SHOWN = 12


def _tried(sample: Sample, rows: list[Row], duck: Duck) -> None:
    """Compare every target that has a spelling with the reference on ``rows``."""
    expected = reference(sample, rows)
    table = frame(sample.columns, rows)
    found: list[str] = []
    if not isinstance(sample.operator.polars, Gap):
        found += [
            f"polars {line}"
            for line in differences(sample, rows, expected, in_polars(sample, table))
        ]
    if not isinstance(sample.operator.spelled("duckdb"), Gap):
        duck.table(table)
        found += [
            f"duckdb {line}" for line in differences(sample, rows, expected, duck.answers(sample))
        ]
    assert not found, "\n".join([f"{sample}: {len(found)} differ", *found[:_SHOWN]])


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_hold_in_every_target(name: str, duck: Duck) -> None:
    operator = OPERATORS[name]
    for case in operator.cases:
        sample, row, expected = case_sample(operator, case)
        (answer,) = reference(sample, [row])
        assert same(expected, answer, operator.ulps), f"{case.text}: the body gives {answer!r}"
        _tried(sample, [row], duck)


@pytest.mark.parametrize("name", NAMES)
def test_adversarial_rows_agree_in_every_target(name: str, duck: Duck) -> None:
    for sample in samples(name):
        _tried(sample, adversarial.rows(sample.columns), duck)


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_hypothesis_agree_in_every_target(name: str, duck: Duck) -> None:
    for sample in samples(name):
        _fuzzed(sample, duck)


def _fuzzed(sample: Sample, duck: Duck) -> None:
    row = st.tuples(*(adversarial.strategy(kind) for kind in sample.columns))

    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(rows=st.lists(row, min_size=20, max_size=60))
    def tried(rows: list[Row]) -> None:
        _tried(sample, rows, duck)

    tried()
