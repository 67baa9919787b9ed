"""What a package says to people: its pages, and code that reads as if somebody wrote it."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from package_runs import put
from sample_packages import grain_package, shop_package, thin_package
from team_checks import ran

from featurekit.export.package import Change, PackageSpec
from featurekit.export.python_docs import code
from featurekit.export.render import render


def python_files(spec: PackageSpec) -> dict[str, str]:
    return {path: text for path, text in render(spec).items() if path.endswith(".py")}


def documents(spec: PackageSpec) -> dict[str, str]:
    made = render(spec)
    return {path.rpartition("/")[2]: text for path, text in made.items() if path.endswith(".md")}


def test_the_pages_describe_and_leave_it_to_active_json_which_version_answers() -> None:
    pages = documents(replace(thin_package(), version="1.1", versions=("1.0", "1.1")))
    runbook = pages["RUNBOOK.md"]
    assert "`thin_features/active.json` names the version that answers." in runbook
    assert "Versions here: 1.0, 1.1." in runbook
    assert "answers: `{" not in runbook
    forward, back = runbook.index("## Roll forward"), runbook.index("## Roll back")
    assert forward < runbook.index("activate 1.1`") < back
    assert "version 1.1, the one exported last" in pages["README.md"]
    assert "`active.json` names the one that answers" in pages["README.md"]


def test_the_runbook_names_every_code_that_the_package_raises() -> None:
    files = python_files(shop_package())
    raised = r"(?:ContractError|StoreError)\(\s*\"([a-z_]+)\""
    codes = {code for text in files.values() for code in re.findall(raised, text)}
    assert {"wrong_type", "store_timeout", "unreadable"} <= codes
    pages = documents(shop_package())["RUNBOOK.md"]
    assert {code for code in codes if f"`{code}`" not in pages} == set()


def test_the_runbook_says_what_is_logged_as_it_is() -> None:
    spec = replace(shop_package(), loggable={"payments": ("amount",), "basket": ("items",)})
    open_one, closed = documents(spec)["RUNBOOK.md"], documents(shop_package())["RUNBOOK.md"]
    assert "| request | `items` |" in open_one
    assert "`customer_spend__spend_30d`" in open_one
    assert "| request | nothing |" in closed
    assert "`customer_spend__spend_30d`" not in closed


def test_rolling_forward_from_an_older_export_names_the_newest_version() -> None:
    spec = replace(thin_package(), versions=("1.0", "1.10", "1.9"))
    assert "activate 1.10`" in documents(spec)["RUNBOOK.md"]


@pytest.mark.parametrize(
    "spec", [thin_package(), shop_package(), grain_package()], ids=["thin", "shop", "grain"]
)
def test_the_example_in_the_readme_runs_and_answers(spec: PackageSpec, tmp_path: Path) -> None:
    put(render(spec), tmp_path)
    example = documents(spec)["README.md"].partition("```python\n")[2].partition("```")[0]
    assert "now(" not in example
    assert max(map(len, example.splitlines())) <= 100
    (tmp_path / "example.py").write_text(example)
    done = ran(sys.executable, "-B", "example.py", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    said = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    if spec.set.name == "grain":
        assert said["payment_risk__day_so_far"] == ["2", "PRESENT"]
        assert said["nightly__spent"] == ["None", "NOT_FOUND"]
        return
    assert said["basket_size__net"] == ["0.0", "PRESENT"]
    assert said["customer_spend__spend_30d"] == ["12.5", "PRESENT"]
    assert "NOT_FOUND" not in done.stdout
    assert "STALE" not in done.stdout


def test_a_page_without_a_description_has_no_empty_paragraphs() -> None:
    bare = replace(thin_package(), description="", owner="")
    for spec in (thin_package(), bare):
        for name, text in documents(spec).items():
            assert "\n\n\n" not in text, name
            assert text.endswith("\n"), name
            assert not text.endswith("\n\n"), name


def test_definitions_are_readable_in_the_readme() -> None:
    readme = documents(shop_package())["README.md"]
    assert "| `wind > 10.0` |" in readme
    assert "| `due < DATE '2024-06-01'` |" in readme
    assert "&gt;" not in readme
    assert code("city || '&' || page <> x") == "`city \\|\\| '&' \\|\\| page <> x`"
    assert code("a`b") == "<code>a\\`b</code>"
    assert code("x <b>") == "<code>x &lt;b&gt;</code>"


def test_the_changelog_shows_references_as_they_are_written() -> None:
    changes = (Change("1.0", "initial: flight_facts@1.0, wind_now@2.10 and *more*"),)
    text = documents(replace(thin_package(), changes=changes))["CHANGELOG.md"]
    assert "initial: `flight_facts@1.0`, `wind_now@2.10` and \\*more\\*\n" in text


def test_the_readme_says_that_the_folder_is_generated() -> None:
    readme = documents(thin_package())["README.md"]
    assert "is generated, but for `active.json`" in readme
    assert "`request` |" in readme
    assert "`never_read:VARCHAR` (may be left out)" in readme


def test_a_formatter_in_the_receiving_repository_changes_nothing(tmp_path: Path) -> None:
    put(render(shop_package()), tmp_path)
    before = {path: (tmp_path / path).read_text() for path in python_files(shop_package())}
    tool = Path(sys.executable).parent
    for width in ("100", "79"):
        done = ran(
            *(str(tool / "ruff"), "format", "--isolated", "--no-cache", "--line-length", width),
            ".",
            folder=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        assert {path: (tmp_path / path).read_text() for path in before} == before


def test_what_is_generated_reads_as_if_it_were_written() -> None:
    files = render(shop_package())
    contract = files["shop_features/v1_0/contract.py"]
    assert '"""A checked row of payments."""' in contract
    assert '"""Check a row of payments; None: without a time it is never visible.' in contract
    assert '"""Check the entity.' in contract
    version = files["shop_features/v1_0/__init__.py"]
    assert 'frozenset({"payments", "visits", "weather"})' in version
