"""Every cell in polars is tried against polars; what would answer otherwise does not get by."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from polars_sentences import Sentences

from featurekit.errors import FeatureError
from featurekit.frontends.to_text import view_text
from featurekit.ir.canonical import meaning_hash
from featurekit.training.against_polars import try_against_polars

sys.path.append(str(Path(__file__).parents[1] / "frontends"))
from front_scope import read
from polars_shop import read_cell

WRONG = [
    ("txn", '(pl.col("amount").sum()).over("today")', "SUM(amount) OVER today"),
    ("txn", 'pl.col("amount").max().over("today")', "MAX(amount) OVER today"),
    ("txn", 'pl.col("amount").count().over("today")', "COUNT(*) OVER today"),
    ("txn", 'pl.col("qty").n_unique().over("today")', "COUNT(DISTINCT qty) OVER today"),
    ("txn", 'pl.col("amount").std().over("today")', "STDDEV_POP(amount) OVER today"),
    ("txn", 'pl.col("ok").any().over("today")', "BOOL_OR(ok) OVER today"),
    ("txn", 'pl.col("amount").median().over("today")', "AVG(amount) OVER today"),
    (
        "txn",
        'pl.col("qty").filter(pl.col("status") == "ok").max().over("today")',
        "MAX(qty) OVER today",
    ),
    ("txn", 'pl.col("qty").drop_nulls().first().over("today")', "LAST(qty) OVER today"),
    ("scoring", 'pl.col("qty") // 3', "qty // 3"),
    ("scoring", 'pl.col("qty") % 3', "qty % 3"),
    ("scoring", 'pl.col("qty") / 2', "qty // 2"),
    ("scoring", 'pl.col("qty") > 17', "qty >= 17"),
    ("scoring", 'pl.col("amount").clip(0, 10)', "CLIP(amount, 0, 10)"),
    ("scoring", 'pl.col("qty").clip(0)', "GREATEST(qty, 0)"),
    ("scoring", 'pl.col("qty").is_in([1, None])', "qty IN (1, NULL)"),
    ("scoring", 'pl.max_horizontal("amount", "qty")', "GREATEST(amount, qty)"),
    ("scoring", 'pl.col("sent").dt.weekday()', "DOW(sent)"),
    ("scoring", 'pl.col("sent").dt.week()', "DOY(sent) // 7 + 1"),
    ("scoring", 'pl.col("channel").str.slice(1, 2)', "SUBSTRING(channel, 1, 2)"),
    ("scoring", 'pl.col("channel").str.pad_start(3, "0")', "LPAD(channel, 3, '0')"),
    ("scoring", 'pl.col("channel").str.contains("a.b")', "CONTAINS(channel, 'a.b')"),
    ("scoring", 'pl.col("channel") == "web"', "LOWER(channel) = 'web'"),
    ("scoring", 'pl.col("channel").str.starts_with("web")', "TRIM(channel) LIKE 'web%'"),
    ("scoring", 'pl.col("flag").cast(pl.Int64)', "flag"),
    ("scoring", 'pl.col("amount").fill_null(0)', "amount"),
    ("scoring", 'pl.col("amount").cast(pl.Int64)', "CAST(ROUND(amount) AS BIGINT)"),
]


@pytest.mark.parametrize(("source", "polars", "sql"), WRONG, ids=lambda text: text[:50])
def test_another_meaning_is_noticed(source: str, polars: str, sql: str) -> None:
    made = read_cell(f"x = {polars}", source)
    try_against_polars(made)
    wrong = replace(made, view=read(f"SELECT {sql} AS x", source))
    with pytest.raises(FeatureError) as raised:
        try_against_polars(wrong)
    assert raised.value.code == "FK165"


def test_a_strict_cast_that_polars_would_stop_at_is_tried_on_the_other_rows() -> None:
    try_against_polars(read_cell('x = pl.col("amount").cast(pl.Int64)', "scoring"))


@pytest.mark.parametrize(("over", "seed"), [(over, n) for over in (True, False) for n in range(3)])
def test_what_is_accepted_equals_polars_on_other_rows_too(over: bool, seed: int) -> None:  # noqa: FBT001  a parameter of the test
    source = "txn" if over else "scoring"
    sentences, refused, accepted = Sentences(seed, over=over), Counter[str](), 0
    for _ in range(60):
        text = f"x = {sentences.sentence()}"
        try:
            made = read_cell(text, source)
            try_against_polars(made)
        except FeatureError as error:
            refused[error.code] += 1
            continue
        accepted += 1
        try_against_polars(made, seed + 100)
        again = read(view_text(made.view), source)
        assert meaning_hash(again) == meaning_hash(made.view), text
    assert accepted >= 40, refused


def test_a_cell_is_tried_quickly() -> None:
    lines = [
        f'f{n} = pl.col("amount").filter(pl.col("qty") > {n}).sum().over("last_{n + 1}d")'
        for n in range(8)
    ]
    made = read_cell("\n".join(lines))
    try_against_polars(made)
    best = min(_seconds(made) for _ in range(5))
    assert best < 0.15


def _seconds(made: object) -> float:
    started = time.perf_counter()
    try_against_polars(made)  # type: ignore[arg-type]  # what read_cell returned
    return time.perf_counter() - started
