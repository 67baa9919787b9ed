"""The widgets without a browser: a comm that only records stands for the front end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import comm
import pytest

from featurekit.errors import FeatureError
from featurekit.ir.canonical import meaning_hash
from featurekit.notebook import live
from featurekit.notebook.cards import FACTS_MIME
from featurekit.workspace import Workspace

OWNER = "risk@example.com"
HAND_WRITTEN = """
SELECT SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d
FROM transactions
"""


class Front(comm.base_comm.BaseComm):
    """Records what the kernel sends."""

    def publish_msg(self, msg_type: str, data: Any = None, **_rest: Any) -> None:
        """Keep the message."""
        SENT.append((msg_type, data))


SENT: list[tuple[str, Any]] = []


@pytest.fixture(autouse=True)
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """Stand for the browser, and forget what it was told afterwards."""
    monkeypatch.setattr(comm, "create_comm", Front)
    SENT.clear()
    yield SENT
    SENT.clear()


@pytest.fixture
def workspace(tmp_path: Path, transactions: Path) -> Workspace:
    made = Workspace(str(tmp_path / "catalog"))
    made.entity("customer", "customer_id:string")
    made.source("transactions", str(transactions), entity="customer", time="event_time")
    made.source("scoring", schema="amount:double channel:string", kind="request")
    return made


def builder(workspace: Workspace, lock: Any = None, kept: list[str] | None = None) -> Any:
    from featurekit.notebook.builder_widget import BuilderWidget

    keep = [] if kept is None else kept
    return BuilderWidget(workspace, lock or threading.RLock(), keep.append)


def spend(**changes: str) -> dict[str, Any]:
    line = {
        "name": "spend_30d",
        "aggregate": "SUM",
        "column": "amount",
        "window": "last_30d",
        "filter": "status = 'settled'",
        **changes,
    }
    return {
        "view": "customer_spend",
        "source": "transactions",
        "entity": "customer",
        "owner": OWNER,
        "lines": [line],
    }


def test_the_builders_cell_means_exactly_what_the_hand_written_cell_means(
    workspace: Workspace,
) -> None:
    from featurekit.verbs import Session, run_line

    widget = builder(workspace)
    widget.choices = spend()
    assert widget.problem == ""
    assert widget.told == "spend_30d DOUBLE"
    by_hand = workspace.feature(
        "customer_spend", HAND_WRITTEN, source="transactions", entity="customer", owner=OWNER
    ).view
    header, _, body = widget.text.partition("\n")
    session = Session(workspace.url, workspace)
    run_line(session, "feature", f"{header.removeprefix('%%feature ')} --quick", body, {})
    built = workspace.draft("customer_spend").view
    assert built == by_hand
    assert meaning_hash(built) == meaning_hash(by_hand)


def test_picking_saves_nothing(workspace: Workspace) -> None:
    widget = builder(workspace)
    widget.choices = spend()
    assert widget.told
    assert tuple(workspace.catalog.drafts()) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"column": "amout"},
        {"window": "last_30"},
        {"filter": "status ="},
        {"filter": "1=1) OVER last_30d AS x, (SELECT 1"},
        {"name": "a b; DROP TABLE x"},
        {"window": ""},
        {"column": ""},
        {"aggregate": "SUMM"},
    ],
)
def test_a_choice_that_cannot_be_run_says_why_or_is_quoted(
    workspace: Workspace, wrong: dict[str, str]
) -> None:
    widget = builder(workspace)
    widget.choices = spend(**wrong)
    assert widget.problem.startswith("FeatureError[FK") or widget.told
    assert bool(widget.problem) != bool(widget.told)


def test_the_builder_offers_each_aggregate_only_the_columns_it_takes(workspace: Workspace) -> None:
    widget = builder(workspace)
    assert "VARCHAR" not in widget.takes["SUM"]
    assert "VARCHAR" in widget.takes["COUNT DISTINCT"]
    assert widget.offers["request"] == ["value", "expression"]
    assert [source["name"] for source in widget.sources] == ["scoring", "transactions"]


def test_a_cell_the_browser_could_not_write_is_kept_for_the_next_build(
    workspace: Workspace,
) -> None:
    kept: list[str] = []
    widget = builder(workspace, kept=kept)
    widget.choices = spend()
    widget._handle_custom_msg({"do": "wrote", "made": True}, [])
    assert kept == []
    widget._handle_custom_msg({"do": "wrote", "made": False}, [])
    assert kept == [widget.text]


@pytest.mark.parametrize("message", [None, "x", 3, {}, {"do": "delete"}, {"do": "show"}, ["show"]])
def test_messages_that_are_not_ours_change_nothing(workspace: Workspace, message: Any) -> None:
    widget = builder(workspace)
    before = widget.get_state()
    widget._handle_custom_msg(message, [])
    assert widget.get_state() == before


def catalog_widget(rows: list[dict[str, Any]], ask: Any, lock: Any = None) -> Any:
    from featurekit.notebook.catalog_widget import CatalogWidget

    facts = {"kind": "catalog", "query": "spend", "rows": rows}
    return CatalogWidget(facts, ask, lock or threading.RLock())


ROW = {"view": "customer_spend", "version": "1.0", "feature": "spend_30d", "type": "DOUBLE"}


def test_picking_a_view_asks_for_its_card(front: list[tuple[str, Any]]) -> None:
    asked: list[tuple[str, str]] = []

    def ask(magic: str, line: str) -> dict[str, Any]:
        asked.append((magic, line))
        return {"kind": "feature", "name": "customer_spend"}

    widget = catalog_widget([ROW], ask)
    widget._handle_custom_msg({"do": "show", "view": "customer_spend@1.0"}, [])
    assert asked == [("feature", "show customer_spend@1.0")]
    assert widget.details["view"] == "customer_spend@1.0"
    assert "customer_spend" in widget.details["html"]
    assert any("details" in (data or {}).get("state", {}) for _, data in front)


def test_only_views_that_are_listed_can_be_asked_for() -> None:
    asked: list[str] = []
    widget = catalog_widget([ROW], lambda _magic, line: asked.append(line))
    widget._handle_custom_msg({"do": "show", "view": "x; rm -rf /"}, [])
    assert asked == []


def test_a_failure_behind_a_click_is_shown_as_its_card() -> None:
    def ask(_magic: str, _line: str) -> dict[str, Any]:
        raise FeatureError("the <file> is gone", fix="look for it")

    widget = catalog_widget([ROW], ask)
    widget._handle_custom_msg({"do": "show", "view": "customer_spend@1.0"}, [])
    assert "the &lt;file&gt; is gone" in widget.details["html"]


def test_a_click_waits_its_turn_while_a_cell_runs() -> None:
    lock = threading.RLock()
    order: list[str] = []

    def ask(_magic: str, _line: str) -> dict[str, Any]:
        order.append("click")
        return {"kind": "feature"}

    widget = catalog_widget([ROW], ask, lock)
    with lock:
        click = threading.Thread(
            target=widget._handle_custom_msg,
            args=({"do": "show", "view": "customer_spend@1.0"}, []),
        )
        click.start()
        time.sleep(0.05)
        order.append("cell")
    click.join(10)
    assert order == ["cell", "click"]


def test_a_click_during_a_long_cell_says_that_the_kernel_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.05)
    lock = threading.RLock()
    widget = catalog_widget([ROW], lambda _magic, _line: {"kind": "feature"}, lock)
    with lock:
        click = threading.Thread(
            target=widget._handle_custom_msg,
            args=({"do": "show", "view": "customer_spend@1.0"}, []),
        )
        click.start()
        click.join(10)
    assert "a cell is running" in widget.details["html"]


def test_the_output_of_a_live_widget_is_its_static_card_and_nothing_else() -> None:
    shown = live.anchored({"kind": "catalog", "rows": [ROW]}, "0123abcd")
    assert set(shown) == {"text/html", "text/plain", FACTS_MIME}
    assert shown["text/html"].startswith('<div class="fk-live-0123abcd">')
    assert "customer_spend@1.0" in shown["text/html"]
    assert len(shown["text/html"].encode()) <= 10_000


@pytest.mark.parametrize("name", ["live.js", "catalog_widget.js", "builder_widget.js"])
def test_widget_code_reaches_for_nothing_outside_the_page(name: str) -> None:
    code = live.asset(name)
    assert [
        word for word in ("http:", "https:", "import ", "import(", "eval(") if word in code
    ] == []


def test_the_builder_writes_labels_that_are_read_as_labels(workspace: Workspace) -> None:
    widget = builder(workspace)
    assert widget.ahead[0] == "next_30d"
    widget.choices = spend(window="next_30d") | {"view": "spent", "label": True}
    assert widget.problem == ""
    assert widget.told == "spend_30d DOUBLE"
    header, _, body = widget.text.partition("\n")
    assert header.startswith("%%label spent ")
    from featurekit.verbs import Session, run_line

    session = Session(workspace.url, workspace)
    run_line(session, "label", f"{header.removeprefix('%%label ')} --quick", body, {})
    built = workspace.draft("spent").view
    assert built.is_label
    widget.choices = spend() | {"view": "spent", "label": True}
    assert widget.problem.startswith("FeatureError[FK171]")
    widget.choices = spend(window="next_30d")
    assert widget.problem.startswith("FeatureError[FK")
