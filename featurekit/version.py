"""The version of the toolkit, where everything may import it."""

from __future__ import annotations

VERSION = "0.1.0"
