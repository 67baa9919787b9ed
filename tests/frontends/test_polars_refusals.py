"""What a cell in polars cannot say is refused with its code, its place and what to write."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest
from polars_shop import read_cell
from test_from_polars import AGGREGATES, CELLS, VALUES

from featurekit.errors import FeatureError, Where
from featurekit.training.against_polars import try_against_polars

OVER = '.over("last_30d")'
EVENTS = [
    ("", "FK160", "pl.col("),
    ("x = 1", "FK160", "pl.col("),
    ("SELECT amount FROM txn", "FK160", "leave --polars out"),
    ("x = (", "FK160", "pl.col("),
    ("import os", "FK160", "pl.col("),
    ("for c in [1]:\n    pass", "FK160", "pl.col("),
    ("def f(): pass", "FK160", "pl.col("),
    ("x = amount", "FK160", 'pl.col("amount")'),
    ("x = __import__('os')", "FK160", ""),
    ("a = pl.col('amount')\nx = a(1)", "FK160", ""),
    ("x = pl.when(pl.col('ok'))", "FK160", ".then("),
    ("x = pl.__dict__", "FK160", ""),
    ("x = pl.col('amount').__class__", "FK160", ""),
    ("x = pl.col('amount').meta.serialize()", "FK160", ""),
    ("x = pl.read_csv('/etc/passwd')", "FK161", ""),
    ("x = pl.sql_expr('1')", "FK161", ""),
    ("x = getattr(pl, 'col')", "FK160", ""),
    ("x = [pl.col(c).sum() for c in ['amount']]", "FK160", "one line"),
    ("x = pl.col(f'amount').sum()", "FK160", "the text itself"),
    ("x = pl.col('amount').sum() if True else 1", "FK160", "pl.when"),
    ("x = pl.col('qty') > 1 and pl.col('ok')", "FK160", "a & b"),
    ("x = not pl.col('ok')", "FK160", "~"),
    ("x = 1 < pl.col('qty') < 3", "FK160", "is_between"),
    ("x = 10 ** 10 ** 10", "FK160", ""),
    ("x = 'a' * 1000000000", "FK160", ""),
    ("x = pl.col('amount').sum(*[1])", "FK160", "each argument"),
    ("pl.col('amount').sum()" + OVER, "FK130", ".alias("),
    ("x = pl.len()" + OVER + "\nX = pl.len()" + OVER, "FK132", "_x = "),
    ("x = pl.len()" + OVER + ".alias('y')", "FK160", "x = ..."),
    ("a__b = pl.len()" + OVER, "FK131", "a_b"),
    ("x = pl.col('amout').sum()" + OVER, "FK111", "amount"),
    ("x = pl.col('*').sum()" + OVER, "FK161", ""),
    ("x = pl.col('^am.*$').sum()" + OVER, "FK161", ""),
    ("x = pl.col('amount', 'qty').sum()" + OVER, "FK161", ""),
    ("x = pl.col('amount').map_elements(lambda v: v)", "FK162", "pl.when"),
    ("x = pl.col('amount').map_batches(abs)", "FK162", "pl.when"),
    ("x = pl.map_batches([], abs)", "FK162", "pl.when"),
    ("x = pl.col('qty').sum() + 1", "FK142", """pl.col('qty').sum().over("last_30d")"""),
    ("x = pl.col('amount').sum().over('customer_id')", "FK142", '.over("last_30d")'),
    ("x = pl.col('amount').sum().over('status')", "FK163", "--entity"),
    ("x = pl.col('amount').sum().over('last_30')", "FK114", "last_30d"),
    ("x = pl.col('amount').sum().over('last_30d', order_by='qty')", "FK163", "--entity"),
    ("x = (pl.col('amount').sum()" + OVER + ").over('today')", "FK144", "aggregate once"),
    ("n = pl.len()" + OVER + "\nx = pl.col('n').over('today')", "FK163", ".sum().over"),
    (
        "x = pl.col('amount').sum().rolling('event_time', period='30d')",
        "FK163",
        'closed="left"',
    ),
    (
        "x = pl.col('amount').sum().rolling('event_time', period='30d', closed='both')",
        "FK163",
        'closed="left"',
    ),
    (
        "x = pl.col('amount').sum().rolling('event_time', period='1mo', closed='left')",
        "FK163",
        'over("calendar_3mo")',
    ),
    (
        "x = pl.col('amount').sum().rolling('day', period='1d', closed='left')",
        "FK163",
        'index_column="event_time"',
    ),
    (
        "x = pl.col('qty').sum().rolling('event_time', period='2d', offset='-1d', closed='left')",
        "FK140",
        "last_30d",
    ),
    ("x = pl.col('amount')", "FK143", 'pl.col("amount").drop_nulls().last().over("all_time")'),
    ("x = pl.col('amount').last()" + OVER, "FK161", ".drop_nulls().last()"),
    ("x = pl.col('amount').quantile(0.5)" + OVER, "FK161", 'interpolation="linear"'),
    ("x = pl.col('amount').nan_min()" + OVER, "FK161", ".min()"),
    ("x = pl.col('ok').any(ignore_nulls=False)" + OVER, "FK161", "ignore_nulls=True"),
    ("x = pl.col('amount').product()" + OVER, "FK161", ""),
    ("x = pl.lit(1).sum()" + OVER, "FK161", "pl.len()"),
    (
        "x = pl.col('amount').filter(pl.col('ok')).filter(pl.col('ok')).sum()" + OVER,
        "FK161",
        "(a, b)",
    ),
    ("x = pl.corr(pl.col('qty').filter(pl.col('ok')), 'amount')" + OVER, "FK161", "filter"),
    ("x = (pl.col('amount') - pl.col('amount').mean()).sum()" + OVER, "FK144", "aggregate once"),
    ("x = pl.col('status').sum()" + OVER, "FK120", ".cast("),
    ("filter(pl.col('qty'))\nx = pl.len()" + OVER, "FK123", "!="),
    ("x = fk.nothing(pl.col('amount'))", "FK160", "featurekit ops"),
    ("x = fk.as_of(1)", "FK120", "("),
    ("a = pl.col('b') + 1\nb = pl.col('a') + 1", "FK133", "out of"),
    *(
        (f"x = pl.col('amount').{call}", "FK161", fix)
        for call, fix in (
            ("shift(1)", ".last()"),
            ("diff()", "subtract"),
            ("cum_sum()", "all_time"),
            ("rolling_mean(3)", "last_20_rows"),
            ("tail(3)", "last_20_rows"),
            ("rank()", ".max_by"),
            ("sample(1)", "hash_bucket"),
            ("hash()", "hash_bucket"),
            ("replace({1: 2})", "pl.when"),
            ("cut([1])", "bucketize"),
            ("frobnicate()", "SQL"),
        )
    ),
]
REQUESTS = [
    ("x = pl.col('amount').sum()" + OVER, "FK144", "in a view over events"),
    ("filter(pl.col('flag'))\nx = pl.col('qty')", "FK105", "pl.when"),
    ("x = pl.col('amount').round(2)", "FK161", 'mode="half_away_from_zero"'),
    ("x = pl.col('qty') ** 5", "FK161", "pl.Float64"),
    ("x = pl.col('qty') ^ pl.col('qty')", "FK161", "compare first"),
    ("x = pl.col('qty') & 1", "FK161", "compare first"),
    ("x = pl.col('amount').log(7)", "FK161", "log"),
    ("x = pl.col('channel').str.to_uppercase()", "FK161", "fk.upper"),
    ("x = pl.col('channel').str.to_lowercase()", "FK161", "fk.lower"),
    ("x = pl.col('channel').str.strip_chars()", "FK161", '(" ")'),
    ("x = pl.col('channel').str.reverse()", "FK161", "fk.reverse"),
    ("x = pl.col('channel').str.replace('a', 'b')", "FK161", "replace_all"),
    (r"x = pl.col('channel').str.contains('\\d')", "FK161", "[0-9]"),
    ("x = pl.col('channel').str.contains('(?i)a')", "FK161", "[0-9]"),
    ("x = pl.col('channel').str.slice(-3, 2)", "FK161", ".str.tail"),
    ("x = pl.col('channel').str.pad_start(1000000000, '0')", "FK161", "pad_start"),
    ("x = pl.col('channel').str.split('-')", "FK161", "fk.split_part"),
    ("x = pl.col('channel').cast(pl.Int64, strict=False)", "FK161", "fk.cast"),
    ("x = pl.col('channel').str.to_date('%Y')", "FK161", "fk.cast"),
    ("x = pl.col('amount').cast(pl.Float32)", "FK161", "pl.Float64"),
    ("x = pl.col('amount').cast(pl.Int32)", "FK161", "pl.Int64"),
    ("x = pl.col('amount').cast(pl.String)", "FK120", ".cast("),
    ("x = pl.col('sent').cast(pl.Datetime('ms'))", "FK161", '"UTC"'),
    ("x = pl.col('sent') > datetime(2024, 1, 1)", "FK161", "tzinfo"),
    ("x = pl.col('sent') - pl.col('sent')", "FK120", ".cast("),
    ("x = pl.col('sent').dt.truncate('3h')", "FK161", "truncate"),
    ("x = pl.col('sent').dt.truncate('1h30m')", "FK161", "1d"),
    ("x = pl.col('sent').dt.convert_time_zone('Europe/London')", "FK161", ".dt.hour()"),
    ("x = pl.col('sent').dt.strftime('%Y')", "FK161", "dt.year"),
    (
        "x = (pl.col('sent') - pl.col('sent')).dt.total_hours(fractional=True)",
        "FK161",
        "fk.elapsed",
    ),
    ("x = pl.col('sent') < pl.lit(None).now()", "FK141", "fk.as_of"),
    ("x = pl.col('qty') == 'a'", "FK122", "one type"),
    ("x = pl.col('qty').is_in(pl.col('amount'))", "FK161", "[1, 2, 3]"),
    ("x = fk.vocab(pl.col('channel'), 'contry')", "FK116", "country"),
    ("x = pl.lit(None)", "FK126", "cast("),
    ("x = pl.col('qty') + 99999999999999999999999", "FK124", ""),
    ("x = pl.struct('qty', 'amount')", "FK161", ""),
    ("x = pl.when(pl.col('qty')).then(1)", "FK123", "!="),
    ("x = pl.when(pl.col('flag')).then(1).otherwise(pl.lit('a'))", "FK121", ".cast("),
]
DIFFERENT = [
    ("x = pl.col('price') * pl.col('price')", "price = "),
    ("x = pl.col('price') / 3", "price = "),
    ("x = pl.col('qty').clip(0.5, 2.5)", "qty = "),
]


def refused(cell: str, source: str) -> FeatureError:
    """Return why the cell is refused, when read or when tried."""
    with pytest.raises(FeatureError) as raised:
        try_against_polars(read_cell(cell, source))
    return raised.value


@pytest.mark.parametrize(
    ("cell", "code", "fix", "source"),
    [(*case, "txn") for case in EVENTS] + [(*case, "scoring") for case in REQUESTS],
)
def test_what_cannot_be_said_is_refused(cell: str, code: str, fix: str, source: str) -> None:
    error = refused(cell, source)
    assert (error.code, fix in error.fix) == (code, True), str(error)
    assert error.why
    if isinstance(error.where, Where):
        assert error.where.text == cell


def test_the_place_of_what_is_refused_is_shown() -> None:
    cell = 'n = pl.len().over("today")\nm = (pl.col("qty").shift(1) + 1).sum().over("today")'
    error = refused(cell, "txn")
    assert isinstance(error.where, Where)
    assert (error.where.line, error.where.column) == (2, 6)
    cell = 'a = pl.col("amount").fill_null(0)\nb = pl.col("amount").abs().round(1) + 1'
    error = refused(cell, "scoring")
    assert isinstance(error.where, Where)
    assert (error.where.line, error.where.column, error.where.length) == (2, 5, 31)


@pytest.mark.parametrize(("cell", "inputs"), DIFFERENT)
def test_what_polars_would_answer_otherwise_is_refused_with_the_row(cell: str, inputs: str) -> None:
    error = refused(cell, "scoring")
    assert error.code == "FK165"
    assert inputs in error.why
    assert isinstance(error.where, Where)


def test_expressions_that_double_with_each_line_are_refused_in_time() -> None:
    lines = ["_a0 = pl.col('amount')", *(f"_a{n + 1} = _a{n} + _a{n}" for n in range(60))]
    started = time.monotonic()
    error = refused("\n".join([*lines, "x = _a60"]), "scoring")
    assert error.code == "FK102"
    assert time.monotonic() - started < 1
    assert refused("x = " + "(" * 500 + "1" + ")" * 500, "scoring").code == "FK160"
    assert refused("x = pl.col('qty')" + " + 1" * 400, "scoring").code == "FK102"


PIECES = (
    *('"', "(", ")", "[", "]", ".", ",", "=", "\n", "1", "-", "None", "pl.", "fk."),
    *(
        "over",
        "sum()",
        "filter",
        "str.",
        "dt.",
        "~",
        "&",
        "lambda: 1",
        "\0",
        "é",
        "9" * 30,
        "1e999",
    ),
    *("pl.lit", "'qty'", "**", "//", ".cast(pl.String)", ".is_in([1])", "select(", "import os"),
)


@pytest.mark.parametrize("seed", range(4))
def test_mutations_of_cells_are_definitions_or_refusals(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  the same cells every time
    valid = [f"x = ({text}){OVER}" for text, _ in AGGREGATES] + [f"x = {t}" for t, _ in VALUES]
    valid += [cell for cell, _ in CELLS]
    for _ in range(250):
        cell = chance.choice(valid)
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(cell) + 1)
            end = min(start + chance.choice((0, 1, 3, 8)), len(cell))
            cell = cell[:start] + chance.choice(PIECES) + cell[end:]
        started = time.monotonic()
        with suppress(FeatureError):
            read_cell(cell, chance.choice(("txn", "scoring")))
        assert time.monotonic() - started < 1, cell
