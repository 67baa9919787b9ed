"""Frames of the standard: which window each means, and that plain SQL over the rows agrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest
from front_scope import TXN, read
from hypothesis import given, settings
from hypothesis import strategies as st

from featurekit.backends.plan import Wanted
from featurekit.frontends.frames import frame_before
from featurekit.frontends.to_text import view_text
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.view import View, aggregates, request_columns
from featurekit.ir.windows import AllTime, LastRows, Rolling, Window
from featurekit.training.oracle import naive

DAY, HOUR = 86_400_000_000, 3_600_000_000
FRAMES = [
    ("(ORDER BY event_time)", AllTime(), True),
    ("(PARTITION BY customer_id ORDER BY event_time)", AllTime(), True),
    ("(RANGE UNBOUNDED PRECEDING)", AllTime(), True),
    ("(ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", AllTime(), True),
    ("(RANGE INTERVAL '30' DAY PRECEDING)", Rolling(30 * DAY), True),
    ("(RANGE INTERVAL '30 days' PRECEDING EXCLUDE CURRENT ROW)", Rolling(30 * DAY), False),
    ("(RANGE BETWEEN INTERVAL 2 WEEKS PRECEDING AND CURRENT ROW)", Rolling(14 * DAY), True),
    (
        "(RANGE BETWEEN INTERVAL '2' HOUR PRECEDING AND INTERVAL '1' HOUR PRECEDING)",
        Rolling(HOUR + 1, HOUR - 1),
        False,
    ),
    (
        "(RANGE BETWEEN INTERVAL '2' HOUR PRECEDING AND INTERVAL '1' MICROSECOND PRECEDING)",
        Rolling(2 * HOUR),
        False,
    ),
    (
        "(RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1' DAY PRECEDING)",
        AllTime(DAY - 1),
        False,
    ),
    ("(ROWS 3 PRECEDING)", LastRows(3), True),
    ("(ROWS BETWEEN 3 PRECEDING AND CURRENT ROW EXCLUDE NO OTHERS)", LastRows(3), True),
    ("(ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)", LastRows(3), False),
    ("(ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING)", LastRows(4, 1), False),
    ("(ROWS BETWEEN 2 PRECEDING AND 2 PRECEDING)", LastRows(1, 1), False),
]


def framed(frame: str, per: str) -> View:
    """Return a view of one aggregate over ``frame``."""
    return read(f"SELECT SUM(qty) OVER {frame} AS x FROM txn", per=per)  # noqa: S608  a cell


@pytest.mark.parametrize(("frame", "window", "with_row"), FRAMES)
def test_a_frame_is_a_window_and_at_row_grain_the_row_in_hand(
    frame: str, window: Window, *, with_row: bool
) -> None:
    (of_rows,), (of_entity,) = (aggregates(framed(frame, per)) for per in ("row", "entity"))
    assert (of_rows.window, of_rows.current) == (window, with_row)
    assert (of_entity.window, of_entity.current) == (window, False)


@pytest.mark.parametrize(("frame", "window", "with_row"), FRAMES)
@pytest.mark.parametrize("per", ["entity", "row"])
def test_a_frame_reads_back_from_its_text(
    frame: str, window: Window, per: str, *, with_row: bool
) -> None:
    del window, with_row
    view = framed(frame, per)
    again = read(view_text(view), per=per)
    assert meaning_hash(again) == meaning_hash(view)
    assert view_text(again) == view_text(view)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(1, 10**15), st.integers(1, 10**9 - 1), st.sampled_from(["entity", "row"]))
def test_frames_of_any_length_read_back(length: int, rows: int, per: str) -> None:
    for frame in (f"RANGE INTERVAL {length} MICROSECONDS PRECEDING", f"ROWS {rows} PRECEDING"):
        view = framed(f"({frame})", per)
        assert meaning_hash(read(view_text(view), per=per)) == meaning_hash(view)


def test_windows_of_a_window_clause_may_rest_on_one_another() -> None:
    base = "SELECT SUM(qty) OVER {} AS x FROM txn WINDOW a AS (PARTITION BY customer_id), {}"
    spelled = [
        base.format("c", "b AS (a ORDER BY event_time), c AS (b ROWS 3 PRECEDING)"),
        base.format("(B ROWS 3 PRECEDING)", "b AS (a ORDER BY event_time)"),
        base.format("(b)", "b AS (last_3_rows)"),
        "SELECT SUM(qty) OVER last_3_rows AS x FROM txn",
    ]
    assert len({meaning_hash(read(text)) for text in spelled}) == 1


def test_ties_may_stand_in_the_order_where_the_source_has_them() -> None:
    with_time = framed("(ORDER BY event_time ROWS 3 PRECEDING)", "row")
    assert meaning_hash(framed("(ROWS 3 PRECEDING)", "row")) == meaning_hash(with_time)


def test_a_row_in_hand_brings_what_the_view_reads_of_it() -> None:
    view = read(
        "SELECT amount, SUM(price) OVER last_7d AS before, SUM(qty) OVER (ROWS 3 PRECEDING) AS n"
        " FROM txn",
        per="row",
    )
    assert [column.name for column in request_columns(view)] == ["event_time", "amount", "qty"]


def moments() -> Iterator[dt.datetime]:
    """Yield moments whose distances are the edges of the frames above, each once."""
    start = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    steps = (0, 1, HOUR - 1, HOUR, HOUR + 1, 2 * HOUR, DAY, 14 * DAY, 30 * DAY, 30 * DAY + 1)
    found = {a + b for a in steps for b in steps}
    return (start + dt.timedelta(microseconds=found) for found in sorted(found))


@pytest.mark.parametrize("frame", [frame for frame, _, _ in FRAMES if "ORDER" not in frame])
@pytest.mark.parametrize("where", ["", " FILTER (WHERE ok)"])
def test_a_view_per_row_answers_what_plain_sql_over_its_source_does(frame: str, where: str) -> None:
    rows = [
        {
            **dict.fromkeys(field.name for field in TXN.fields),
            "customer_id": customer,
            "event_time": moment,
            "qty": number * number % 97,
            "ok": number % 3 != 0,
        }
        for customer in ("a", "b")
        for number, moment in enumerate(moments())
    ]
    whole = f"(PARTITION BY customer_id ORDER BY event_time {frame[1:]}"
    body = f"SUM(qty){where} OVER {whole} AS x FROM txn"
    view = read(f"SELECT {body}", per="row")
    wanted = [Wanted("v@1.0", "v", "x", "x")]
    answers = [row["x"] for row in naive(rows, wanted, {"v@1.0": view}, {"txn": rows}, None)]
    with duckdb.connect() as database:
        columns = "customer_id TEXT, event_time TIMESTAMPTZ, qty BIGINT, ok BOOLEAN"
        database.execute(f"CREATE TABLE txn ({columns})")
        told = [[r["customer_id"], r["event_time"], r["qty"], r["ok"]] for r in rows]
        database.executemany("INSERT INTO txn VALUES (?, ?, ?, ?)", told)
        query = f"SELECT {body} ORDER BY customer_id, event_time"
        found = [x for (x,) in database.execute(query).fetchall()]
    assert [None if x is None else int(x) for x in found] == answers
    assert len(set(answers)) > 5


def test_a_frame_whose_later_edge_counts_is_told_as_a_frame_and_no_other_window_is() -> None:
    hours = "(RANGE BETWEEN INTERVAL '2' HOUR PRECEDING AND INTERVAL '1' HOUR PRECEDING)"
    days = "(RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1' DAY PRECEDING)"
    assert frame_before(Rolling(HOUR + 1, HOUR - 1)) == hours
    assert frame_before(AllTime(DAY - 1)) == days
    assert {frame_before(w) for w in (Rolling(DAY), Rolling(DAY, HOUR), AllTime())} == {None}
