"""What a verb's arguments may be, read from its signature: wrong ones get a typed error."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from featurekit.errors import UsageError
from featurekit.frontends.lengths import length_meant, length_of

_SHOWN = 60
Progress = Callable[[str, int, int], None]
Clock = Callable[[], str]
Aliases = Mapping[str, str | Sequence[str]]
Check = Callable[[object], bool]
T = TypeVar("T", bound=type)


class WrongArgument(UsageError):
    """FK913: an argument of a type that the verb does not take."""

    code = "FK913"

    def __init__(self, verb: str, name: str, wanted: str, given: object) -> None:
        shown = ascii(given)
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
        super().__init__(
            f"{verb}: {name} is {shown}, of type {type(given).__name__}",
            why=f"it takes {wanted}",
            fix=_meant(name, wanted, given) or f"give {name} as {wanted}",
        )


def _meant(name: str, wanted: str, given: object) -> str:
    """Return names that were given as a list as the one text that is taken, or ``""``."""
    if name not in _WITH_COMMAS or "Sequence" in wanted or not isinstance(given, list | tuple):
        return ""
    return f"{name}={','.join(given)!r}" if _are_texts(given) else ""


_WITH_COMMAS = {"source"}
"""Arguments whose text may name several things, with commas between them."""


class UnknownGrain(UsageError):
    """FK914: a grain that there is not."""

    code = "FK914"

    def __init__(self, grain: str) -> None:
        super().__init__(f"there is no grain '{grain}'", fix="per='entity', or per='row'")


def checked_grain(per: str | None) -> Literal["entity", "row"]:
    """Return the grain that ``per`` names; None is the entity.

    Raises:
        UnknownGrain: FK914.
    """
    match per:
        case None | "entity":
            return "entity"
        case "row":
            return "row"
        case _:
            raise UnknownGrain(per)


class UnknownLength(UsageError):
    """FK921: a length of time that is none."""

    code = "FK921"

    def __init__(self, text: str) -> None:
        meant = length_meant(text)
        super().__init__(
            f"{text!r} is not a length of time" + (f"; did you mean '{meant}'?" if meant else ""),
            fix=f"--gap {meant or '7d'} (s, m, h, d, w), or 0",
        )


def gap_of(text: str) -> int:
    """Return the microseconds of a length of time; ``0`` is none.

    Raises:
        UnknownLength: FK921.
    """
    if text.strip() == "0":
        return 0
    found = length_of(text)
    if found is None:
        raise UnknownLength(text)
    return found


def listed_names(names: str | Sequence[str]) -> list[str]:
    """Return one name, or several, as a list."""
    return [names] if isinstance(names, str) else list(names)


def typed(owner: T) -> T:
    """Check what the public methods of ``owner`` are given against their annotations.

    The annotations are texts of a closed list (``accepted``), so nothing is imported for them.

    Raises:
        WrongArgument: FK913, by each of the methods.
    """
    for name, method in list(vars(owner).items()):
        written = not name.startswith("_") or (name == "__init__" and not is_dataclass(owner))
        if inspect.isfunction(method) and written:
            setattr(owner, name, _checked(name, method))
    return owner


def _checked(verb: str, method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)
    checks = {
        parameter.name: accepted(str(parameter.annotation))
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    }

    @functools.wraps(method)
    def checking(*given: Any, **named: Any) -> Any:
        try:
            bound = signature.bind(*given, **named).arguments
        except TypeError:  # missing or unknown arguments: Python's own words are the right ones
            return method(*given, **named)
        for name, value in bound.items():
            parameter = signature.parameters[name]
            several = parameter.kind is inspect.Parameter.VAR_POSITIONAL
            for one in value if several else (value,):
                if name in checks and not checks[name](one):
                    told = type(given[0]).__name__ if verb == "__init__" else verb
                    raise WrongArgument(told, name, str(parameter.annotation), one)
        return method(*given, **named)

    return checking


def accepted(annotation: str) -> Check:
    """Return the check for an annotation; KeyError for one that no check is known for."""
    if annotation in _CHECKS:
        return _CHECKS[annotation]
    checks = [_CHECKS[part] for part in annotation.split(" | ")]
    return lambda value: any(check(value) for check in checks)


def _is_text(value: object) -> bool:
    """Whether ``value`` is text that a file can hold: no half of a surrogate pair."""
    if not isinstance(value, str):
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _are_aliases(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        _is_text(name) and (_is_text(other) or _are_texts(other)) for name, other in value.items()
    )


_CHECKS: dict[str, Check] = {
    "None": lambda value: value is None,
    "bool": lambda value: isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "str": _is_text,
    "Path": lambda value: isinstance(value, Path) and _is_text(str(value)),
    "Sequence[str]": _are_texts,
    "Mapping[str, str]": lambda value: (
        isinstance(value, Mapping) and all(map(_is_text, (*value, *value.values())))
    ),
    "Aliases": _are_aliases,
    "Any": lambda _: True,  # data: whoever reads it checks it
    "TrainingSet": lambda value: type(value).__name__ == "TrainingSet",  # loaded late
    "InPieces": lambda value: type(value).__name__ == "InPieces",
    "Progress": callable,
    "Clock": callable,
}
