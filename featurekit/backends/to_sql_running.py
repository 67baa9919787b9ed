"""Windows over the rows of keys: met one by one, or by running aggregates where a key is busy.

What is an aggregate over parts of an interval is not gathered: see ``to_sql_halves``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.backends.to_sql_bounds import BOUNDS, UNION, Bounded
from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_expression import aggregate_sql
from featurekit.backends.to_sql_groups import aggregate_name
from featurekit.backends.to_sql_halves import Halves
from featurekit.backends.to_sql_joins import SEEN, joins_of_rows, joins_read
from featurekit.backends.to_sql_line import MOST
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import ROW
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME
from featurekit.ir.nodes import Aggregate, AsOf, Column, Literal, walk, walk_outside_aggregates
from featurekit.ir.view import View
from featurekit.ir.windows import LastRows
from featurekit.ops import AGGREGATES
from featurekit.ops.spark_running import RUNNING


def runs(view: View, node: Aggregate, dialect: Dialect) -> bool:
    """Whether ``node`` is an aggregate over parts of an interval of stored rows."""
    return dialect.runs and _in_parts(node) and reads_rows_alone(view, node)


def reads_rows_alone(view: View, node: Aggregate) -> bool:
    """Whether ``node`` is over an interval of stored rows and reads nothing of the question."""
    if isinstance(node.window, LastRows) or node.current or node.order:
        return False
    where = [node.where] if node.where else []
    inside = [part for one in (*node.arguments, *where) for part in walk(one)]
    read = [part for part in inside if isinstance(part, Column)]
    joins, source = joins_of_rows(view), view.source
    stored = {source.name if source else "", *(placed.join.name for placed in joins)}
    alone = all(placed in joins for placed in joins_read(view, read))
    return (
        alone
        and all(column.relation in stored for column in read)
        and not any(isinstance(part, AsOf) for part in inside)
    )


def _in_parts(node: Aggregate) -> bool:
    """Whether parts of an interval know little and make its answer together."""
    words = RUNNING.get(node.function)
    if words is None or not words.holds:
        return words is not None
    names = [parameter.name for parameter in AGGREGATES[node.function].parameters]
    kept = node.arguments[names.index(words.holds)]
    return isinstance(kept, Literal) and isinstance(kept.value, int) and kept.value <= MOST


def in_pairs(view: View, dialect: Dialect) -> list[str]:
    """Return the features for which each question meets each row of its windows.

    The work for one key is then its questions times the rows that their windows hold.
    """

    def meets(node: Aggregate) -> bool:
        few = isinstance(node.window, LastRows) and node.window.count + node.window.offset <= MOST
        return not few and not runs(view, node, dialect)

    nodes = {f.name: walk_outside_aggregates(f.expression) for f in view.features}
    return [
        name
        for name, inside in nodes.items()
        if any(isinstance(node, Aggregate) and meets(node) for node in inside)
    ]


def only_aggregates(view: View) -> bool:
    """Whether answers are made of aggregates alone, so that no question need be read again."""
    nodes = [n for f in view.features for n in walk_outside_aggregates(f.expression)]
    return not any(isinstance(node, Column | AsOf) for node in nodes)


@dataclass(frozen=True)
class RunningSteps:
    """Writes the steps of one group of windows.

    Attributes:
        met: How it meets its rows.
        crowded: Whether there may be busy keys.
    """

    met: Bounded
    crowded: bool = True

    def parts(self) -> Iterable[Part]:
        """Yield the steps; the last has a row a question."""
        met = self.met
        yield met.bounds()
        if not self.crowded:
            yield self._few("")
            return
        yield met.many()
        yield self._few("of few")
        yield from Halves(met).parts()
        either = [f"{select('*')}\nFROM {met.step(f'of {one}')}" for one in ("few", "many")]
        yield Part(met.name(""), f"{met.reference}: these together", UNION.join(either))

    def _few(self, name: str) -> Part:
        """Return the windows of keys with few rows: a question meets all rows of its key.

        A question is there once more, without a row. So those that meet none are answered, too,
        and the join need not keep them: the side with fewer rows is the one that is looked up.
        """
        quoted = self.met.dialect.identifier
        windows, read = self.met.windows(), self.met.reading.reader(SEEN)
        row, time, as_of = (self.met.column(SEEN, one) for one in (ROW, TIME, KNOWN))
        columns = [row]
        for place, node in self.met.group.aggregates:
            number = windows.index(self.met.window(node)) + 1
            inside = f"{time} < {self.met.column(SEEN, f'fk_to_{number}')}"
            if windows[number - 1][0]:
                inside += f" AND {time} >= {self.met.column(SEEN, f'fk_from_{number}')}"
            order = self.met.column(SEEN, ORDER)
            made = aggregate_sql(node, self.met.dialect, read, as_of, inside, order)
            columns.append(f"{made} AS {quoted(aggregate_name(place, node))}")
        body = f"{select(columns)}\nFROM (\n{indented(self._pairs())}\n) AS {quoted(SEEN)}"
        comment = f"{self.met.reference}: windows of other keys than these"
        return Part(self.met.name(name), comment, f"{body}\nGROUP BY {row}")

    def _pairs(self) -> str:
        """Return the SELECT of each question with each row near its windows, and without any."""
        quoted, windows = self.met.dialect.identifier, self.met.windows()
        time, places = self.met.column(SEEN, TIME), range(1, len(windows) + 1)
        near = [self.met.same(SEEN, BOUNDS), f"{time} < {self._all('GREATEST', 'to', places)}"]
        if all(start for start, _ in windows):
            near.append(f"{time} >= {self._all('LEAST', 'from', places)}")
        near.append(f"{self.met.column(SEEN, KNOWN)} < {self.met.column(BOUNDS, KNOWN)}")
        asked, stored = self.met.step("bounds"), quoted(self.met.rows)
        if self.crowded:
            asked = f"(\n  SELECT {quoted(BOUNDS)}.*\n{indented(self.met.asked_of('LEFT ANTI'))}\n)"
            stored = f"(\n  SELECT {quoted(SEEN)}.*\n{indented(self.met.stored('LEFT ANTI'))}\n)"
        nodes = [node for _, node in self.met.group.aggregates]
        held = [TIME, ORDER, *self.met.reading.stored_names(nodes)]
        bounds = [KNOWN]
        for place, (start, _) in enumerate(windows, start=1):
            bounds += [f"fk_from_{place}", f"fk_to_{place}"] if start else [f"fk_to_{place}"]
        row, asked = self.met.column(BOUNDS, ROW), f"{asked} AS {quoted(BOUNDS)}"
        columns = [row, *(self.met.column(BOUNDS, one) for one in bounds)]
        columns += [self.met.column(SEEN, one) for one in held]
        pairs = (
            f"{select(columns)}\nFROM {asked}\n"
            f"INNER JOIN {stored} AS {quoted(SEEN)}\n  ON " + "\n  AND ".join(near)
        )
        nothing = [f"NULL AS {quoted(one)}" for one in [*bounds, *held]]
        return f"{pairs}{UNION}{select([row, *nothing])}\nFROM {asked}"

    def _all(self, function: str, side: str, places: Iterable[int]) -> str:
        texts = [self.met.column(BOUNDS, f"fk_{side}_{place}") for place in places]
        return texts[0] if len(texts) == 1 else f"{function}({', '.join(texts)})"
