"""What a version of a feature set changed since another one: its meaning and its values, in words.

The same lines stand in the commit's message, in the package's changelog and in the manifest, which
keeps them: what was said when a version was delivered is not computed anew from later data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from featurekit.catalog.diff import meaning_changes
from featurekit.catalog.state import PublishedSet, PublishedView
from featurekit.frontends.to_text import expression_text

Views = Mapping[str, PublishedView]


@dataclass(frozen=True, slots=True)
class Changed:
    """How a version differs from an earlier one.

    Attributes:
        since: The earlier version; None: there is none.
        meaning: One line for each feature or aspect that is defined otherwise.
        values: One line for each feature that answers otherwise, on sampled questions.
    """

    since: str | None = None
    meaning: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """Itself as JSON values."""
        return {
            "since": self.since,
            "meaning": list(self.meaning),
            "values": list(self.values),
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines."""
        return (*self.meaning, *self.values)


def remembered(facts: Mapping[str, Any]) -> Changed | None:
    """Return what a manifest says of its version; None where it says nothing."""
    said = facts.get("changed")
    if not isinstance(said, dict):
        return None
    since = said.get("since")
    return Changed(since if isinstance(since, str) else None, *map(_texts, _parts(said)))


def _parts(said: Mapping[str, Any]) -> tuple[Any, Any]:
    return said.get("meaning"), said.get("values")


def _texts(given: Any) -> tuple[str, ...]:
    return tuple(map(str, given)) if isinstance(given, list) else ()


def meaning_lines(old: PublishedSet, new: PublishedSet, views: Views) -> tuple[str, ...]:
    """Return what ``new`` defines otherwise than ``old``; ``views`` are those of both."""
    before, after = _columns(old), _columns(new)
    lines: list[str] = []
    for reference, other in _pairs(before, after):
        changes = meaning_changes(views[reference].view, views[other].view)
        name = views[other].name
        lines += [f"{name}, {one['what']}: {one['old']} → {one['new']}" for one in changes]
    for column, place in after.items():
        if column not in before:
            lines.append(f"{column}: new: {_text(views, place)}")
        elif _text(views, before[column]) != _text(views, place):
            lines.append(f"{column}: {_text(views, before[column])} → {_text(views, place)}")
    return (*lines, *(f"{column}: gone" for column in before if column not in after))


def _columns(made: PublishedSet) -> dict[str, tuple[str, str]]:
    pinned = ((member, name) for member in made.set.members for name in member.features)
    return {f"{one.view}__{name}": (one.reference, name) for one, name in pinned}


def _pairs(
    before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]
) -> Iterable[tuple[str, str]]:
    """Return the references of the views that are of another version, each pair once."""
    both = ((before[column][0], after[column][0]) for column in after if column in before)
    return dict.fromkeys(pair for pair in both if pair[0] != pair[1])


def _text(views: Views, place: tuple[str, str]) -> str:
    reference, name = place
    feature = views[reference].view.feature(name)
    return expression_text(feature.expression) if feature else "nothing"


def value_lines(facts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what ``proof.value_changes`` found, a line for each feature that answers otherwise."""
    differing = [one for one in facts if one["rows_changed"]]
    lines = [_value_line(one) for one in differing]
    others, asked = len(facts) - len(differing), facts[0]["rows"] if facts else 0
    if others:
        noun = "feature" if others == 1 else "features"
        lines.append(f"{others} {noun} in both: no value differs on {asked:,} sampled questions")
    return tuple(lines)


def _value_line(one: Mapping[str, Any]) -> str:
    share = one["rows_changed"] / one["rows"]
    nulls = " → ".join(f"{rate:.1%}" for rate in one["null_rate"])
    said = f"{one['column']}: {one['rows_changed']:,} of {one['rows']:,} sampled answers differ"
    means = one["mean"]
    mean = "" if None in means else f"; mean {means[0]:.6g} → {means[1]:.6g}"
    return f"{said} ({share:.1%}); null {nulls}{mean}"
