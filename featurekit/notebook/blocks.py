"""What a card is made of: a closed set of blocks that HTML and plain text both know how to show.

A card is written once, as blocks; so the notebook and the command line cannot tell two stories.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How values are spread: counts of equally wide bins, drawn as small bars."""

    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """One or two words on a coloured ground; ``level`` is ok, warn, bad or plain."""

    text: str
    level: str = "plain"


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier or a value as the data spells it, shown in a fixed-width face."""

    text: str


Cell = str | int | float | bool | None | Shape | Chip | Name


@dataclass(frozen=True, slots=True)
class Head:
    """The card's first line: what this is, its state, and a few facts."""

    title: str
    chips: tuple[Chip, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line of prose."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Badge:
    """A judgement with its reason."""

    label: str
    level: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Badges:
    """Judgements, one after the other."""

    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """A doubt about a definition: its code, what it is, and what could be written instead."""

    code: str
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; ``total`` counts the rows that exist when not all are given."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int | None = None

    @property
    def told(self) -> Table:
        """The table without the columns that are blank in every row."""
        kept = [
            at
            for at in range(len(self.columns))
            if not self.rows or any(row[at] != "" for row in self.rows)
        ]
        return Table(
            tuple(self.columns[at] for at in kept),
            tuple(tuple(row[at] for at in kept) for row in self.rows),
            self.total,
        )


@dataclass(frozen=True, slots=True)
class Code:
    """Text in a fixed-width face, as written; ``share``: of how much worth, where room is short."""

    text: str
    share: int = 1


@dataclass(frozen=True, slots=True)
class Changes:
    """Lines of a diff: each is marked ``+``, ``-`` or a blank."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of the author's text around a place, numbered, with carets under the place."""

    lines: tuple[tuple[int, str], ...]
    at: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks behind a heading that opens on a click; ``in_text``: whether plain text has them."""

    title: str
    blocks: tuple[Block, ...]
    in_text: bool = True


@dataclass(frozen=True, slots=True)
class Next:
    """The commands that usually follow."""

    commands: tuple[str, ...]


Block = Head | Sentence | Badges | Advice | Table | Code | Changes | Excerpt | Fold | Next
