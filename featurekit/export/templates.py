"""The templates of packages: read from the wheel or the repository, filled without a surprise."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from featurekit.lazy import require

_TARGET = "python"


def _folder() -> Traversable:
    """Return the folder of templates: inside the installed wheel, else beside the sources."""
    inside = files("featurekit").joinpath("_templates")
    if inside.is_dir():
        return inside.joinpath(_TARGET)
    return files("featurekit").joinpath("..", "templates", _TARGET)


@cache
def _template(name: str) -> Any:
    """Return a template; a name that is not given is an error, and nothing is escaped."""
    jinja2 = require("jinja2", "to render a package")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = _folder().joinpath(f"{name}.jinja").read_text(encoding="utf-8")
    return environment.from_string(text)


def fill(name: str, **given: Any) -> str:
    """Return the template ``name`` filled in."""
    text: str = _template(name).render(**given)
    return text
