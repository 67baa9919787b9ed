"""Packages as text: rendered, written, type-checked and run where only the standard library is."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_packages import thin_package

from featurekit.export.package import PackageSpec
from featurekit.export.render import render


def written(spec: PackageSpec, folder: Path) -> Path:
    for path, text in render(spec).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    before = set(sys.modules)

    def load(spec: PackageSpec, folder: Path) -> object:
        monkeypatch.syspath_prepend(str(written(spec, folder)))
        return importlib.import_module(spec.package)

    yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert render(thin_package()) == render(thin_package())
