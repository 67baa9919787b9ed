"""What some tests need from the machine, and whether a run may do without it."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(name: str, what: str) -> NoReturn:
    """Skip with the reason ``what``, or fail where ``FEATUREKIT_REQUIRE`` lists ``name``."""
    if name in os.environ.get("FEATUREKIT_REQUIRE", "").split(","):
        pytest.fail(what)
    pytest.skip(what)
