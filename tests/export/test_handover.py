"""A second version is handed over: what it changes is said, and what lay there still fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from receiving import git, repository, tree
from trade import OWNER, SPEND, define, registered, write_rows

import featurekit as fk

EARLIER = Path(__file__).parents[1] / "golden" / "earlier_export"
SHORTER = SPEND.replace("last_30d", "last_7d").replace(
    "\nFROM", ",\n  MAX(amount) OVER last_7d AS top\nFROM"
)
SHORTER = SHORTER.replace(
    "COALESCE(spend_30d, 0) / NULLIF(orders_7_days, 0) AS spend_per_order,", ""
)
BOTH = """
import sys, datetime as dt
sys.path.insert(0, sys.argv[1])
from churn_features import Features, VERSIONS
now = dt.datetime(2024, 3, 9, tzinfo=dt.timezone.utc)
row = {"transaction_id": 1, "customer_id": "a", "event_time": now - dt.timedelta(days=8),
       "loaded_at": now - dt.timedelta(days=8), "amount": 2.0, "status": "settled", "country": "US"}
for version in VERSIONS:
    features = Features(version=version)
    features.ingest("transactions", {k: row[k] for k in row if k != "country"})
    print(version, features.get({"customer_id": "a"}, as_of=now).values["spend_30d"])
