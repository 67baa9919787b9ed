"""Windows over rows of busy keys, so that no question meets all these rows.

An interval of time begins and ends in two halves of one stretch whose length is a power of two
(that of the highest bit in which its ends differ). So what it holds is the end of the first half
and the beginning of the second, and both are running aggregates over a half: one from its last row
backwards, one from its first row onwards. Rows are laid out once for each length that questions
have, so the work grows with rows and questions, whatever the windows, and one key's rows lie in
many pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from featurekit.backends.to_sql_bounds import BOUNDS, KEY, LATE, UNION, Bounded, micros
from featurekit.backends.to_sql_expression import expression_sql, parenthesised
from featurekit.backends.to_sql_groups import aggregate_name
from featurekit.backends.to_sql_joins import SEEN
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import ROW
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME
from featurekit.ir.nodes import Aggregate, Expression, Literal
from featurekit.ops import AGGREGATES
from featurekit.ops.spark_running import RUNNING


@dataclass
class Halves:
    """Writes the steps of one group of windows.

    Attributes:
        met: How it meets its rows.
    """

    met: Bounded
    _values: dict[str, str] = field(default_factory=dict)
    _states: dict[str, str] = field(default_factory=dict)

    def parts(self) -> Iterable[Part]:
        """Yield the steps; the last has a row a question whose key has many rows."""
        answers = [self._answer(node) for _, node in self.met.group.aggregates]
        yield self._intervals()
        yield self._line()
        yield self._parts()
        if self.met.known_later:
            yield self._late()
        yield self._gathered(answers)

    def _intervals(self) -> Part:
        """Return an interval for each question and window: in numbers, and at which level."""
        quoted = self.met.dialect.identifier
        made = []
        for place, (start, _) in enumerate(self.met.windows(), start=1):
            begin = micros(self.met.column(BOUNDS, f"fk_from_{place}")) if start else "0L"
            end = micros(self.met.column(BOUNDS, f"fk_to_{place}"))
            if self.met.known_later:
                safe = f"{micros(self.met.column(BOUNDS, KNOWN))} - fk_many.{quoted(LATE)}"
                end = f"LEAST({end}, {safe})"
            made.append(f"STRUCT({place} AS fk_window, {begin} AS fk_begin, {end} AS fk_end)")
        each = _inline(made)
        keys = self.met.keys(BOUNDS)
        kind = "INNER" if self.met.known_later else "LEFT SEMI"
        body = (
            "SELECT *, CAST(LENGTH(BIN(fk_begin ^ fk_end)) AS INT) - 1 AS fk_level\nFROM (\n"
            + indented(
                f"{select([self.met.column(BOUNDS, ROW), *keys, each])}\n{self.met.asked_of(kind)}"
            )
            + f"\n) AS {quoted('fk_each')}\nWHERE fk_begin < fk_end"
        )
        comment = f"{self.met.reference}: the interval of each window, in microseconds"
        return Part(self.met.name("intervals"), comment, body)

    def _line(self) -> Part:
        quoted, keys = self.met.dialect.identifier, [f"{KEY}_{n + 1}" for n in range(self._width)]
        middle = "SHIFTLEFT(SHIFTRIGHT(fk_end, fk_level), fk_level)"
        reach = (
            select(
                [
                    "fk_level",
                    f"MAX({middle} - fk_begin) AS fk_before",
                    f"MAX(fk_end - {middle}) AS fk_after",
                ]
            )
            + f"\nFROM {self.met.step('intervals')}\nGROUP BY fk_level"
        )
        every = select(["COLLECT_LIST(STRUCT(fk_level, fk_before, fk_after))"])
        reach = f"{every}\nFROM (\n{indented(reach)}\n) AS fk_levels"
        own = [
            f"{self.met.column(SEEN, key)} AS {quoted(name)}"
            for (key, _), name in zip(self.met.reading.key_fields, keys, strict=True)
        ]
        values = [f"{text} AS {name}" for text, name in self._values.items()]
        time = f"{micros(self.met.column(SEEN, TIME))} AS fk_at"
        each = f"INLINE(({indented(reach).strip()}))"
        held = f"{select([*own, time, *values, each])}\n{self.met.stored('LEFT SEMI')}"
        half, names = "SHIFTRIGHT(fk_at, fk_level)", list(self._values.values())
        rest = f"fk_at - SHIFTLEFT({half}, fk_level)"
        even = f"{half} % 2 = 0"
        quoted_keys = [quoted(key) for key in keys]
        rows = (
            select(
                [
                    *quoted_keys,
                    "fk_level",
                    f"{half} AS fk_half",
                    f"CASE WHEN {even} THEN - 2 * fk_at ELSE 2 * fk_at END AS fk_place",
                    f"CAST(NULL AS BIGINT) AS {quoted(ROW)}",
                    "CAST(NULL AS INT) AS fk_window",
                    *names,
                ]
            )
            + f"\nFROM (\n{indented(held)}\n) AS fk_held\nWHERE CASE WHEN {even}"
            f" THEN SHIFTLEFT({half} + 1, fk_level) - fk_at <= fk_before"
            f" ELSE {rest} < fk_after END"
        )
        nothing = [f"NULL AS {name}" for name in names]
        sides = [
            select([*quoted_keys, "fk_level", f"SHIFTRIGHT({one}, fk_level)", place,
                    quoted(ROW), "fk_window", *nothing])
            + f"\nFROM {self.met.step('intervals')}"
            for one, place in (("fk_begin", "- 2 * fk_begin + 1"), ("fk_end", "2 * fk_end - 1"))
        ]  # fmt: skip
        return Part(
            self.met.name("line"),
            f"{self.met.reference}: rows in halves of stretches, and where questions part these",
            UNION.join([rows, *sides]),
        )

    @property
    def _width(self) -> int:
        return len(self.met.reading.key_fields)

    def _parts(self) -> Part:
        quoted = self.met.dialect.identifier
        keys = ", ".join(quoted(f"{KEY}_{n + 1}") for n in range(self._width))
        over = (
            f"OVER (PARTITION BY {keys}, fk_level, fk_half ORDER BY fk_place ASC"
            " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        )
        states = [
            f"{text.replace('{over}', over)} AS {name}" for text, name in self._states.items()
        ]
        running = f"{select([quoted(ROW), 'fk_window', *states])}\nFROM {self.met.step('line')}"
        body = f"SELECT *\nFROM (\n{indented(running)}\n) AS fk_running\n"
        body += f"WHERE {quoted(ROW)} IS NOT NULL"
        return Part(self.met.name("parts"), f"{self.met.reference}: what each part holds", body)

    def _late(self) -> Part:
        """Return what the latest rows hold, where it is not certain which of these are known."""
        quoted = self.met.dialect.identifier
        late = f"GREATEST(fk_many.{quoted(LATE)}, 1)"
        safe = f"{micros(self.met.column(BOUNDS, KNOWN))} - fk_many.{quoted(LATE)}"
        made = []
        for place, (start, _) in enumerate(self.met.windows(), start=1):
            begin = micros(self.met.column(BOUNDS, f"fk_from_{place}")) if start else "0L"
            end = micros(self.met.column(BOUNDS, f"fk_to_{place}"))
            begin = f"GREATEST({begin}, {safe})"
            made.append(f"STRUCT({place} AS fk_window, {begin} AS fk_begin, {end} AS fk_end)")
        each = _inline(made)
        asked = [self.met.column(BOUNDS, name) for name in (ROW, KNOWN)] + self.met.keys(BOUNDS)
        inner = f"{select([*asked, f'{late} AS fk_width', each])}\n{self.met.asked_of('INNER')}"
        number = "EXPLODE(SEQUENCE(fk_begin DIV fk_width, fk_end DIV fk_width)) AS fk_stretch"
        questions = (
            f"SELECT *, {number}\nFROM (\n{indented(inner)}\n) AS fk_each\nWHERE fk_begin < fk_end"
        )
        at = micros(self.met.column(SEEN, TIME))
        values = [f"{text} AS {name}" for text, name in self._values.items()]
        keys = [self.met.column(SEEN, key) for key, _ in self.met.reading.key_fields]
        held = [*keys, self.met.column(SEEN, KNOWN), f"{at} AS fk_at", *values]
        rows = f"{select([*held, f'{at} DIV {late} AS fk_stretch'])}\n{self.met.stored('INNER')}"
        states = [f"{text.replace('{over}', '')} AS {name}" for text, name in self._states.items()]
        row = self.met.column(BOUNDS, ROW)
        body = (
            f"{select([row, f'{quoted(BOUNDS)}.fk_window', *states])}\nFROM (\n"
            f"{indented(questions)}\n) AS {quoted(BOUNDS)}\nINNER JOIN (\n{indented(rows)}\n)"
            f" AS {quoted(SEEN)}\n  ON {self.met.same(SEEN, BOUNDS)}\n"
            f"  AND {quoted(SEEN)}.fk_stretch = {quoted(BOUNDS)}.fk_stretch\n"
            f"  AND fk_at >= fk_begin AND fk_at < fk_end\n"
            f"  AND {self.met.column(SEEN, KNOWN)} < {self.met.column(BOUNDS, KNOWN)}\n"
            f"GROUP BY {row}, {quoted(BOUNDS)}.fk_window"
        )
        comment = f"{self.met.reference}: the latest rows, as far as they are known"
        return Part(self.met.name("latest parts"), comment, body)

    def _gathered(self, answers: Sequence[str]) -> Part:
        """Return the answers of questions whose key has many rows, windows without rows, too."""
        quoted = self.met.dialect.identifier
        names = list(self._states.values())
        nothing = select(
            [self.met.column(BOUNDS, ROW), "0", *(f"NULL AS {name}" for name in names)]
        )
        found = ["parts", *(["latest parts"] if self.met.known_later else [])]
        parts = [f"{select('*')}\nFROM {self.met.step(step)}" for step in found]
        parts.append(f"{nothing}\n{self.met.asked_of('LEFT SEMI')}")
        columns = [quoted(ROW)]
        for (place, node), answer in zip(self.met.group.aggregates, answers, strict=True):
            columns.append(f"{answer} AS {quoted(aggregate_name(place, node))}")
        body = (
            f"{select(columns)}\nFROM (\n{indented(UNION.join(parts))}\n) AS fk_parts"
            f"\nGROUP BY {quoted(ROW)}"
        )
        return Part(self.met.name("of many"), f"{self.met.reference}: windows of busy keys", body)

    def _answer(self, node: Aggregate) -> str:
        """Return an aggregate's answer from its parts, and note what these must know."""
        row, words = AGGREGATES[node.function], RUNNING[node.function]
        texts = {
            parameter.name: self._read(argument)
            for parameter, argument in zip(row.parameters, node.arguments, strict=True)
        }
        counts = [parenthesised(self._read(node.where))] if node.where is not None else []
        if not row.keeps_nulls:
            counts += [
                f"{texts[p.name]} IS NOT NULL"
                for p, a in zip(row.parameters, node.arguments, strict=True)
                if not isinstance(a, Literal)
            ]
        dialect = self.met.dialect
        texts |= {"order": self.met.column(SEEN, ORDER), "type": dialect.type(node.type)}
        texts |= {
            f"{parameter.name}_type": dialect.type(argument.type)
            for parameter, argument in zip(row.parameters, node.arguments, strict=True)
        }
        value = words.value.format(**texts)
        if counts:
            value = f"CASE WHEN {' AND '.join(counts)} THEN {value} END"
        held = self._values.setdefault(value, f"fk_value_{len(self._values) + 1}")
        number = self.met.windows().index(self.met.window(node)) + 1
        made = {}
        for name, (part, whole) in words.states.items():
            text = part.format(**texts | {"v": held, "over": "{over}"})
            state = self._states.setdefault(text, f"fk_state_{len(self._states) + 1}")
            made[name] = whole.format(s=state, filter=f"FILTER (WHERE fk_window = {number})")
        return words.answer.format(**texts | made)

    def _read(self, node: Expression) -> str:
        as_of = self.met.column(BOUNDS, KNOWN)
        return parenthesised(
            expression_sql(node, self.met.dialect, self.met.reading.reader(SEEN), as_of, {})
        )


def _inline(structs: Sequence[str]) -> str:
    return "INLINE(ARRAY(\n    " + ",\n    ".join(structs) + "\n  ))"
