"""Whole training queries in Snowflake's and BigQuery's words: golden, read back, and evaluated.

The query is read in the engine's own grammar; DuckDB evaluates what sqlglot translates of it over
the shop of rows in hand, frames, joins and refreshes, against the oracle.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from documented import DIALECTS, Stand, parsed, translated, typed
from grain_cases import EVENTS, SPINE_FIELDS, Case, cases, different, meant, over, view
from grain_data import Rows, frame, shop, spine
from sqlglot import exp

from featurekit.backends.plan import Wanted
from featurekit.backends.to_sql import dialect_named, training_query
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Field

GOLDEN = Path(__file__).parents[1] / "golden" / "sql"
SHOWN = ("row_with_0", "frames_1", "joined_asked_row", "joined_late", "refreshed together")
FAST = (*SHOWN, "row_where", "joined_young", "joined_twice", "joined_look_up", "joined_inner")
EVERY = [
    pytest.param(case, id=case.name, marks=[] if case.name in FAST else [pytest.mark.slow])
    for case in cases()
]
REFUSED = {"snowflake": {"median"}, "bigquery": set()}
"""What the cases ask that has no words: by the operator or aggregate."""


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Whose words."""
    return str(request.param)


def lacks(case: Case, dialect: str, wanted: Sequence[Wanted]) -> str | None:
    """Return what has no words in the query for ``wanted``, None where all has."""
    try:
        training_query(wanted, case.views, dialect, "asked_at")
    except NoSpelling as error:
        return error.problem.split()[0]
    return None


def said(case: Case, dialect: str) -> tuple[Case, set[str]]:
    """Return the case with the features that have words, and what the others lack."""
    if lacks(case, dialect, case.wanted) is None:
        return case, set()
    gone = {w: lacks(case, dialect, [w]) for w in case.wanted}
    kept = {(w.reference, w.feature) for w, name in gone.items() if name is None}
    views = {
        reference: replace(
            made, features=tuple(f for f in made.features if (reference, f.name) in kept)
        )
        for reference, made in case.views.items()
    }
    views = {reference: made for reference, made in views.items() if made.features}
    return Case(case.name, views), set(filter(None, gone.values()))


def text_of(case: Case, dialect: str) -> str:
    return training_query(case.wanted, case.views, dialect, "asked_at")


@pytest.fixture(scope="module")
def shops() -> tuple[Mapping[str, Rows], Rows]:
    """The rows of each source, and the questions."""
    rows = shop()
    return rows, spine(rows["payments"])


def _answered(case: Case, dialect: str, rows: Mapping[str, Rows], asked: Rows) -> Rows:
    stand = Stand(dialect)
    numbered = [{**row, "number_of_question": n} for n, row in enumerate(asked)]
    fields = (*SPINE_FIELDS, Field("number_of_question", EVENTS.field("number").type))
    stand.table("spine", frame(numbered, fields))
    for name, source in case.sources.items():
        stand.table(name, frame(rows[name], source.fields))
    names, made = stand.rows(text_of(case, dialect))
    stand.close()
    place = names.index("number_of_question")
    made.sort(key=lambda row: row[place])
    kinds = {
        w.column: next(f.expression.type for f in v.features if f.name == w.feature)
        for w in case.wanted
        for v in [case.views[w.reference]]
    }
    return [
        {
            name: typed(value, kinds[name])
            for name, value in zip(names, row, strict=True)
            if name in kinds
        }
        for row in made
    ]


@pytest.mark.parametrize("case", EVERY)
def test_the_query_answers_what_the_oracle_means(
    case: Case, dialect: str, shops: tuple[Mapping[str, Rows], Rows]
) -> None:
    kept, gone = said(case, dialect)
    assert gone <= REFUSED[dialect]
    rows, asked = shops
    assert different(kept, _answered(kept, dialect, rows, asked), meant(kept, rows, asked)) == []


@pytest.mark.parametrize("name", SHOWN)
def test_the_query_is_the_golden_one(name: str, dialect: str) -> None:
    (case,) = (case for case in cases() if case.name == name)
    made = text_of(said(case, dialect)[0], dialect)
    file = GOLDEN / name.replace(" ", "_") / f"{dialect}.sql"
    if os.environ.get("FEATUREKIT_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", EVERY)
def test_its_tree_has_the_views_tables_columns_and_types(case: Case, dialect: str) -> None:
    kept, _ = said(case, dialect)
    spoken = dialect_named(dialect)
    tree = parsed(text_of(kept, dialect), dialect)
    steps = [step.alias for step in tree.find(exp.With).expressions]
    assert len({step.lower() for step in steps}) == len(steps)
    read = {table.name for table in tree.find_all(exp.Table)} - {""}
    assert read - set(steps) == {"spine", *kept.sources}
    own, *answers = tree.expressions
    assert own.is_star
    assert [one.alias for one in answers] == [wanted.column for wanted in kept.wanted]
    by_name = {step.alias: step.this for step in tree.find(exp.With).expressions}
    for reference, made in kept.views.items():
        name = spoken.identifier(reference)[1:-1]
        row, *columns = by_name[name].expressions
        assert row.name == "fk_row"
        for feature, column in zip(made.features, columns, strict=True):
            assert column.alias == feature.name
            assert isinstance(column.this, exp.Cast)
            kind = exp.DataType.build(spoken.type(feature.expression.type), dialect=dialect)
            assert column.this.to == kind
    # steps may be computed anew for each that reads them: every number has an order
    for window in tree.find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber):
            assert window.args["order"].expressions


def test_every_repair_of_the_translation_is_needed() -> None:
    (case,) = (case for case in cases() if case.name == "joined_late")
    needed = {d: translated(text_of(said(case, d)[0], d), d)[1] for d in DIALECTS}
    assert needed["bigquery"] == {"_no_limits", "_whole_ranges"}
    assert needed["snowflake"] == {"_FLATTENED", "_whole_ranges"}


@pytest.mark.parametrize("name", ["a b", "a`b", "é", "a-b", "a.b"])
def test_bigquery_has_no_tables_or_columns_of_strange_names(name: str) -> None:
    source = replace(EVENTS, fields=(*EVENTS.fields, Field(name, EVENTS.fields[0].type)))
    case = Case(
        "strange", {"strange@1.0": view("strange", {"n": over("count_rows", "all_time")}, source)}
    )
    with pytest.raises(NoSpelling, match=re.escape(name)) as refused:
        text_of(case, "bigquery")
    assert refused.value.code == "FK190"
    assert text_of(case, "snowflake")


@pytest.mark.parametrize(
    "value", ["it's", "\\", "\\'", "a\nb", "\r", "`", '"', "--", "\\u0041", "é😀"]
)
def test_a_text_stays_a_text(value: str, dialect: str) -> None:
    stand = Stand(dialect)
    _, ((answer,),) = stand.rows(f"SELECT {dialect_named(dialect).text(value)} AS x")
    stand.close()
    assert answer == value
