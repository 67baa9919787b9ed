"""Every operator that PostgreSQL can say, on a real server, against the operator's own body."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from postgres_rows import answers, make_table

from featurekit.datatypes import BIGINT
from featurekit.errors import FeatureError
from featurekit.ops import OPERATORS, Gap

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import adversarial
from samples import Sample, case_sample, samples
from targets import Fixed, Row, call, differences, reference

SPOKEN = [n for n in sorted(OPERATORS) if not isinstance(OPERATORS[n].spelled("postgres"), Gap)]
_SHOWN = 12
_CONSTANTS = 40


def check(
    postgres: Any, sample: Sample, rows: Sequence[Row], constants: Sequence[Fixed] = ({},)
) -> None:
    """Compare the server's answers with the reference's on ``rows``."""
    columns = {"row": BIGINT} | {f"c{n}": kind for n, kind in enumerate(sample.columns)}
    make_table(postgres, "rows", columns, [(n, *row) for n, row in enumerate(rows)])
    made = answers(postgres, [call(sample, fixed) for fixed in constants])
    found = [
        f"{dict(fixed) or ''} {line}"
        for fixed, got in zip(constants, made, strict=True)
        for line in differences(sample, rows, reference(sample, rows, fixed), got)
    ]
    assert not found, "\n".join([f"{sample}: {len(found)} differ", *found[:_SHOWN]])


@pytest.mark.parametrize("name", SPOKEN)
def test_the_cases_hold_on_postgres(name: str, postgres: Any) -> None:
    for case in OPERATORS[name].cases:
        sample, row, _ = case_sample(OPERATORS[name], case)
        check(postgres, sample, [row], [{}, dict(enumerate(row))])


@pytest.mark.parametrize("name", SPOKEN)
def test_adversarial_rows_agree_on_postgres(name: str, postgres: Any) -> None:
    for sample in samples(name):
        check(postgres, sample, adversarial.rows(sample.columns, most=1500))


@pytest.mark.slow
@pytest.mark.parametrize("name", SPOKEN)
def test_constants_in_place_of_columns_agree_on_postgres(name: str, postgres: Any) -> None:
    for sample in samples(name):
        chance = random.Random(name)  # noqa: S311  a reproducible draw, not a secret
        constants = [
            {place: value}
            for place, kind in enumerate(sample.columns)
            for value in _some(chance, adversarial.values(kind))
        ]
        if constants:
            check(postgres, sample, adversarial.rows(sample.columns, most=150), constants)


def _some(chance: random.Random, values: list[Any]) -> list[Any]:
    return chance.sample(values, k=min(len(values), _CONSTANTS))


@pytest.mark.parametrize("name", sorted(set(OPERATORS) - set(SPOKEN)))
def test_what_postgres_cannot_say_is_refused_with_its_reason(name: str) -> None:
    from featurekit.backends import to_sql

    gap = OPERATORS[name].spelled("postgres")
    assert isinstance(gap, Gap)
    with pytest.raises(FeatureError) as refused:
        to_sql.expression_sql(call(samples(name)[0]), "postgres", lambda c: c.name, "NULL", {})
    assert refused.value.why == gap.why
