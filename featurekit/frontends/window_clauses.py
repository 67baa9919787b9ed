"""What OVER and WINDOW clauses say, with what one takes from another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from featurekit.errors import Where
from featurekit.errors.definition import FrameRefused
from featurekit.errors.names import UnknownWindow
from featurekit.frontends.lengths import window_meant
from featurekit.frontends.sql_parser import Text
from featurekit.ir.definitions import Source
from featurekit.ir.windows import Window, parse_window


@dataclass(frozen=True, slots=True)
class Written:
    """What an OVER or a WINDOW clause says; what it leaves out is empty or None.

    Attributes:
        node: Where it stands.
        named: A window of the language, which is whole.
        partition: What PARTITION BY lists.
        order: What ORDER BY lists.
        spec: The frame.
    """

    node: Any
    named: Window | None = None
    partition: tuple[Any, ...] = ()
    order: tuple[Any, ...] = ()
    spec: Any = None


Clauses = Mapping[str, Written]
"""What a cell's WINDOW clause names, by name in lower case."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that frames run over.

    Attributes:
        source: Their source; None where there are no rows.
        keys: The columns that say whose they are.
        in_hand: Whether the current row is one of them; else it is the moment of asking.
        clauses: The cell's WINDOW clause.
    """

    source: Source | None = None
    keys: tuple[str, ...] = ()
    in_hand: bool = False
    clauses: Clauses = field(default_factory=dict)

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that order them: the time, and what breaks ties."""
        source = self.source
        return tuple(name for name in (source and source.time, source and source.tie) if name)


def window_clauses(found: Iterable[Any], text: Text) -> Clauses:
    """Return what ``WINDOW w AS (...), v AS (w ...)`` names.

    Raises:
        DefinitionError: FK108 a name that is taken, FK114 an unknown one.
    """
    made: dict[str, Written] = {}
    for node in found:
        name = str(node.this.this).lower()
        known = bool(parse_window(name))
        if known or name in made:
            already = "a window of the language" if known else "defined above"
            why = "one name means one window"
            fix = f"WINDOW {name}_rows AS (...)"
            raise FrameRefused(f"window {name!r} is {already}", why, fix, text.place(node.this))
        made[name] = written(node, made, text)
    return made


def written(node: Any, clauses: Clauses, text: Text) -> Written:
    """Return what an OVER or a WINDOW clause says, with what it takes from the one it names.

    Raises:
        DefinitionError: FK108 where nothing can be added to that one, FK114 an unknown name.
    """
    if node.args.get("first") is not None:
        why = "rows are in the order of time, the earliest first"
        raise FrameRefused(
            "a window says no FIRST or LAST", why, "FIRST(x) OVER w", text.place(node)
        )
    alias, order, spec = (node.args.get(part) for part in ("alias", "order", "spec"))
    partition = tuple(node.args.get("partition_by") or ())
    ordered = tuple(order.expressions) if order is not None else ()
    if alias is None:
        return Written(node, None, partition, ordered, spec)
    name = str(alias.this)
    base = _named(name, clauses, text.place(alias))
    if not partition and not ordered and spec is None:
        return base
    for clash, why in (
        (base.named, "it is a window of the language, which is whole"),
        (base.spec, "its frame belongs to the order and partition that it says"),
        (partition, "the partition is said where the window is defined"),
        (base.order and ordered, "it says ORDER BY already"),
    ):
        if clash:
            problem = f"window {name!r} cannot be changed like this"
            raise FrameRefused(problem, why, f"OVER {name}", text.place(alias))
    return Written(node, None, base.partition, ordered or base.order, spec)


def _named(name: str, clauses: Clauses, where: Where | None) -> Written:
    if name.lower() in clauses:
        return clauses[name.lower()]
    found = parse_window(name)
    if found is None:
        raise UnknownWindow(name, window_meant(name), where)
    return Written(None, found)
