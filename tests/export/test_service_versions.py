"""Versions side by side over HTTP: who answers, what is exported again, what is checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from package_runs import imported, put
from sample_packages import grain_package, package, shop_package, shop_views
from service_runs import NOW, Caller
from team_checks import mypy_says, ran, ruff_says
from test_activation import second_version

import featurekit as fk
from featurekit.export.render import render

ASKED = {"entity": {"city": "Rome"}}
BASKET = {"amount": 1, "items": 2, "discount": None, "country": None, "due": None}


def versions(folder: Path) -> Path:
    """Three versions; the last was exported without a service."""
    every = ("1.0", "1.1", "1.2")
    wind, basket = package(shop_views("wind")), package(shop_views("basket_size"))
    put(render(replace(wind, version="1.2", versions=every)), folder)
    put(render(replace(wind, service=True)), folder)
    put(
        render(replace(basket, version="1.1", versions=every, service=True, served=("1.0",))),
        folder,
    )
    return folder


def test_each_request_is_answered_by_the_version_that_is_active_then(tmp_path: Path) -> None:
    with imported("shop_features", versions(tmp_path)) as module:
        from shop_features.service import create_app

        settings = tmp_path / "settings.json"

        def activate(version: str) -> None:
            said = {"active": version, "shadow": None, "log_sample": 0.0}
            settings.write_text(json.dumps(said))

        activate("1.0")
        features = module.Features(settings=settings)
        call = Caller(create_app(features, clock=lambda: NOW))
        assert call("POST", "/features", json=ASKED).json()["version"] == "1.0"
        before = call("GET", "/openapi.json").json()
        activate("1.1")
        features.reload()
        assert call("POST", "/features", json=ASKED).json()["code"] == "unknown_field"
        assert call("POST", "/features", json={"request": BASKET}).json()["version"] == "1.1"
        after = call("GET", "/openapi.json").json()
        assert (before["info"]["version"], after["info"]["version"]) == ("1.0", "1.1")
        assert before["components"] != after["components"]
        activate("1.2")
        features.reload()
        for method, path in (("POST", "/features"), ("GET", "/ready")):
            answer = call(method, path, json=ASKED)
            assert (answer.status_code, answer.json()["code"]) == (503, "unserved_version")
        assert call("GET", "/health").status_code == 200
        activate("1.0")
        features.reload()
        assert call("GET", "/ready").json() == {"status": "ready", "version": "1.0"}


def test_a_service_is_exported_when_asked_for_and_then_kept(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    target = desk / "service"
    workspace.export("churn", to=target)
    assert not (target / "churn_features/service").exists()
    workspace.export("churn", to=target, service=True)
    models = target / "churn_features/service/v1_0/__init__.py"
    assert models.is_file()
    assert {change.mark for change in workspace.export("churn", to=target).changes} == {"="}
    assert workspace.check_export(target)["held"]
    models.write_text(models.read_text() + "\n# edited\n")
    (problem,) = workspace.check_export(target)["problems"]
    assert (problem["problem"], problem["path"]) == (
        "edited",
        "churn_features/service/v1_0/__init__.py",
    )
    tests = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*tests, "-k", "edited"],
        cwd=target,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed" in done.stdout


def test_the_command_line_knows_the_service(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from featurekit.cli import main

    asked = ["export", "churn", "--to", "s", "--target", "python", "--dry-run", "--json"]
    for more, there in (([], False), (["--service"], True)):
        assert main([*asked, *more]) == 0
        tree = [path for _, path in json.loads(capsys.readouterr().out)["tree"]]
        assert ("churn_features/service/app.py" in tree) == there
    assert not (desk / "s").exists()


def test_versions_from_before_the_service_can_be_asked_too(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    target = desk / "service"
    workspace.export("churn", to=target)
    second_version(workspace)
    workspace.export("churn", to=target, service=True)
    served = target / "churn_features/service"
    assert sorted(folder.name for folder in served.glob("v*")) == ["v1_0", "v2_0"]
    assert workspace.check_export(target)["held"]
    with imported("churn_features", target):
        from churn_features.service import create_app

        assert Caller(create_app())("GET", "/ready").json()["version"] == "1.0"


@pytest.mark.slow
@pytest.mark.parametrize("spec", [shop_package(), grain_package()], ids=["shop", "grain"])
def test_a_service_passes_mypy_strict_and_ruff(spec: object, tmp_path: Path) -> None:
    put(render(replace(spec, service=True)), tmp_path)
    assert mypy_says(tmp_path, f"{spec.set.name}_features", "tests") == ""
    assert ruff_says(tmp_path) == ""


@pytest.mark.parametrize("spec", [shop_package(), grain_package()], ids=["shop", "grain"])
def test_a_service_passes_its_own_tests(spec: object, tmp_path: Path) -> None:
    put(render(replace(spec, service=True)), tmp_path)
    folder = f"tests/{spec.set.name}_features/v1_0"
    own = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    done = ran(*own, f"{folder}/test_service.py", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_the_container_is_small_and_not_root_and_names_no_registry() -> None:
    files = render(replace(shop_package(), service=True))
    text = files["shop_features/service/Dockerfile"]
    assert text.count("FROM ") == 1
    assert "FROM python:3.12-slim\n" in text
    assert "\nUSER features\n" in text
    assert "HEALTHCHECK" in text
    assert not [word for word in text.split() if "://" in word and "127.0.0.1" not in word]
    named = files["shop_features/service/requirements.txt"].splitlines()[1:]
    assert [line.split(">")[0] for line in named] == sorted(line.split(">")[0] for line in named)
