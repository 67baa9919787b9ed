"""Every operator of the table, in every target, on its own cases and on adversarial rows.

Nothing here names an operator: a new one is tried from the moment it is in the table. The targets
are polars, DuckDB and the Python that packages contain; the operator's body is the reference.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import adversarial
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import Sample, case_sample, samples
from targets import (
    Duck,
    Fixed,
    Row,
    Serving,
    call,
    differences,
    frame,
    generated,
    in_polars,
    in_python,
    reference,
    same,
)

from featurekit.backends import to_polars, to_sql
from featurekit.errors import FeatureError
from featurekit.ops import OPERATORS, Gap

NAMES = sorted(OPERATORS)
_SHOWN = 12


class Trial:
    """One signature of an operator in all targets, with some of its arguments as constants."""

    def __init__(
        self, sample: Sample, constants: Sequence[Fixed] = ({},), *, signed_zero: bool = True
    ) -> None:
        self._sample = sample
        self._signed_zero = signed_zero
        self._constants = constants
        self._calls = [call(sample, fixed) for fixed in constants]
        self._serve = generated(self._calls, sample.columns, required=False)
        needed = [call(sample, fixed, required=True) for fixed in constants]
        self._serve_required: Serving = generated(needed, sample.columns, required=True)

    def run(self, rows: list[Row], duck: Duck) -> None:
        """Compare every target that has a spelling with the reference on ``rows``."""
        expected = [reference(self._sample, rows, fixed) for fixed in self._constants]
        count = len(self._calls)
        found = self._compared("python", rows, expected, in_python(self._serve, count, rows))
        whole = [place for place, row in enumerate(rows) if None not in row]
        kept = [rows[place] for place in whole]
        present = [[answers[place] for place in whole] for answers in expected]
        answers = in_python(self._serve_required, count, kept)
        found += self._compared("python of required columns", kept, present, answers)
        table = frame(self._sample.columns, rows)
        if not isinstance(self._sample.operator.polars, Gap):
            found += self._compared("polars", rows, expected, in_polars(self._calls, table))
        if not isinstance(self._sample.operator.spelled("duckdb"), Gap):
            duck.table(table)
            found += self._compared("duckdb", rows, expected, duck.answers(self._calls))
        assert not found, "\n".join([f"{self._sample}: {len(found)} differ", *found[:_SHOWN]])

    def _compared(
        self, target: str, rows: list[Row], expected: list[list[object]], got: list[list[object]]
    ) -> list[str]:
        return [
            f"{target} {dict(fixed) or ''} {line}"
            for fixed, want, answers in zip(self._constants, expected, got, strict=True)
            for line in differences(
                self._sample, rows, want, answers, signed_zero=self._signed_zero
            )
        ]


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_hold_in_every_target(name: str, duck: Duck) -> None:
    operator = OPERATORS[name]
    for case in operator.cases:
        sample, row, expected = case_sample(operator, case)
        (answer,) = reference(sample, [row])
        assert same(expected, answer, operator.ulps), f"{case.text}: the body gives {answer!r}"
        constant = dict(enumerate(row))
        Trial(sample, [{}, constant]).run([row], duck)


@pytest.mark.parametrize("name", NAMES)
def test_adversarial_rows_agree_in_every_target(name: str, duck: Duck) -> None:
    for sample in samples(name):
        Trial(sample).run(adversarial.rows(sample.columns), duck)


@pytest.mark.parametrize("name", NAMES)
def test_constants_in_place_of_columns_agree_in_every_target(name: str, duck: Duck) -> None:
    """The sign of zero is left out: polars drops ``+ 0.0``, and the language cannot tell."""
    for sample in samples(name):
        if len(sample.columns) < 2:
            continue
        chance = random.Random(name)  # noqa: S311  a reproducible draw, not a secret
        constants = [
            {place: value}
            for place, kind in enumerate(sample.columns)
            for value in chance.sample(adversarial.values(kind), k=3 if kind.scale else 2)
        ]
        Trial(sample, constants, signed_zero=False).run(
            adversarial.rows(sample.columns, most=150), duck
        )


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_hypothesis_agree_in_every_target(name: str, duck: Duck) -> None:
    for sample in samples(name)[:2]:
        _fuzzed(sample, duck, examples=3, rows=40)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_rows_of_hypothesis_agree_in_every_target(name: str, duck: Duck) -> None:
    for sample in samples(name):
        _fuzzed(sample, duck, examples=30, rows=80)


def _fuzzed(sample: Sample, duck: Duck, *, examples: int, rows: int) -> None:
    row = st.tuples(*(adversarial.strategy(kind) for kind in sample.columns))
    trial = Trial(sample)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=st.lists(row, min_size=rows * 3 // 8, max_size=rows))
    def tried(drawn: list[Row]) -> None:
        trial.run(drawn, duck)

    tried()


@pytest.mark.parametrize("name", NAMES)
def test_a_target_that_cannot_say_an_operator_refuses_with_its_reason(name: str) -> None:
    operator = OPERATORS[name]
    asked = call(samples(name)[0])
    spelled = operator.spelled("duckdb")
    if isinstance(operator.polars, Gap):
        with pytest.raises(FeatureError) as refused:
            to_polars.expression(asked, lambda c: pl.col(c.name), pl.lit(None), {})
        assert refused.value.why == operator.polars.why
    else:
        to_polars.expression(asked, lambda c: pl.col(c.name), pl.lit(None), {})
    if isinstance(spelled, Gap):
        with pytest.raises(FeatureError) as refused:
            to_sql.expression_sql(asked, "duckdb", lambda c: c.name, "NULL", {})
        assert refused.value.why == spelled.why
    else:
        assert to_sql.expression_sql(asked, "duckdb", lambda c: c.name, "NULL", {})
