"""The training query on PostgreSQL answers rows in hand, frames, joins and refreshes as meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from postgres_rows import make_table, typed
from training_queries import RULED, Server, grain_cases, grain_rare

from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.datatypes import TIMESTAMP, DataType


@pytest.fixture
def server(postgres: Any) -> Server:
    return Server("postgres", partial(make_table, postgres), partial(typed, postgres))


CASES = [
    pytest.param(case, id=case.name, marks=pytest.mark.slow if case.name == "all" else ())
    for case in (*grain_cases.cases(), *grain_rare.rare())
]


@pytest.mark.parametrize("case", CASES)
def test_the_query_answers_what_the_oracle_means(case: grain_cases.Case, server: Server) -> None:
    assert server.grain_case(case) == []


@pytest.mark.parametrize("case", [one.ruled for one in RULED], ids=lambda case: case.name)
def test_rules_mean_the_same_there(case: grain_cases.Case, server: Server) -> None:
    assert server.grain_case(case) == []


@pytest.mark.slow
def test_a_refresh_is_the_last_local_time_wherever_the_clock_changes(server: Server) -> None:
    assert server.refreshes() == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia"])
@pytest.mark.parametrize(
    "case",
    [
        grain_cases.per_row()[-2],
        *grain_cases.joins()[1:3],
        grain_cases.refreshes()[0],
    ],
    ids=lambda case: case.name,
)
def test_instants_are_read_whatever_the_zone_of_the_session(
    case: grain_cases.Case, zone: str, postgres: Any
) -> None:
    quoted = dialect_named("postgres").identifier
    fields = len(grain_cases.SPINE_FIELDS)

    def make_zoned(
        name: str, columns: Mapping[str, DataType], rows: Sequence[Sequence[Any]]
    ) -> None:
        make_table(postgres, name, columns, rows)
        for column in (column for column, kind in columns.items() if kind == TIMESTAMP):
            change = f"ALTER TABLE {quoted(name)} ALTER COLUMN {quoted(column)} TYPE TIMESTAMPTZ"
            postgres.execute(f"{change} USING {quoted(column)} AT TIME ZONE 'UTC'")

    def answers(query: str, kinds: Sequence[DataType]) -> list[tuple[Any, ...]]:
        names = ", ".join(quoted(wanted.column) for wanted in case.wanted)
        made = typed(postgres, f"SELECT {names} FROM (\n{query}\n) AS made", kinds[fields:])  # noqa: S608  the query under test
        return [(*[None] * fields, *row) for row in made]

    try:
        postgres.execute(f"SET TimeZone = '{zone}'")
        assert Server("postgres", make_zoned, answers).grain_case(case) == []
    finally:
        postgres.execute("SET TimeZone = 'UTC'")
