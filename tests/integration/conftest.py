"""Browser fixtures: a JupyterLab server and a Chromium for the whole run, a fresh page each."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_pages import CHROMIUM_ARGUMENTS, Lab, NotebookPage
from postgres_server import connected
from required import missing
from spark_session import started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Spark as slow: starting a session takes longer than most test files."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the system's Chromium; none is ever downloaded."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("chromium", "no Chromium here: apt-get install chromium")
    return str(found)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Lab]:
    """Run one JupyterLab server for all browser tests."""
    server = Lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """Run one Chromium for all browser tests."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("chromium", "playwright is not installed: pip install 'featurekit[test]'")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """Yield one connection to a PostgreSQL server; its tables are temporary."""
    with connected() as connection:
        yield connection


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield one local Spark session for the whole run; its tables are views."""
    with started(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture
def elsewhere(spark: Any) -> Iterator[Any]:
    """Yield the Spark session while its zone is one whose clock changes."""
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    yield spark
    spark.conf.set("spark.sql.session.timeZone", "UTC")


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Return where pictures go: ``$FEATUREKIT_SCREENSHOTS``, else the test's own folder."""
    folder = Path(os.environ.get("FEATUREKIT_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that its page can be looked at."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def open_notebook(
    lab: Lab, browser: Any, request: pytest.FixtureRequest, screenshots: Path
) -> Iterator[Callable[..., NotebookPage]]:
    """Return what opens a notebook: of these cells, or one that lies in the server's folder."""
    contexts: list[Any] = []
    pages: list[NotebookPage] = []
    numbers = itertools.count()

    def open_(cells: list[str] | str) -> NotebookPage:
        if isinstance(cells, str):
            name = cells
        else:
            name = f"{re.sub(r'[^a-z_]', '', request.node.name)[:40]}{next(numbers)}.ipynb"
            lab.write(name, cells)
        context = browser.new_context(viewport={"width": 1400, "height": 1100})
        context.set_default_timeout(20_000)
        contexts.append(context)
        pages.append(NotebookPage(context.new_page(), lab, name))
        return pages[-1]

    yield open_
    if request.node.stash.get(FAILED, False):
        for opened in pages:
            opened.page.screenshot(path=str(screenshots / f"failed-{opened.name}.png"))
            told = "\n".join(opened.errors) or "no errors in the browser"
            (screenshots / f"failed-{opened.name}.txt").write_text(told)
    lab.end_kernels()
    for context in contexts:
        context.close()
