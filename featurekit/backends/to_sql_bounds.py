"""Questions with the bounds of windows, and the busy keys: what runs over both.

See ``to_sql_running``.
"""

from __future__ import annotations

from dataclasses import dataclass

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_groups import Group
from featurekit.backends.to_sql_joins import SEEN
from featurekit.backends.to_sql_local_time import ASKED
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import Questions
from featurekit.backends.to_sql_reading import Reading
from featurekit.backends.to_sql_rows import KNOWN, TIME
from featurekit.ir.nodes import Aggregate
from featurekit.ir.view import View

MANY, OFTEN = 1000, 200
"""A key with more rows than this, and more questions than that, is busy; measured on Spark.

With fewer of either it is cheaper to meet each row of it in each question.
"""

BOUNDS, KEY, LATE = "fk_bounds", "fk_key", "fk_late"
UNION = "\nUNION ALL\n"
_EARLIEST = "288230376151711744"
"""2**58 microseconds: what is added to a time of years 1 to 9999 so that it is positive."""


def micros(text: str) -> str:
    """Return the text for a time as a positive number."""
    return f"(unix_micros({text}) + {_EARLIEST})"


@dataclass(frozen=True)
class Bounded:
    """How one group of windows meets its rows.

    Attributes:
        reading: How the view reads columns.
        group: Its aggregates.
    """

    reading: Reading
    group: Group

    @property
    def dialect(self) -> Dialect:
        """Whose words."""
        return self.reading.dialect

    @property
    def asked(self) -> Questions:
        """The questions, as they are asked of this view."""
        return self.reading.asked

    @property
    def reference(self) -> str:
        """What the view is called."""
        return self.reading.reference

    @property
    def view(self) -> View:
        """The view."""
        return self.reading.view

    @property
    def rows(self) -> str:
        """The step with the rows of the view."""
        return self.reading.stored.rows(self.view)

    # --- names

    def name(self, what: str) -> str:
        """Return what a step of the group is called."""
        return f"{self.reference} {self.group.name} {what}".rstrip()

    def step(self, what: str) -> str:
        """Return the quoted name of a step of the group."""
        return self.dialect.identifier(self.name(what))

    def column(self, table: str, name: str) -> str:
        """Return the text for a column of a table."""
        return f"{self.dialect.identifier(table)}.{self.dialect.identifier(name)}"

    def keys(self, table: str) -> list[str]:
        """Return the key columns of questions, called by their places."""
        places = range(1, len(self.reading.key_fields) + 1)
        return [self.column(table, f"{KEY}_{place}") for place in places]

    def same(self, rows: str, questions: str) -> str:
        """Return when rows and questions have one key."""
        keys = [self.column(rows, key) for key, _ in self.reading.key_fields]
        pairs = zip(keys, self.keys(questions), strict=True)
        return " AND ".join(f"{one} = {other}" for one, other in pairs)

    def windows(self) -> list[tuple[str | None, str]]:
        """Return the distinct windows' starts (None: there is none) and ends."""
        found = [self.window(node) for _, node in self.group.aggregates]
        return list(dict.fromkeys(found))

    def window(self, node: Aggregate) -> tuple[str | None, str]:
        """Return a window's start (None: there is none) and end, as far as rows are visible."""
        end = self.asked.end(node.window)
        visible = self._visible_until
        if end is None or end == visible:
            return self.asked.start(node.window), visible
        return self.asked.start(node.window), f"LEAST({end}, {visible})" if self._delayed else end

    @property
    def known_later(self) -> bool:
        """Whether rows differ in how long after their time they are known."""
        return bool(self.view.source and self.view.source.available)

    @property
    def _delayed(self) -> bool:
        return bool(self.view.delay) and not self.known_later

    @property
    def _visible_until(self) -> str:
        return self.asked.before(self.view.delay) if self._delayed else self.asked.as_of

    # --- questions and keys

    def bounds(self) -> Part:
        """Return the questions with the bounds of their windows, computed once each."""
        quoted = self.dialect.identifier
        columns = [self.asked.row, f"{self.asked.as_of} AS {quoted(KNOWN)}"]
        columns += [
            f"{self.asked.column(key, kind)} AS {quoted(f'{KEY}_{place}')}"
            for place, (key, kind) in enumerate(self.reading.key_fields, start=1)
        ]
        for place, (start, end) in enumerate(self.windows(), start=1):
            columns += [f"{start} AS {quoted(f'fk_from_{place}')}"] if start else []
            columns.append(f"{end} AS {quoted(f'fk_to_{place}')}")
        body = f"{select(columns)}\nFROM {quoted(ASKED)}"
        return Part(self.name("bounds"), f"{self.reference}: when its windows begin and end", body)

    def many(self) -> Part:
        """Return the keys that have many rows and many questions."""
        quoted, busy = self.dialect.identifier, self.reading.stored.busy(self.view)
        comment = f"{self.reference}: the busy keys, of many rows and many questions"
        if busy and not self.known_later:
            body = f"SELECT *\nFROM {quoted(busy)}"
            return Part(self.name("keys"), comment, body)
        keys = [self.column(SEEN, key) for key, _ in self.reading.key_fields]
        columns = [f"{key} AS {quoted(f'{KEY}_{n}')}" for n, key in enumerate(keys, 1)]
        if self.known_later:
            known, time = (micros(self.column(SEEN, name)) for name in (KNOWN, TIME))
            columns.append(f"MAX({known} - {time}) AS {quoted(LATE)}")
        often = f"(\n{indented(self._often())}\n)" if busy is None else quoted(busy)
        body = (
            f"{select(columns)}\nFROM {quoted(self.rows)} AS {quoted(SEEN)}\nLEFT SEMI JOIN {often}"
            f" AS {quoted('fk_often')}\n  ON {self.same(SEEN, 'fk_often')}"
            f"\nGROUP BY {', '.join(keys)}"
        )
        body += "" if busy else f"\nHAVING COUNT(*) > {MANY}"
        return Part(self.name("keys"), comment, body)

    def _often(self) -> str:
        asked, bounds = self.keys(BOUNDS), self.step("bounds")
        return (
            f"{select(asked)}\nFROM {bounds} AS {self.dialect.identifier(BOUNDS)}"
            f"\nGROUP BY {', '.join(asked)}\nHAVING COUNT(*) > {OFTEN}"
        )

    def asked_of(self, kind: str) -> str:
        """Return FROM the questions whose key is busy, or (ANTI) is not."""
        pairs = zip(self.keys(BOUNDS), self.keys("fk_many"), strict=True)
        same = " AND ".join(f"{one} = {other}" for one, other in pairs)
        quoted = self.dialect.identifier
        return (
            f"FROM {self.step('bounds')} AS {quoted(BOUNDS)}\n"
            f"{kind} JOIN {self.step('keys')} AS {quoted('fk_many')}\n  ON {same}"
        )

    def stored(self, kind: str) -> str:
        """Return FROM the rows whose key is busy, or (ANTI) is not."""
        quoted = self.dialect.identifier
        return (
            f"FROM {quoted(self.rows)} AS {quoted(SEEN)}\n{kind} JOIN {self.step('keys')}"
            f" AS {quoted('fk_many')}\n  ON {self.same(SEEN, 'fk_many')}"
        )
