"""Views per row, frames, as-of joins and refresh schedules, on rows that make every edge matter.

Each engine answers them and must equal the oracle; ``cases`` is the whole list, ``shop`` the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grain_data import HOUR, Rows

from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.ir.definitions import Entity, Field, Source, SourceKind, Vocabulary
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Column,
    Expression,
    InVocabulary,
    Literal,
)
from featurekit.ir.schedules import parse_schedule
from featurekit.ir.view import Feature, Grain, Join, View
from featurekit.ir.windows import parse_window
from featurekit.ops.bounds import agree
from featurekit.training.oracle import naive

CUSTOMER = Entity("customer", (Field("customer", VARCHAR),))
EVENTS = Source(
    "payments",
    SourceKind.EVENTS,
    (
        Field("customer", VARCHAR),
        Field("at", TIMESTAMP),
        Field("paid", DOUBLE),
        Field("settled", BOOLEAN),
        Field("merchant", VARCHAR),
        Field("known", TIMESTAMP),
        Field("number", BIGINT),
    ),
    ("customer",),
    time="at",
)
MERCHANTS = Source(
    "merchants",
    SourceKind.SNAPSHOT,
    (
        Field("merchant", VARCHAR),
        Field("since", TIMESTAMP),
        Field("kind", VARCHAR),
        Field("fee", DOUBLE),
        Field("region", VARCHAR),
        Field("told", TIMESTAMP),
        Field("line", BIGINT),
    ),
    ("merchant",),
    time="since",
)
REGIONS = Source(
    "regions",
    SourceKind.SNAPSHOT,
    (Field("region", VARCHAR), Field("since", TIMESTAMP), Field("rate", DOUBLE)),
    ("region",),
    time="since",
)
CUSTOMERS = Source(
    "customers",
    SourceKind.SNAPSHOT,
    (
        Field("customer", VARCHAR),
        Field("moved", TIMESTAMP),
        Field("region", VARCHAR),
        Field("active", BOOLEAN),
    ),
    ("customer",),
    time="moved",
)
REQUEST = Source("checkout", SourceKind.REQUEST, (Field("shop", VARCHAR), Field("amount", DOUBLE)))
WARES = Vocabulary.of("wares", {"eat": ["FOOD"], "sleep": ["bed"]}, "other", ignore_case=True)
PAID = Column("payments", "paid", DOUBLE)
SETTLED = Column("payments", "settled", BOOLEAN)
KIND = Column("merchants", "kind", VARCHAR)
FEE = Column("merchants", "fee", DOUBLE)
RATE = Column("regions", "rate", DOUBLE)
BY_MERCHANT = Join("merchants", MERCHANTS, (("merchant", Column("payments", "merchant", VARCHAR)),))
BY_REGION = Join("regions", REGIONS, (("region", Column("merchants", "region", VARCHAR)),))


def over(
    function: str,
    window: str,
    *arguments: Expression,
    where: Expression | None = None,
    current: bool = False,
) -> Aggregate:
    """Return an aggregate over a named window."""
    found = parse_window(window)
    assert found is not None
    kinds = {"count_rows": BIGINT, "count": BIGINT, "count_distinct": BIGINT}
    typed = {"first": arguments, "last": arguments, "max": arguments, "string_agg": arguments}
    kind = typed[function][0].type if function in typed else kinds.get(function, DOUBLE)
    return Aggregate(function, arguments, found, where, type=kind, current=current)


def _frames(*, current: bool, where: Expression | None = None) -> dict[str, Expression]:
    """Return one aggregate of each way of folding over each kind of frame."""
    made: dict[str, Expression] = {}
    windows = ("last_2h", "last_1d", "last_1_rows", "last_3_rows", "all_time")
    behind = (
        "last_1h_before_1h",
        "last_3600000001us_before_3599999999us",
        "last_2_rows_before_1",
        "all_time_before_2h",
        "today",
    )
    for window in windows if current else (*windows, *behind):
        more = {"current": current, "where": where}
        made |= {
            f"rows_{window}": over("count_rows", window, **more),
            f"sum_{window}": over("sum_double", window, PAID, **more),
            f"last_{window}": over("last", window, PAID, **more),
            f"first_{window}": over(
                "first", window, Column("payments", "merchant", VARCHAR), **more
            ),
            f"shops_{window}": over(
                "count_distinct", window, Column("payments", "merchant", VARCHAR), **more
            ),
            f"middle_{window}": over("median", window, PAID, **more),
        }
    return made


def _categories() -> dict[str, Expression]:
    """Return aggregates over what a vocabulary says of a joined column."""
    ware = InVocabulary(KIND, WARES)
    return {
        "eaten": over("count_rows", "all_time", where=equals(ware, "eat")),
        "wares": over("count_distinct", "last_1d", ware),
        "latest": over("last", "last_3_rows", ware),
    }


def equals(one: Expression, other: str) -> Call:
    """Return ``one = 'other'``."""
    return Call("eq", (one, Literal(other, VARCHAR)), BOOLEAN)


def view(name: str, features: Mapping[str, Expression], source: Source, **more: Any) -> View:
    """Return a view of ``features`` by customer."""
    made = tuple(Feature(label, node) for label, node in features.items())
    grain = more.pop("grain", Grain.ENTITY)
    entities = more.pop("entities", (CUSTOMER,))
    return View(name, grain, made, source, entities, zone="America/New_York", **more)


@dataclass(frozen=True)
class Case:
    """Views that are asked together."""

    name: str
    views: Mapping[str, View]

    @property
    def wanted(self) -> list[Wanted]:
        """Ask for every feature of every view."""
        return [
            Wanted(reference, v.name, f.name, f"{v.name}__{f.name}")
            for reference, v in self.views.items()
            for f in v.features
        ]

    @property
    def sources(self) -> dict[str, Source]:
        """The stored sources that the views read, by name."""
        return {s.name: s for v in self.views.values() for s in v.stored}


def _one(made: View) -> Case:
    return Case(made.name, {f"{made.name}@1.0": made})


LATE = replace(EVENTS, available="known")
TIED = replace(EVENTS, available="known", tie="number")
LATE_MERCHANTS = replace(MERCHANTS, available="told", tie="line")


def per_row() -> list[Case]:
    """Return views of rows in hand: their own columns, windows before them, frames with them."""
    bare: dict[str, Expression] = {
        "own": PAID,
        "shop": Column("payments", "merchant", VARCHAR),
        "when": Column("payments", "at", TIMESTAMP),
        "asked": AsOf(),
        "above": Call("subtract_double", (PAID, over("avg_double", "last_1d", PAID)), DOUBLE),
    }
    made = []
    for number, source in enumerate((EVENTS, LATE, TIED)):
        features = {**bare, **_frames(current=False)}
        made.append(view(f"row_before_{number}", features, source, grain=Grain.ROW))
        made.append(view(f"row_with_{number}", _frames(current=True), source, grain=Grain.ROW))
    made.append(
        view("row_where", _frames(current=True, where=SETTLED), TIED, grain=Grain.ROW, delay=HOUR)
    )
    return [_one(one) for one in made]


def frames() -> list[Case]:
    """Return views per entity over frames that do not end at the moment of asking."""
    sources = (EVENTS, LATE, TIED)
    return [_one(view(f"frames_{n}", _frames(current=False), s)) for n, s in enumerate(sources)]


def joins() -> list[Case]:
    """Return views whose rows meet a snapshot: at their own time or at that of asking."""

    def features(windows: Sequence[str] = ("last_1d", "last_3_rows", "all_time")) -> Any:
        food = equals(KIND, "food")
        made: dict[str, Expression] = {}
        for window in windows:
            made |= {
                f"food_{window}": over("count_rows", window, where=food),
                f"kinds_{window}": over("count_distinct", window, KIND),
                f"fees_{window}": over("sum_double", window, FEE),
                f"last_{window}": over("last", window, KIND),
                f"middle_{window}": over("median", window, FEE, where=SETTLED),
            }
        return made

    at_request = replace(BY_MERCHANT, at_request=True)
    late = replace(BY_MERCHANT, source=LATE_MERCHANTS)
    matched = Call("is_not_null", (Column("merchants", "merchant", VARCHAR),), BOOLEAN)
    inner = {"rows": over("count_rows", "all_time", where=matched)}
    chained = {
        "rates": over("sum_double", "all_time", RATE),
        "cheap": over("count_rows", "last_1d", where=equals(KIND, "food")),
    }
    bare: dict[str, Expression] = {"kind": KIND, "fee": FEE, "own": PAID}
    with_row = {
        "fees": over("sum_double", "last_1d", FEE, current=True),
        "food": over("count_rows", "all_time", where=equals(KIND, "food"), current=True),
    }
    home = Join("regions", REGIONS, (("region", Column("customers", "region", VARCHAR)),))
    looked = {"region": Column("customers", "region", VARCHAR), "rate": RATE}
    shop = Join("merchants", MERCHANTS, (("merchant", Column("checkout", "shop", VARCHAR)),))
    active = Column("customers", "active", BOOLEAN)
    asked = replace(shop, at_request=True)
    both = {"kind": KIND, "rows": over("count_rows", "last_1d")}
    made = [
        view("joined_asked", both, LATE, joins=(asked,), requests=(REQUEST,)),
        view("joined_asked_row", both, TIED, joins=(asked,), requests=(REQUEST,), grain=Grain.ROW),
        view(
            "joined_asked_look_up",
            {"kind": KIND, "region": looked["region"]},
            CUSTOMERS,
            joins=(asked,),
            requests=(REQUEST,),
        ),
        view("joined", features(), EVENTS, joins=(BY_MERCHANT,)),
        view("joined_late", features(), TIED, joins=(late,)),
        view("joined_delayed", features(), LATE, joins=(late,), delay=HOUR),
        view("joined_young", features(("last_1d",)), LATE, joins=(BY_MERCHANT,), max_age=3 * HOUR),
        view("joined_now", features(), EVENTS, joins=(at_request,)),
        view("joined_now_late", features(), TIED, joins=(replace(late, at_request=True),)),
        view("joined_vocabulary", _categories(), TIED, joins=(BY_MERCHANT,)),
        view("joined_inner", inner, EVENTS, joins=(BY_MERCHANT,)),
        view("joined_twice", chained, TIED, joins=(BY_MERCHANT, BY_REGION)),
        view("joined_row", {**bare, **with_row}, TIED, joins=(late,), grain=Grain.ROW),
        view("joined_row_now", with_row, EVENTS, joins=(at_request,), grain=Grain.ROW),
        view("joined_look_up", looked, CUSTOMERS, joins=(home,), where=active),
        view("joined_look_up_now", looked, CUSTOMERS, joins=(replace(home, at_request=True),)),
        view(
            "joined_request",
            {"kind": KIND, "amount": Column("checkout", "amount", DOUBLE)},
            REQUEST,
            joins=(replace(shop, at_request=True),),
            grain=Grain.ROW,
            entities=(),
            requests=(REQUEST,),
            max_age=24 * HOUR,
        ),
    ]
    return [_one(one) for one in made]


def refreshes() -> list[Case]:
    """Return views whose answers are those of their last refresh."""
    made = []
    for number, text in enumerate(
        ("daily 02:30 America/New_York", "weekly sunday 01:30 America/New_York", "every 6h")
    ):
        schedule = parse_schedule(text)
        assert schedule is not None
        features = {
            "asked": AsOf(),
            "rows": over("count_rows", "all_time"),
            "sum": over("sum_double", "last_1d", PAID),
            "today": over("count_rows", "today"),
        }
        made.append(view(f"refreshed_{number}", features, TIED, fresh=schedule))
        looked: dict[str, Expression] = {"region": Column("customers", "region", VARCHAR)}
        made.append(
            view(f"refreshed_home_{number}", looked, CUSTOMERS, fresh=schedule, max_age=48 * HOUR)
        )
    built = View(
        "built",
        Grain.ENTITY,
        (Feature("twice", Column("refreshed_0@1.0", "sum", DOUBLE)), Feature("now", AsOf())),
        None,
        (CUSTOMER,),
        uses=("refreshed_0@1.0",),
    )
    together = {"refreshed_0@1.0": made[0], "built@1.0": built, "frames@1.0": frames_of_all()}
    return [*(_one(one) for one in made), Case("refreshed together", together)]


def frames_of_all() -> View:
    """Return a view that is asked at the very moment, beside one that is refreshed."""
    return view("frames", {"rows": over("count_rows", "all_time")}, TIED)


def cases() -> list[Case]:
    """Return every case."""
    return [*per_row(), *frames(), *joins(), *refreshes()]


SPINE_FIELDS = (*EVENTS.fields, Field("asked_at", TIMESTAMP), *REQUEST.fields)


def meant(case: Case, rows: Mapping[str, Rows], asked: Rows) -> Rows:
    """Return the oracle's rows."""
    return naive(asked, case.wanted, case.views, rows, "asked_at")


def different(case: Case, made: Rows, want: Rows) -> list[str]:
    """Return one line an answer that is not what is meant; these sums are exact in any order."""
    return [
        f"row {n} {w.column}: got {got[w.column]!r}, means {row[w.column]!r}"
        for n, (got, row) in enumerate(zip(made, want, strict=True))
        for w in case.wanted
        if not agree("exact", (), got[w.column], row[w.column])
    ]
