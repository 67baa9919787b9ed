"""Every operator that Spark can say, on a local Spark, against the operator's own body."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from spark_rows import Trial, answers

from featurekit.errors import FeatureError
from featurekit.ops import OPERATORS, Gap

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import adversarial
from samples import Sample, case_sample, samples
from targets import Fixed, Row, call, differences, reference

SPOKEN = [n for n in sorted(OPERATORS) if not isinstance(OPERATORS[n].spelled("spark"), Gap)]
_FAMILY = {name: OPERATORS[name].body.__module__.rpartition(".")[2] for name in SPOKEN}
FAMILIES: Mapping[str, list[str]] = {
    family: [name for name in SPOKEN if _FAMILY[name] == family]
    for family in sorted(set(_FAMILY.values()))
}
_OF_TIME = {"buckets", "casts", "casts_from_text", "casts_to_text", "date_arithmetic", "generic"}
_OF_TIME |= {"logical", "temporal", "zones"}
_SHOWN = 12
_CONSTANTS = 12

Tried = tuple[Sample, Sequence[Row], Sequence[Fixed]]
"""A sample, its rows, and for each call the columns that are constants."""


def check(spark: Any, tried: Iterable[Tried]) -> None:
    """Compare Spark's answers with the references on all rows, in one statement."""
    from pyspark.errors import PySparkException

    every = list(tried)
    trials = [
        Trial(sample.columns, rows, [call(sample, fixed) for fixed in constants])
        for sample, rows, constants in every
    ]
    try:
        every_made = answers(spark, trials)
    except PySparkException as raised:
        if len(every) > 1:  # which of them is it?
            for one in every:
                check(spark, [one])
        raise AssertionError(f"{every[0][0]}: {str(raised)[:800]}") from None
    found = []
    for (sample, rows, constants), made in zip(every, every_made, strict=True):
        for fixed, got in zip(constants, made, strict=True):
            lines = differences(sample, rows, reference(sample, rows, fixed), got)
            found += [f"{sample} {dict(fixed) or ''} {line}" for line in lines[:_SHOWN]]
    assert not found, "\n".join(found)


def cases(names: Iterable[str]) -> Iterable[Tried]:
    for name in names:
        for case in OPERATORS[name].cases:
            sample, row, _ = case_sample(OPERATORS[name], case)
            yield sample, [row], [{}, dict(enumerate(row))]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_cases_hold_on_spark(family: str, spark: Any) -> None:
    check(spark, cases(FAMILIES[family]))


@pytest.mark.parametrize("family", FAMILIES)
def test_adversarial_rows_agree_on_spark(family: str, spark: Any) -> None:
    check(
        spark,
        (
            (sample, adversarial.rows(sample.columns, most=1500), [{}])
            for name in FAMILIES[family]
            for sample in samples(name)
        ),
    )


@pytest.mark.parametrize("family", [name for name in FAMILIES if name in _OF_TIME])
def test_nothing_rests_on_the_zone_of_the_session(family: str, elsewhere: Any) -> None:
    check(
        elsewhere,
        (
            (sample, adversarial.rows(sample.columns, most=300), [{}])
            for name in FAMILIES[family]
            for sample in samples(name)
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", SPOKEN)
def test_constants_in_place_of_columns_agree_on_spark(name: str, spark: Any) -> None:
    chance = random.Random(name)  # noqa: S311  a reproducible draw, not a secret
    check(
        spark,
        (
            (
                sample,
                adversarial.rows(sample.columns, most=150),
                [
                    {place: value}
                    for place, kind in enumerate(sample.columns)
                    for value in _some(chance, adversarial.values(kind))
                ],
            )
            for sample in samples(name)
        ),
    )


def _some(chance: random.Random, values: list[Any]) -> list[Any]:
    return chance.sample(values, k=min(len(values), _CONSTANTS))


def test_what_spark_cannot_say_is_refused_with_its_reason() -> None:
    from featurekit.backends import to_sql

    for name in sorted(set(OPERATORS) - set(SPOKEN)):
        gap = OPERATORS[name].spelled("spark")
        assert isinstance(gap, Gap)
        with pytest.raises(FeatureError) as refused:
            to_sql.expression_sql(call(samples(name)[0]), "spark", lambda c: c.name, "NULL", {})
        assert refused.value.why == gap.why