print(Features().version)
"""


def second(workspace: fk.Workspace) -> str:
    define(workspace, SHORTER)
    workspace.publish("customer_spend")
    return workspace.feature_set("churn", ["customer_spend"], owner=OWNER)


def earlier(folder: Path) -> Path:
    """Put down what a featurekit without shadow, telemetry and histories exported."""
    for file in EARLIER.rglob("*.txt"):
        place = folder / file.relative_to(EARLIER).with_suffix("")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes())
    return folder


def said(service: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", BOTH, str(service)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


# --- what is said of a change


def test_the_commit_says_what_changed_in_meaning_and_by_how_much_values_change(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    workspace = fk.Workspace("catalog")
    service = repository(desk / "service")
    first = workspace.export("churn", to=service, branch="churn-1")
    text = git(service, "log", "-1", "--format=%B")
    assert "The first version delivered here.\n" in text
    assert (first.changed.since, first.changed.lines) == (None, ())
    version = second(workspace)
    delivered = workspace.export("churn", to=service, branch="churn-2")
    text = git(service, "log", "-1", "--format=%B")
    meaning, _, values = text.partition("In values:")
    assert f"Deliver churn {version}\n\nChanged in meaning since 1.0:\n" in meaning
    assert "- customer_spend__top: new: MAX(amount) OVER last_7d\n" in meaning
    assert "- customer_spend__spend_per_order: gone\n" in meaning
    assert "- customer_spend__spend_30d: SUM(amount) FILTER" in meaning
    assert "- customer_spend__spend_30d: " in values
    assert "sampled answers differ" in values
    assert "- 1 feature in both: no value differs on 2,000 sampled questions\n" in values
    assert f"Owner: {OWNER}" in text
    pages = (service / "churn_features/CHANGELOG.md").read_text()
    assert pages.index(f"## {version}") < pages.index("since 1.0:") < pages.index("## 1.0")
    assert "customer\\_spend\\_\\_top: new" in pages
    manifest = service / f"churn_features/v{version.replace('.', '_')}/manifest.json"
    assert json.loads(manifest.read_text())["changed"]["since"] == "1.0"
    assert delivered.changed.meaning[0] in text


@pytest.mark.slow
def test_the_changelog_keeps_what_was_said_when_later_rows_say_otherwise(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    service = desk / "service"
    workspace.export("churn", to=service)
    second(workspace)
    workspace.export("churn", to=service)
    kept = (service / "churn_features/CHANGELOG.md").read_text()
    again = workspace.export("churn", to=service)
    assert {change.mark for change in again.changes} == {"="}
    (desk / "more").mkdir()
    write_rows(desk / "more", 200)
    (desk / "more/transactions.parquet").replace(desk / "transactions.parquet")
    fk.Workspace("catalog").export("churn@1.0", to=service)
    entry = kept.partition("sampled answers differ")[0].splitlines()[-1]
    assert entry in (service / "churn_features/CHANGELOG.md").read_text()


def test_an_old_source_that_is_gone_keeps_nobody_from_handing_over(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    service = desk / "service"
    pl.read_parquet(desk / "transactions.parquet").write_parquet(desk / "old.parquet")
    workspace.source("old", "old.parquet", entity="customer", time="event_time")
    workspace.feature(
        "of_old", "SELECT COUNT(*) OVER last_7d AS n FROM old", source="old", owner=OWNER
    )
    workspace.publish("of_old")
    workspace.feature_set("pair", ["customer_spend", "of_old"], owner=OWNER)
    workspace.export("pair", to=service)
    workspace.feature_set("pair", ["customer_spend"], owner=OWNER)
    (desk / "old.parquet").unlink()
    changed = workspace.export("pair", to=service).changed
    assert changed.meaning == ("of_old__n: gone",)
    assert changed.values[0].startswith("values were not compared: ")


# --- what an earlier featurekit exported


@pytest.mark.slow
def test_an_earlier_export_is_renewed_with_the_next_version_and_both_answer(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    service = earlier(desk / "service")
    active = (service / "churn_features/active.json").read_bytes()
    version = second(workspace)
    delivery = workspace.export("churn", to=service)
    marks = {change.path: change.mark for change in delivery.changes}
    assert marks["churn_features/v1_0/__init__.py"] == "~"
    assert marks["churn_features/store.py"] == "~"
    assert marks["churn_features/shadow.py"] == "+"
    assert marks["churn_features/active.json"] == "="
    assert (service / "churn_features/active.json").read_bytes() == active
    assert said(service) == ["1.0 2.0", f"{version} None", "1.0"]
    assert workspace.check_export(service)["problems"] == []
    assert {c.mark for c in workspace.export("churn", to=service).changes} == {"="}
    vectors = "tests/churn_features/v1_0/vectors.jsonl"
    assert (service / vectors).read_bytes() == (EARLIER / f"{vectors}.txt").read_bytes()
    tested = subprocess.run(
        [sys.executable, "-I", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=service,
        env={"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout


def test_an_earlier_export_is_renewed_by_exporting_the_same_version(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    service = earlier(desk / "service")
    workspace.export("churn", to=service)
    assert said(service) == ["1.0 2.0", "1.0"]
    assert workspace.check_export(service)["problems"] == []


def test_an_earlier_export_that_somebody_edited_is_left_alone(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    service = earlier(desk / "service")
    views = service / "churn_features/v1_0/views.py"
    views.write_text(views.read_text() + "\n# mine\n")
    before = tree(service)
    second(workspace)
    with pytest.raises(fk.FeatureError) as refused:
        workspace.export("churn", to=service)
    assert (refused.value.code, tree(service)) == ("FK404", before)


@pytest.mark.parametrize("spoil", ["another catalog", "no vectors"])
def test_an_earlier_version_that_cannot_be_renewed_is_refused_and_nothing_is_touched(
    desk: Path, spoil: str
) -> None:
    service = earlier(desk / "service")
    workspace = fk.Workspace("catalog")
    if spoil == "another catalog":
        other = registered(fk.Workspace("other"), "transactions.parquet")
        define(other, SPEND.replace("30d", "10d"))
        other.publish("customer_spend")
        other.feature_set("churn", ["customer_spend"], owner=OWNER)
        workspace = other
    else:
        (service / "tests/churn_features/v1_0/vectors.jsonl").unlink()
    second(workspace)
    before = tree(service)
    with pytest.raises(fk.FeatureError) as refused:
        workspace.export("churn", to=service)
    assert (refused.value.code, tree(service)) == ("FK434", before)
