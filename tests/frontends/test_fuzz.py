"""Random words and mutations of every golden cell: a definition or a typed error, and in time."""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from front_scope import OWNER, shop

from featurekit.errors import FeatureError
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.lints import lint
from featurekit.frontends.scope import Header
from featurekit.frontends.to_text import view_text
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.semantics import lineage, semantics
from featurekit.ir.view import View

GOLDEN = Path(__file__).parents[1] / "golden"
SLOWEST = 1.0
A_RUN = 10_000
SIGNS = (
    *("(", ")", ",", ".", ";", "*", "+", "-", "/", "//", "%", "||", "=", "<>", "<", ">=", "::"),
    *("[", "]", "{", "}", "?", "$1", ":a", "@", "@1", "#2", "^", "~", "&", "|", "->", ":=", "=>"),
    *("'", '"', "--", "/*", "*/", "\n", "\t", "\\", "\0", "é", "ß", "🙂", "\u2028", "\ufeff", "``"),
    *("1", "0", "-1", "2.5", "1e999", "99999999999999999999", "'a'", "''", '"a b"', '""', "'30'"),
)
PHRASES = (
    *("LEFT JOIN merchants m USING (merchant_id)", "JOIN regions r ON r.region_id = m.region_id"),
    *("AS OF REQUEST", "AS OF", "OVER ()", "OVER w", "WINDOW w AS (ORDER BY event_time)"),
    *("ROWS BETWEEN 3 PRECEDING AND CURRENT ROW", "RANGE INTERVAL '1' DAY PRECEDING"),
    *("EXCLUDE TIES", "UNBOUNDED FOLLOWING", "PARTITION BY customer_id", "IGNORE NULLS"),
    *(
        "GROUP BY",
        "LIMIT 1",
        "UNION ALL",
        "(SELECT 1)",
        "INTERVAL '1' MONTH",
        "CAST(x AS",
        "FILTER",
    ),
    *("LATERAL", "QUALIFY", "TABLESAMPLE", "PIVOT", "LAMBDA x: x", "CASE WHEN", "END", "NOT IN"),
)
OPTIONS: dict[str, tuple[str, ...]] = {
    "per": ("entity", "row"),
    "fresh": ("realtime", "every 15m", "daily 02:00 Europe/London", "every 7m", "x"),
    "max_age": ("7d", "0d", "soon"),
    "delay": ("5m", "-1s"),
    "ahead": ("30d", "soon"),
    "zone": ("UTC", "Asia/Kathmandu", "Mars/Base"),
    "entity": ("customer", "merchant", "nobody"),
    "source": ("txn", "customers", "scoring", "spend@1", "nothing", "txn,customers"),
    "dialect": ("duckdb", "postgres", "snowflake", "bigquery", "spark"),
}


@cache
def cells() -> tuple[tuple[str, Header, bool], ...]:
    """Return every golden cell with its header, and whether it is a good one."""
    found = []
    for path in sorted(GOLDEN.glob("*/*/cell.sql")):
        told = path.with_name("header.json")
        options = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
        header = Header(**{"name": "v", "owner": OWNER, **options})
        good = path.parents[1].name == "views"
        found.append((path.read_text(encoding="utf-8"), header, good))
    return tuple(found)


@cache
def words() -> tuple[str, ...]:
    """Return every word of the golden cells, and signs that mean something somewhere."""
    known = {word for text, _, _ in cells() for word in re.findall(r"\w+", text)}
    return (*sorted(known), *SIGNS, *PHRASES)


def pieces_of(text: str) -> list[str]:
    """Return the words, signs, texts and spaces of ``text``."""
    return re.findall(r"\s+|\w+|'[^']*'|.", text)


def mutated(text: str, draw: random.Random) -> str:
    """Return ``text`` with some of its pieces changed."""
    pieces = pieces_of(text)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        change = renamed if draw.random() < 0.75 else cut
        pieces = change(pieces, draw) or [" "]
    return "".join(pieces)


