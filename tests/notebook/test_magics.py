"""The magics in a real kernel: cards, errors that stop the notebook, progress, what they load."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_session import FACTS, SPEND, Kernel, kernel

from featurekit.verbs import MAGICS

EVERY = sorted({magic.lstrip("%").split(" ")[0] for magic in MAGICS})


def test_loading_the_extension_loads_no_engine_and_no_widget(tmp_path: Path) -> None:
    code = (
        "import sys, time; t = time.perf_counter(); get_ipython().run_line_magic('load_ext', "
        "'featurekit'); spent = time.perf_counter() - t; found = [m for m in ('polars', 'duckdb', "
        "'sqlglot', 'anywidget', 'ipywidgets', 'jinja2', 'pyarrow') if m in sys.modules]"
    )
    with kernel(tmp_path) as fresh:
        fresh.run(code)
        assert fresh.value("found") == "[]"
        assert float(fresh.value("spent")) < 0.4


def test_every_verb_of_the_notebook_is_a_magic(session: Kernel) -> None:
    known = session.value("sorted(get_ipython().magics_manager.magics['line'])")
    assert [name for name in EVERY if f"'{name}'" not in known] == []


def test_connecting_says_in_one_line_where_and_how_much(session: Kernel) -> None:
    ran = session.run("%fk connect")
    assert ran.facts["kind"] == "connected"
    assert ran.outputs[0]["text/plain"].startswith("featurekit 0.1")
    assert "0 features in 0 views" in ran.outputs[0]["text/html"]


def test_a_cell_becomes_a_card_with_html_text_and_facts(defined: Kernel) -> None:
    ran = defined.run(SPEND)
    assert ran.error is None
    [shown] = [data for data in ran.outputs if FACTS in data]
    assert set(shown) == {"text/html", "text/plain", FACTS}
    assert ran.facts["name"] == "customer_spend"
    assert [f["name"] for f in ran.facts["features"]] == ["spend_30d", "orders_7_days"]
    assert len(shown["text/html"].encode()) <= 10_000


def test_running_a_published_cell_again_changes_nothing(defined: Kernel) -> None:
    defined.run(SPEND)
    defined.run("%feature publish customer_spend")
    again = defined.run(SPEND)
    assert "unchanged" in again.facts["title"]


def test_an_error_is_a_card_and_stops_the_notebook(defined: Kernel) -> None:
    ran = defined.run(SPEND.replace("SUM(amount)", "SUM(amout)"))
    assert ran.error is not None
    assert ran.facts["kind"] == "error"
    assert "^^^^^" in ran.outputs[0]["text/html"]
    assert "Traceback" not in ran.traceback
    assert 'File "' not in ran.traceback
    last = ran.traceback.splitlines()[-1]
    assert last.startswith("FeatureError[FK111]: source 'transactions' has no column 'amout'")


@pytest.mark.parametrize(
    "cell",
    [
        "%fk nonsense",
        "%fk build now",
        "%entity",
        "%entity customer 'unclosed",
        "%source t --no-such-flag",
        "%catalog --no-such-flag -i",
        "%feature",
        "%feature show nothing_of_this_name",
        "%%feature v --from nowhere --owner a@example.com\nSELECT 1 AS x FROM nowhere",
        "%%feature v --from transactions --owner a@example.com\n-- nothing",
        "%%featureset s --owner a@example.com\nno_such_view@1",
        "%trainset nothing --spine nothing --time t --out train",
        "%export nothing --to /nowhere",
        "%parity nothing",
        "%source t no/such/file.parquet --entity customer --time t",
    ],
)
def test_wrong_use_is_a_typed_error_and_never_a_traceback(defined: Kernel, cell: str) -> None:
    ran = defined.run(cell)
    assert ran.error is not None
    assert "Traceback" not in ran.traceback
    assert "FeatureError[FK" in ran.traceback.splitlines()[-1]
    assert ran.facts["kind"] == "error"


def test_braces_and_dollars_reach_the_verb_as_they_are_written(session: Kernel) -> None:
    session.run("%fk connect")
    session.run("secret = 'expanded'")
    ran = session.run("%vocabulary v 'a={secret},$secret'")
    assert ran.error is None, ran.traceback
    assert ran.facts["entries"] == [["a", ["$secret", "{secret}"]]]


def test_a_frame_in_the_kernel_becomes_a_source_for_this_session_only(session: Kernel) -> None:
    session.run("%fk connect")
    session.run("%entity customer customer_id:string")
    session.run(
        "import polars as pl, datetime as dt\n"
        "txn = pl.DataFrame({'customer_id': ['a'], 'amount': [1.5],"
        " 't': [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]})"
    )
    ran = session.run("%source txn txn --entity customer --time t")
    assert ran.error is None, ran.traceback
    assert ran.facts["session_only"] is True
    assert "session only" in ran.outputs[-1]["text/html"]


def test_a_training_set_is_kept_under_its_name_with_a_bar_on_the_way(defined: Kernel) -> None:
    defined.run(SPEND)
    defined.run("%feature publish customer_spend")
    defined.run("%%featureset churn --owner ml@example.com\ncustomer_spend@1")
    defined.run(
        "import polars as pl, datetime as dt\n"
        "spine = pl.DataFrame({'customer_id': ['c1', 'c2', 'zz'], 'asked_at':"
        " [dt.datetime(2026, 1, 10, tzinfo=dt.UTC)] * 3})"
    )
    ran = defined.run("%trainset churn --spine spine --time asked_at --out train")
    assert ran.error is None, ran.traceback
    assert ran.facts["rows"] == 3
    assert not [key for key in ran.facts if key.startswith("_")]
    columns = [
        *("customer_id", "asked_at"),
        *("customer_spend__spend_30d", "customer_spend__orders_7_days"),
    ]
    assert defined.value(f"train.columns == {columns}") == "True"
    bars = [data for data in ran.seen if "<progress" in data.get("text/html", "")]
    assert bars
    assert not [data for data in ran.outputs if "<progress" in data.get("text/html", "")]


def test_parts_of_a_split_are_variables(defined: Kernel) -> None:
    defined.run(
        "import polars as pl, datetime as dt\n"
        "asked = pl.DataFrame({'at': [dt.datetime(2026, 1, n, tzinfo=dt.UTC) for n in (1, 3, 2)]})"
    )
    parts = "--train 0.7 --test 0.3 --gap 0"
    ran = defined.run(f"%split asked --time at {parts} --out rows")
    assert ran.error is None, ran.traceback
    assert defined.value("[d.day for d in rows_train['at']]") == "[1, 2]"
    assert defined.value("[d.day for d in rows_test['at']]") == "[3]"


def test_answers_as_of_a_moment_are_written_from_a_notebook(
    defined: Kernel, tmp_path: Path
) -> None:
    defined.run(SPEND)
    defined.run("%feature publish customer_spend")
    as_of = "--as-of 2026-01-10T00:00:00Z"
    ran = defined.run(f"%materialize customer_spend {as_of} --out scores.parquet")
    assert ran.error is None, ran.traceback
    assert ran.facts["kind"] == "materialized"
    assert (tmp_path / "scores.parquet").exists()


def test_a_cell_in_polars_becomes_a_card_and_can_be_edited(defined: Kernel) -> None:
    head, _, _ = SPEND.partition("\n")
    head = head.replace("customer_spend", "in_polars --polars")
    text = 'spend = pl.col("amount").filter(pl.col("status") == "settled").sum().over("last_30d")'
    ran = defined.run(f"{head}\n{text}")
    assert ran.error is None, ran.traceback
    assert ran.facts["language"] == "polars"
    assert "FILTER (WHERE status = 'settled') OVER last_30d" in ran.facts["sql"]
    assert ran.facts["badges"][0]["level"] == "ok"
    [cell] = defined.run("%feature edit in_polars").next_inputs
    assert defined.run(cell).facts["sql"] == ran.facts["sql"]
    refused = defined.run(f"{head}\nx = pl.col('amount').map_elements(lambda v: v)")
    assert refused.error is not None
    assert refused.error["traceback"][-1].startswith("FeatureError[FK162]")


def test_editing_a_view_puts_its_cell_below(defined: Kernel) -> None:
    defined.run(SPEND)
    ran = defined.run("%feature edit customer_spend")
    assert ran.error is None, ran.traceback
    [text] = ran.next_inputs
    assert text.startswith("%%feature customer_spend ")
    assert defined.run(text).error is None


def test_loading_the_extension_twice_leaves_one_matcher(session: Kernel) -> None:
    session.run("%reload_ext featurekit")
    names = session.value("[m.__name__ for m in get_ipython().Completer.custom_matchers]")
    assert names.count("featurekit_matcher") == 1


@pytest.mark.parametrize(("cell", "kind"), [("%catalog -i", "catalog"), ("%fk build", "builder")])
def test_a_live_widget_leaves_only_its_card_in_the_notebook(
    defined: Kernel, cell: str, kind: str
) -> None:
    ran = defined.run(cell)
    assert ran.error is None, ran.traceback
    [shown] = ran.outputs
    assert set(shown) == {"text/html", "text/plain", FACTS}
    assert ran.facts["kind"] == kind
    states = [opened["data"].get("state", {}) for opened in ran.comms]
    anchors = [state["anchor"] for state in states if "anchor" in state]
    assert [f"fk-live-{anchor}" in shown["text/html"] for anchor in anchors] == [True]


def test_building_again_inserts_the_cell_that_the_page_could_not_write(defined: Kernel) -> None:
    magics = "get_ipython().magics_manager.registry['FeaturekitMagics']"
    defined.run(f"{magics}.keep_cell('%%feature v --from transactions')")
    assert defined.run("%fk build").next_inputs == ["%%feature v --from transactions"]
    assert defined.run("%fk build").next_inputs == []


def test_an_interrupt_leaves_a_line_that_says_so_and_no_moving_bar(session: Kernel) -> None:
    ran = session.run(
        "from featurekit.notebook.progress import ProgressBar, shown\n"
        "magics = get_ipython().magics_manager.registry['FeaturekitMagics']\n"
        "with shown(ProgressBar(magics.live)) as bar:\n"
        "    bar('joining', 10, 100)\n"
        "    raise KeyboardInterrupt"
    )
    assert [data["text/plain"] for data in ran.outputs] == ["interrupted: joining, 10 of 100"]
