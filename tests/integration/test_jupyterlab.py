"""Cards and both widgets in a real JupyterLab in Chromium, driven from menus, keys and clicks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyterlab_pages import RAISED, Lab, NotebookPage
from trade import hourly

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SPEND = """%%feature customer_spend --from transactions --entity customer --owner risk@example.com
-- What a customer settled, as known at the moment of asking.
SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d,
  COUNT(*) OVER calendar_7d AS orders_7_days
FROM transactions"""
VISITS = """%%feature customer_visits --from transactions --entity customer --owner web@example.com
SELECT COUNT(*) OVER last_7d AS visits_7d, AVG(amount) OVER last_7d AS mean_amount
FROM transactions"""
BUILT = """%%feature built_by_clicks --from transactions --entity customer --owner a@example.com
SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d
FROM transactions"""
CARD = ".jp-OutputArea-output[data-mime-type='text/html']"

Open = Callable[[list[str] | str], NotebookPage]


@pytest.fixture
def cells(lab: Lab, request: pytest.FixtureRequest) -> list[str]:
    """Return the first cells of a notebook with a catalog of its own and invented data."""
    hourly(500, lab.work / "transactions.parquet")
    source = "%source transactions transactions.parquet --entity customer --time event_time"
    return [
        f"%load_ext featurekit\n%fk connect {request.node.name}_catalog",
        "%entity customer customer_id:string",
        f"{source} --tie txn_id",
    ]


def picture(page: NotebookPage, path: Path) -> None:
    """Save a picture of the whole notebook, however long."""
    height = page.page.evaluate("document.querySelector('.jp-WindowedPanel-viewport').scrollHeight")
    page.page.set_viewport_size({"width": 1400, "height": min(int(height) + 160, 6000)})
    page.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
    page.page.wait_for_timeout(300)
    page.page.screenshot(path=str(path))


def ran_well(page: NotebookPage) -> None:
    """Check that no cell raised; the message is what one said."""
    assert page.page.locator(RAISED).all_inner_texts() == []


def both_themes(page: NotebookPage, folder: Path, name: str) -> None:
    """Save pictures in the light and the dark theme."""
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.theme(theme)
        picture(page, folder / f"{name}-{theme.split()[1].lower()}.png")


def test_the_catalog_is_searched_picked_from_and_read_live(
    open_notebook: Open, cells: list[str], screenshots: Path
) -> None:
    published = ["%feature publish customer_spend", "%feature publish customer_visits"]
    page = open_notebook([*cells, SPEND, VISITS, *published, "%catalog -i"])
    page.run_all()
    ran_well(page)
    browser = page.cell(7).locator(".fk-widget")
    browser.locator(".fk-count", has_text="4 of 4 features").wait_for()
    browser.locator(".fk-search").fill("visits")
    browser.locator(".fk-count", has_text="2 of 4 features").wait_for()
    browser.locator(".fk-pick").first.click()
    details = browser.locator(".fk-details")
    details.locator("b", has_text="customer_visits").wait_for()
    assert "mean_amount" in details.inner_text()
    both_themes(page, screenshots, "catalog")
    assert page.errors == []
    assert page.elsewhere == []


def test_the_keyboard_is_enough_to_pick_a_view(open_notebook: Open, cells: list[str]) -> None:
    page = open_notebook([*cells, SPEND, "%feature publish customer_spend", "%catalog -i"])
    page.run_all()
    search = page.cell(5).locator(".fk-search")
    search.focus()
    page.page.keyboard.type("spend")  # none of these letters may reach JupyterLab
    page.page.keyboard.press("Enter")
    page.cell(5).locator(".fk-details b", has_text="customer_spend").wait_for()
    assert search.input_value() == "spend"
    assert page.page.locator(".jp-Notebook .jp-Cell").count() == 6


def test_the_builder_writes_the_cell_that_a_person_would_write(
    open_notebook: Open, cells: list[str], screenshots: Path
) -> None:
    page = open_notebook([*cells, "%fk build", "'the last cell'"])
    page.run_all()
    widget = page.cell(3).locator(".fk-widget")
    widget.get_by_label("view name").fill("built_by_clicks")
    widget.get_by_label("owner", exact=True).last.fill("a@example.com")
    widget.get_by_label("aggregate").select_option("SUM")
    widget.locator(".fk-column").select_option("amount")
    widget.get_by_label("window", exact=True).last.fill("last_30d")
    widget.get_by_label("filter").fill("status = 'settled'")
    widget.get_by_label("feature name").fill("spend_30d")
    widget.locator(".fk-verdict", has_text="spend_30d DOUBLE").wait_for()
    assert widget.locator(".fk-cell").inner_text() == BUILT
    both_themes(page, screenshots, "builder")
    widget.locator(".fk-write").click()
    page.page.wait_for_function(
        "() => document.querySelectorAll('.jp-Notebook .jp-Cell').length === 6"
    )
    assert page.source(4) == BUILT
    page.run_cell(4)
    page.wait_run(4)
    page.cell(4).locator(CARD, has_text="built_by_clicks").wait_for()
    assert page.errors == []
    assert page.elsewhere == []


def test_the_builder_says_what_is_wrong_while_picking(
    open_notebook: Open, cells: list[str]
) -> None:
    page = open_notebook([*cells, "%fk build"])
    page.run_all()
    widget = page.cell(3).locator(".fk-widget")
    widget.get_by_label("view name").fill("v")
    widget.get_by_label("owner", exact=True).last.fill("a@example.com")
    widget.get_by_label("window", exact=True).last.fill("last_thirty_days")
    widget.locator(".fk-verdict.fk-bad", has_text="FeatureError[FK").wait_for()
    widget.get_by_label("window", exact=True).last.fill("last_30d")
    widget.locator(".fk-verdict:not(.fk-bad)", has_text="_last_30d ").wait_for()
    widget.get_by_role("checkbox", name="strict").check()
    widget.locator(".fk-cell", has_text="--owner a@example.com --strict").wait_for()
    widget.get_by_label("writes").select_option("label")
    widget.get_by_role("checkbox", name="strict").wait_for(state="detached")


def test_a_reopened_notebook_shows_cards_and_no_dead_widget(
    open_notebook: Open, cells: list[str], lab: Lab, screenshots: Path
) -> None:
    page = open_notebook(
        [*cells, SPEND, "%feature publish customer_spend", "%catalog -i", "%fk build"]
    )
    page.run_all()
    page.cell(6).locator(".fk-widget .fk-write").wait_for()
    saved = page.save()
    assert "widgets" not in saved.metadata
    assert "vnd.jupyter.widget" not in json.dumps(saved)
    page.page.reload()
    page.cell(5).locator(".fk-widget .fk-search").wait_for()  # the kernel lives: live again
    page.page.close()
    lab.end_kernels()
    again = open_notebook(page.name)
    assert again.cell(5).locator(CARD).inner_text().count("customer_spend@1.0") == 2
    assert again.page.locator(".fk-widget").count() == 0
    assert again.page.locator("text=model not found").count() == 0
    assert "feature builder" in again.cell(6).locator(CARD).inner_text()
    picture(again, screenshots / "reopened.png")
    assert again.errors == []


def test_the_whole_flow_reads_well_in_both_themes(
    open_notebook: Open, cells: list[str], screenshots: Path
) -> None:
    spine = (
        "import polars as pl, datetime as dt\nspine = pl.DataFrame({'customer_id': ['c1', 'c2',"
        " 'zz'] * 40, 'asked_at': [dt.datetime(2026, 1, 10, tzinfo=dt.UTC)] * 120})"
    )
    flow = [
        *cells,
        "%vocabulary country 'US=USA,United States' 'DE=Germany,Deutschland' --ignore-case",
        SPEND,
        "%feature publish customer_spend",
        SPEND.replace("last_30d AS", "last_90d AS"),
        "%feature diff customer_spend",
        "%feature publish customer_spend",
        "%feature history customer_spend",
        "%catalog spend",
        "%%featureset churn --owner ml@example.com\ncustomer_spend@2",
        spine,
        "%trainset churn --spine spine --time asked_at --out train",
        "%parity churn --rows 200",
        "%fk help",
    ]
    page = open_notebook(flow)
    page.run_all()
    ran_well(page)
    both_themes(page, screenshots, "flow")
    assert page.errors == []


def test_an_error_is_a_card_that_stops_run_all(
    open_notebook: Open, cells: list[str], screenshots: Path
) -> None:
    wrong = SPEND.replace("SUM(amount)", "SUM(amout)")
    page = open_notebook([*cells, wrong, "print('not reached')"])
    page.run_all()
    assert page.cell(3).locator(RAISED).inner_text().splitlines()[-1].startswith("FeatureError[")
    card = page.cell(3).locator(CARD).inner_text()
    assert "FK111" in card
    assert "^^^^^" in card
    assert page.cell(4).locator(".jp-OutputArea-output").count() == 0
    both_themes(page, screenshots, "error")


def test_a_hostile_name_runs_no_code_in_the_page(open_notebook: Open, cells: list[str]) -> None:
    poison = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
    page = open_notebook(
        [
            *cells,
            f"%vocabulary spelled {json.dumps(poison + '=' + poison)}",
            f"{SPEND.splitlines()[0]} --description {json.dumps(poison)}\n"
            + "\n".join(SPEND.splitlines()[2:]),
            "%feature publish customer_spend",
            "%catalog -i",
        ]
    )
    page.run_all()
    ran_well(page)
    page.cell(6).locator(".fk-pick").first.click()
    page.cell(6).locator(".fk-details b", has_text="customer_spend").wait_for()
    assert "<img src=x" in page.cell(3).inner_text()
    assert "<img src=x" in page.cell(6).inner_text()
    assert page.page.evaluate("window.pwned") is None


PREDICTED = """%%label gone --from transactions --entity customer --owner a@example.com
SELECT
  COUNT(*) OVER next_7d = 0 AS gone_7d
