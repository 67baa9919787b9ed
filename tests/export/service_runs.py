"""Services of packages: asked in this process, and tried by schemathesis."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from package_runs import imported, put
from schemathesis.generation import GenerationMode

from featurekit.export.package import PackageSpec
from featurekit.export.render import render

NOW = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)


@contextmanager
def serving(spec: PackageSpec, folder: Path) -> Iterator[Any]:
    """Import a package with a service for the length of a block."""
    with imported(spec.package, put(render(replace(spec, service=True)), folder)) as module:
        yield module


class Caller:
    """Asks an application in this process."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return what comes back."""
        return asyncio.run(self._call(method, path, more))

    async def _call(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://features") as client:
            return await client.request(method, path, **more)


def tried(schema: Any, examples: int) -> dict[str, Counter[int]]:
    """Try every operation with good and bad data; return the status codes that came.

    Schemathesis checks each answer: no 5xx, the documented status, type and schema, good data
    accepted, bad data refused.
    """
    came: dict[str, Counter[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            codes = came.setdefault(f"{operation.label} {mode.value}", Counter())
            _try(operation.as_strategy(generation_mode=mode), examples, codes)
    return came


def _try(strategy: Any, examples: int, codes: Counter[int]) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def call(case: Any) -> None:
        answer = case.call()
        codes[answer.status_code] += 1
        case.validate_response(answer)

    try:
        call()
    except Unsatisfiable:
        assert not codes  # nothing about it can be wrong: it takes no input


def conforms(app: Any, examples: int) -> dict[str, Counter[int]]:
    """Try an application in this process."""
    return tried(schemathesis.openapi.from_asgi("/openapi.json", app), examples)
