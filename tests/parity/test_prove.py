"""Training and the rendered package answer the same, and a package that is off is caught."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from shop_cells import CELLS, Cell, questions, rows
from shop_packages import of_functions, package_of, shape_of, trainer

from featurekit.backends.to_polars import polars_type
from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import (
    compare_served,
    prove_cases,
    prove_cases_here,
    served_answers,
    served_frame,
)
from featurekit.parity.rows import Shape
from featurekit.parity.samples import sampled_cases, sampled_questions
from featurekit.parity.vectors import frame

IDS = {"ids": lambda case: case.name}


def frames(made: Shape) -> dict[str, pl.DataFrame]:
    held = rows()
    return {name: frame(held[name], types) for name, types in made.interface.sources.items()}


def spine(made: Shape) -> pl.DataFrame:
    schema = {name: polars_type(kind) for name, kind in {**made.keys, **made.request}.items()}
    kept = [*schema, "asked_at"]
    asked = [{name: row[name] for name in kept} for row in questions()]
    return pl.DataFrame(asked, schema={**schema, "asked_at": pl.Datetime("us", "UTC")})


@pytest.mark.parametrize("case", CELLS, **IDS)
def test_every_edge_case_agrees(case: Cell) -> None:
    made = shape_of(case)
    proven = prove_cases(made, package_of(made), derived_cases(made), trainer(made))
    assert [(w.asked["case"], w.difference) for w in proven.worst] == []
    assert proven.held


@pytest.mark.parametrize("case", CELLS, **IDS)
def test_a_stream_of_events_with_questions_between_agrees(case: Cell) -> None:
    made, held = shape_of(case), frames(shape_of(case))
    asked = spine(made)
    wanted = trainer(made)(made.views, asked, held, "asked_at")
    some = asked.with_row_index("row").filter(pl.col("asked_at").is_not_null())
    given = served_answers(made, package_of(made), some, held, "asked_at")
    meant = wanted[some["row"].to_list()].select(w.column for w in made.wanted).to_dicts()
    proven = compare_served(made, some.to_dicts(), meant, given)
    assert [(w.asked, w.difference) for w in proven.worst] == []
    assert proven.held
    assert served_frame(made, some, given).columns == [
        *some.columns,
        *(w.column for w in made.wanted),
    ]


@pytest.mark.parametrize("case", CELLS, **IDS)
def test_questions_drawn_from_real_rows_agree(case: Cell) -> None:
    made, held = shape_of(case), frames(shape_of(case))
    asked, time = sampled_questions(made, held, {}, 80)
    again, _ = sampled_questions(made, held, {}, 80)
    assert asked.equals(again)
    cases = sampled_cases(made, asked.head(25), time, held)
    proven = prove_cases(made, package_of(made), cases, trainer(made))
    assert [(w.asked["case"], w.difference) for w in proven.worst] == []
    assert proven.held


def test_drawn_questions_meet_each_key_and_the_extremes() -> None:
    made = shape_of(CELLS[0])
    held = frames(made)
    asked, time = sampled_questions(made, held, {}, 60)
    assert set(asked["customer_id"]) == {"c1", "c2", None}
    assert asked[time].n_unique() > 10
    assert asked.schema[time] == pl.Datetime("us", "UTC")


def test_the_quick_check_stops_when_its_time_is_up() -> None:
    made = shape_of(CELLS[0])
    cases = derived_cases(made)
    left = iter([True] * 40)
    quick = prove_cases_here(
        made, package_of(made), cases, trainer(made), lambda: next(left, False)
    )
    assert 0 < quick.rows < len(cases)
    assert quick.held


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("views.py", "30 * windows.DAY", "29 * windows.DAY"),
        ("views.py", '"America/New_York", "month", 0', '"UTC", "month", 0'),
        ("views.py", '"America/New_York", "day", 7', '"America/New_York", "day", 6'),
        ("views.py", "visible[-3 :]", "visible[-4 :]"),
        ("views.py", "<= -100.0", "< -100.0"),
        ("state.py", "timedelta(days=30)", "timedelta(days=29)"),
        ("state.py", '"America/New_York", "month", 0', '"UTC", "month", 0'),
        ("state.py", '"America/New_York", "day", 7', '"America/New_York", "day", 6'),
        ("state.py", "max(seen - 3, 0)", "max(seen - 4, 0)"),
        ("state.py", "as_of - times[last_30d] > _30_DAYS", "as_of - times[last_30d] >= _30_DAYS"),
    ],
)
def test_a_package_that_is_off_by_one_thing_is_caught(file: str, old: str, new: str) -> None:
    made = shape_of(CELLS[0])
    package = package_of(made) if file == "state.py" else of_functions(package_of(made))
    path = f"shop_features/v1_0/{file}"
    assert old in package[path]
    wrong = {**package, path: package[path].replace(old, new)}
    proven = prove_cases(made, wrong, derived_cases(made), trainer(made))
    assert proven.differences > 0
    assert not proven.held
    assert proven.worst[0].asked["case"]


def test_an_answer_that_raises_is_a_difference_with_the_error() -> None:
    made = shape_of(CELLS[0])
    package = package_of(made)
    path = "shop_features/v1_0/state.py"
    body = "        t = windows.to_micros(as_of)\n"
    assert body in package[path]
    wrong = {
        **package,
        path: package[path].replace(body, '        raise KeyError("gone")\n', 1),
    }
    proven = prove_cases(made, wrong, derived_cases(made)[:3], trainer(made))
    assert proven.differences == proven.compared
    assert "raised KeyError" in proven.worst[0].difference.why


def test_questions_against_thousands_of_rows_agree() -> None:
    made = shape_of(CELLS[0])
    start = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    count = 5_000
    held = pl.DataFrame({"row": range(count)}).select(
        customer_id=pl.lit("c1"),
        amount=pl.col("row").cast(pl.Float64),
        price=pl.lit(None, pl.Decimal(10, 2)),
        country=pl.lit("FR"),
        paid=pl.col("row") % 2 == 0,
        happened=(pl.lit(start) + pl.duration(seconds=pl.col("row") * 300)).dt.cast_time_unit("us"),
        number=pl.col("row").cast(pl.Int64),
    )
    held = held.with_columns(booked="happened").select(list(made.interface.sources["payments"]))
    asked = pl.DataFrame({"row": range(150)}).select(
        customer_id=pl.lit("c1"),
        asked_at=held["happened"][-1] - pl.duration(seconds=pl.col("row") * 60),
    )
    asked = asked.with_columns(pl.col("asked_at").dt.cast_time_unit("us"))
    given = served_answers(made, package_of(made), asked, {"payments": held}, "asked_at")
    wanted = trainer(made)(made.views, asked, {"payments": held}, "asked_at").select(
        w.column for w in made.wanted
    )
    assert compare_served(made, asked.to_dicts(), wanted.to_dicts(), given).held