FROM transactions"""


def test_the_builder_writes_a_label_and_training_shows_it_with_its_doubts(
    open_notebook: Open, cells: list[str], screenshots: Path, lab: Lab
) -> None:
    spine = (
        "import polars as pl\n"
        "events = pl.read_parquet('transactions.parquet')\n"
        "spine = events.select('customer_id', asked_at='event_time', paid='amount').head(400)\n"
        "stray = events.head(1).with_columns(pl.col('event_time').dt.offset_by('40y'))\n"
        "pl.concat([events, stray]).write_parquet('transactions.parquet')"
    )
    asked = "%trainset customer_spend --labels gone --spine spine --time asked_at"
    bounded = f"{asked} --label paid --memory 1GB --out train.parquet"
    page = open_notebook(
        [*cells, "%fk build", SPEND, spine, f"{asked} --label paid --out train", bounded]
    )
    for cell in range(4):
        page.run_cell(cell)
        page.wait_run(cell)
    widget = page.cell(3).locator(".fk-widget")
    widget.get_by_label("writes").select_option("label")
    widget.get_by_label("view name").fill("gone")
    widget.get_by_label("owner", exact=True).last.fill("a@example.com")
    widget.get_by_label("aggregate").select_option("expression")
    widget.get_by_label("expression", exact=True).last.fill("COUNT(*) OVER next_7d = 0")
    widget.get_by_label("feature name").fill("gone_7d")
    widget.locator(".fk-verdict", has_text="gone_7d BOOLEAN").wait_for()
    assert widget.locator(".fk-cell").inner_text() == PREDICTED
    both_themes(page, screenshots, "builder-label")
    widget.locator(".fk-write").click()
    page.page.wait_for_function(
        "() => document.querySelectorAll('.jp-Notebook .jp-Cell').length === 9"
    )
    for cell in range(4, 9):
        page.run_cell(cell)
        page.wait_run(cell)
    ran_well(page)
    for cell in (7, 8):
        card = page.cell(cell).locator(CARD).last
        told = card.inner_text()
        assert "label__gone__gone_7d" in told
        assert "FK276" in told
        assert "FK271" in told
        assert "--until" in told
    both_themes(page, screenshots, "trainset")
    assert page.errors == []