def renamed(pieces: list[str], draw: random.Random) -> list[str]:
    """Return ``pieces`` with one word replaced by another, or with two words swapped."""
    named = [number for number, piece in enumerate(pieces) if piece.isidentifier()]
    if len(named) < 2:
        return pieces
    one, two = draw.sample(named, 2)
    if draw.random() < 0.3:
        pieces[one], pieces[two] = pieces[two], pieces[one]
    else:
        pieces[one] = draw.choice(words()[: -len(SIGNS) - len(PHRASES)])
    return pieces


def cut(pieces: list[str], draw: random.Random) -> list[str]:
    """Return ``pieces`` with some dropped, doubled, replaced, or spliced in from another cell."""
    at = draw.randrange(len(pieces))
    match draw.randrange(6):
        case 0:
            return pieces[:at] + pieces[at + 1 :]
        case 1:
            return pieces[:at] + pieces[at : at + 1] + pieces[at:]
        case 2:
            return [*pieces[:at], draw.choice(words()), *pieces[at + 1 :]]
        case 3:
            return [*pieces[:at], f" {draw.choice(words())} ", *pieces[at:]]
        case 4:
            return pieces[:at] + pieces[at + draw.randint(1, 8) :]
        case _:
            other = pieces_of(draw.choice(cells())[0])
            begin = draw.randrange(len(other))
            taken = other[begin : begin + draw.randint(1, 12)]
            return [*pieces[:at], " ", *taken, " ", *pieces[at:]]


def drawn(draw: random.Random) -> tuple[str, Header]:
    """Return a text and a header: a mutated cell, or a stream of words."""
    every = cells()
    good = [cell for cell in every if cell[2]]
    text, header, _ = draw.choice(good if draw.random() < 0.6 else every)
    if draw.random() < 0.25:
        stream = [draw.choice(words()) for _ in range(draw.randint(1, 40))]
        text = draw.choice(("SELECT ", "SELECT 1 AS x FROM txn ", "")) + " ".join(stream)
    else:
        text = mutated(text, draw)
    if draw.random() < 0.2:
        option = draw.choice(sorted(OPTIONS))
        header = replace(header, **{option: draw.choice(OPTIONS[option])})
    return text, header


def outcome(text: str, header: Header) -> View | FeatureError:
    """Return what comes of a cell; what is no typed error escapes."""
    try:
        return read_view(header, text, shop())
    except FeatureError as error:
        return error


def check_view(view: View, header: Header) -> None:
    """Everything that a card says of a view can be said, and its text means the same."""
    lint(view, header.dialect)
    assert semantics(view)
    assert len(lineage(view)) == len(view.features)
    again = read_view(replace(header, dialect="duckdb"), view_text(view), shop())
    assert meaning_hash(again) == meaning_hash(view), view_text(view)


def check_error(error: FeatureError) -> None:
    """An error says what, why and what to do."""
    assert re.fullmatch(r"FK[19]\d\d", error.code), error.headline
    assert error.why or error.fix, error.headline
    assert error.headline in str(error)


def run(count: int, seed: int) -> None:
    """Try ``count`` texts of one seed."""
    draw = random.Random(seed)  # noqa: S311  a seeded stream of texts, not a secret
    codes: dict[str, int] = {}
    for number in range(count):
        text, header = drawn(draw)
        began = time.process_time()
        try:
            made = outcome(text, header)
            assert time.process_time() - began < SLOWEST
            if isinstance(made, View):
                check_view(made, header)
            else:
                check_error(made)
        except Exception as broken:
            broken.add_note(f"seed {seed}, text {number} under {header}:\n{text}")
            raise
        code = "view" if isinstance(made, View) else made.code
        codes[code] = codes.get(code, 0) + 1
    assert codes["view"] > count // 40
    assert len(codes) > 25


def test_hundreds_of_texts_are_definitions_or_typed_errors() -> None:
    run(800, seed=20_240_229)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_ten_thousand_texts_are_definitions_or_typed_errors(seed: int) -> None:
    run(A_RUN, seed)
