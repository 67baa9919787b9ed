"""A second version is delivered beside the first: what still answers, and who is told to switch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from trade import define

import featurekit as fk
from featurekit.delivery import Delivery
from featurekit.notebook import cards
from featurekit.verbs.delivery_facts import of_check, of_export

STEP = "python -m churn_features activate 1.1"
WIDER = """SELECT SUM(amount) OVER last_30d AS spend_30d, COUNT(*) OVER last_7d AS orders_7_days,
COALESCE(spend_30d, 0) / NULLIF(orders_7_days, 0) AS spend_per_order,
MAX(amount) OVER last_30d AS dearest FROM transactions"""


def delivered(active: str | None, version: str = "1.1") -> Delivery:
    return Delivery(
        to=Path("service"),
        package="churn_features",
        version=version,
        changes=(),
        vectors=1,
        dry_run=False,
        active=active,
    )


def test_a_version_beside_an_older_active_one_says_how_it_is_switched_on(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    service = desk / "service"
    first = workspace.export("churn", to=service)
    assert (first.version, first.active) == ("1.0", "1.0")
    assert len(of_export(first)["next"]) == 1
    second_version(workspace)
    for dry_run in (True, False):
        second = workspace.export("churn", to=service, dry_run=dry_run)
        facts = of_export(second)
        assert second.active == "1.0"
        assert facts["next"][1:] == [f"# {step(second.version)}"]
        assert facts["badges"][0]["text"].startswith("1.0 still answers")
        assert facts["changed"]["since"] == "1.0"
        card = cards.text(facts)
        assert "since 1.0" in card
        assert "customer_spend__dearest: new: MAX(amount) OVER last_30d" in card
    active = service / "churn_features/active.json"
    assert json.loads(active.read_text())["active"] == "1.0"
    check = of_check(workspace.check_export(service))
    assert (check["held"], check["next"]) == (True, [f"# {step(second.version)}"])
    active.write_text(active.read_text().replace('"1.0"', f'"{second.version}"'))
    assert of_export(workspace.export("churn", to=service))["badges"] == []
    assert of_check(workspace.check_export(service))["next"] == []


def step(version: str) -> str:
    return STEP.replace("1.1", version)


def second_version(workspace: fk.Workspace) -> None:
    define(workspace, WIDER)
    workspace.publish("customer_spend")
    workspace.feature_set("churn", ["customer_spend"], owner="risk@example.com")


@pytest.mark.parametrize("active", ["1.1", "1.10", "2.0", None, "", "latest"])
def test_nothing_is_said_where_this_or_a_newer_or_no_version_is_active(active: Any) -> None:
    facts = of_export(delivered(active))
    assert (facts["active"], facts["badges"], len(facts["next"])) == (active, [], 1)


def test_versions_are_compared_as_numbers() -> None:
    assert of_export(delivered("1.9", "1.10"))["next"][1:] == [f"# {step('1.10')}"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"active": 1}'])
def test_an_export_beside_settings_that_cannot_be_read_still_ends(desk: Path, text: str) -> None:
    workspace = fk.Workspace("catalog")
    workspace.export("churn", to=desk / "service")
    (desk / "service/churn_features/active.json").write_text(text)
    assert workspace.export("churn", to=desk / "service").active is None
