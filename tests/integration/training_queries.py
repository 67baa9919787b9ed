"""The training query on a server of whatever dialect, beside what the oracle means."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from featurekit.backends.plan import Wanted
from featurekit.backends.to_sql import training_query
from featurekit.datatypes import BIGINT, DATE, DOUBLE, TIMESTAMP, VARCHAR, DataType
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime
from featurekit.ops import AggregateFunction
from featurekit.ops.bounds import agree
from featurekit.parity.compare import answers, compare
from featurekit.training.oracle import naive

sys.path += [str(Path(__file__).parents[1] / part) for part in ("conformance", "backends")]

import grain_cases
import grain_data
import grain_rare
import rule_cases
import shop_cells
import test_ordered_aggregates as ordered
import window_cases

Rows = list[dict[str, Any]]
SHOP_SPINE = {
    "customer_id": VARCHAR,
    "city": VARCHAR,
    "zip": BIGINT,
    "amount": DOUBLE,
    "items": BIGINT,
    "note": VARCHAR,
    "due": DATE,
    "asked_at": TIMESTAMP,
}
WINDOW_SPINE = {"customer": VARCHAR, "asked_at": TIMESTAMP}
HELD = {
    variant.name: window_cases.events(11, wild=variant.wild) for variant in window_cases.VARIANTS
}

RULED = rule_cases.ruled_cases()


@dataclass(frozen=True)
class Server:
    """Where a query runs.

    Attributes:
        dialect: What it speaks.
        make_table: From a name, columns and rows to a table there.
        typed: From a query and its types to its rows.
    """

    dialect: str
    make_table: Callable[[str, Mapping[str, DataType], Sequence[Sequence[Any]]], None]
    typed: Callable[[str, Sequence[DataType]], list[tuple[Any, ...]]]

    def answered(
        self,
        spine: tuple[Mapping[str, DataType], Rows],
        views: Mapping[str, View],
        rows: Mapping[str, Rows],
        wanted: Sequence[Wanted],
    ) -> Rows:
        """Return the query's rows: the spine's columns, then the answers."""
        fields, asked = spine
        self.make_table("spine", fields, [[row[name] for name in fields] for row in asked])
        for source in {s.name: s for v in views.values() for s in v.stored}.values():
            columns = {field.name: field.type for field in source.fields}
            held = [[row.get(name) for name in columns] for row in rows[source.name]]
            self.make_table(source.name, columns, held)
        kinds = {w.column: views[w.reference].feature(w.feature) for w in wanted}
        every = dict(fields) | {name: f.expression.type for name, f in kinds.items() if f}
        query = training_query(wanted, views, self.dialect, "asked_at")
        made = self.typed(query, list(every.values()))
        return [dict(zip(every, row, strict=True)) for row in made]

    def golden_case(self, case: Any) -> list[str]:
        """Return one line an answer that is not what a cell of the shop means."""
        views, made = shop_cells.views_of(case), shop_cells.rows()
        wanted, asked = shop_cells.wanted_of(views), shop_cells.questions()
        meant = naive(asked, wanted, views, made, "asked_at")
        got = self.answered((SHOP_SPINE, asked), views, made, wanted)
        assert [{name: row[name] for name in SHOP_SPINE} for row in got] == [
            {name: row[name] for name in SHOP_SPINE} for row in asked
        ]
        found = compare(meant, got, answers(wanted, views))
        return [f"{d.row} {d.column}: {d.expected!r}, got {d.got!r}" for d in found]

    def over_windows(
        self,
        some: Sequence[AggregateFunction],
        variant: window_cases.Variant,
        windows: Sequence[str],
        view: Callable[..., View] = window_cases.view,
    ) -> list[str]:
        """Return one line an answer over a window that is not what the oracle means.

        The aggregates are features of one view, so that one query answers them.
        """
        every = [view(row, variant, windows) for row in some]
        features = {
            f"{n} {feature.name}": (some[n], feature)
            for n, one in enumerate(every)
            for feature in one.features
        }
        renamed = (replace(feature, name=name) for name, (_, feature) in features.items())
        one = replace(every[0], name="v", features=tuple(renamed))
        assert one.source is not None
        views, rows, asked = {f"{one.name}@1.0": one}, HELD[variant.name], window_cases.spine()
        wanted = window_cases.wanted_of(views)
        meant = naive(asked, wanted, views, {one.source.name: rows}, "asked_at")
        got = self.answered((WINDOW_SPINE, asked), views, {one.source.name: rows}, wanted)
        found = []
        for made, want in zip(got, meant, strict=True):
            own = [r for r in rows if r["customer"] == want["customer"]]
            for name, feature in ((w.column, w.feature) for w in wanted):
                row = features[feature][0]
                values = window_cases.numbers(row, feature.partition(" ")[2], own)
                if not agree(row.bound, values, made[name], want[name]):
                    where = f"{name} of {want['customer']} at {want['asked_at']}"
                    found.append(f"{where}: got {made[name]!r}, means {want[name]!r}")
        return found

    def over_orders(
        self, some: Sequence[AggregateFunction], variant: window_cases.Variant
    ) -> list[str]:
        """Return one line an answer over rows in other orders that is not what is meant."""
        return self.over_windows(some, variant, ordered.WINDOWS, ordered.reordered)

    def grain_case(self, case: grain_cases.Case) -> list[str]:
        """Return one line an answer that is not what rows in hand, joins and refreshes mean."""
        rows = grain_data.shop()
        return self._grain(case, rows, grain_data.spine(rows["payments"]))

    def refreshes(self) -> list[str]:
        """Return one line a refresh that is not the last local time."""
        return self._grain(
            grain_rare.refresh_case(), {"payments": []}, grain_rare.refresh_questions()
        )

    def _grain(self, case: grain_cases.Case, rows: Mapping[str, Rows], asked: Rows) -> list[str]:
        fields = {field.name: field.type for field in grain_cases.SPINE_FIELDS}
        made = self.answered((fields, asked), case.views, rows, case.wanted)
        return grain_cases.different(case, made, grain_cases.meant(case, rows, asked))

    def of_names(self, source: str, column: str) -> list[float | None]:
        """Return the latest value, 1.5, of a column and a table called so."""
        at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        fields = (Field("k", VARCHAR), Field("t", TIMESTAMP), Field(column, DOUBLE))
        made = Source(source, SourceKind.EVENTS, fields, ("e",), time="t")
        last = Aggregate("last", (Column(source, column, DOUBLE),), AllTime(), type=DOUBLE)
        entity = Entity("e", (Field("k", VARCHAR),))
        one = View("v", Grain.ENTITY, (Feature("f", last),), made, (entity,))
        spine = {"k": VARCHAR, "asked_at": TIMESTAMP}
        asked = [{"k": "a", "asked_at": at + dt.timedelta(days=1)}]
        rows = {source: [{"k": "a", "t": at, column: 1.5}]}
        wanted = [Wanted("v@1.0", "v", "f", "v__f")]
        got = self.answered((spine, asked), {"v@1.0": one}, rows, wanted)
        return [row["v__f"] for row in got]
