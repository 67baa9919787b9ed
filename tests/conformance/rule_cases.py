"""Views over sources with rules, beside what they mean: columns made right by hand.

The plain case has no rules. Its rows are those that no rule refuses, each with the values that the
rules leave in columns of their own, which its cells read instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grain_cases import (
    CUSTOMER,
    CUSTOMERS,
    LATE_MERCHANTS,
    REGIONS,
    REQUEST,
    TIED,
    Case,
)
from grain_data import Rows, shop, spine

from featurekit.datatypes import VARCHAR
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.rules import with_rules
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.definitions import Entity, Field, Source
from featurekit.training.oracle import naive

ENTITIES = {
    "customer": CUSTOMER,
    "merchant": Entity("merchant", (Field("merchant", VARCHAR),)),
    "region": Entity("region", (Field("region", VARCHAR),)),
}
PLAIN = {source.name: source for source in (TIED, LATE_MERCHANTS, REGIONS, CUSTOMERS, REQUEST)}
RULES = {
    "payments": {"paid": "0..1e6 else null", "merchant": "one of 'm1', 'm2' else refuse"},
    "merchants": {"kind": "default 'none'", "fee": "..1 else refuse"},
    "regions": {"rate": "0.5..1.5 default -1"},
    "customers": {"active": "default false"},
    "checkout": {"amount": "default 2.5", "shop": "one of 'm1', 'm2' else refuse"},
}
RULED = {n: with_rules(source, RULES[n], ENTITIES) for n, source in PLAIN.items()}

_LEFT: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    ("payments", "paid"): lambda paid: paid if paid is not None and 0 <= paid <= 1e6 else None,
    ("merchants", "kind"): lambda kind: "none" if kind is None else kind,
    ("regions", "rate"): lambda rate: rate if rate is not None and 0.5 <= rate <= 1.5 else -1.0,
    ("customers", "active"): lambda active: False if active is None else active,
    ("checkout", "amount"): lambda amount: 2.5 if amount is None else amount,
}
_LET_IN: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "payments": lambda row: row["merchant"] in {"m1", "m2", None},
    "merchants": lambda row: row["fee"] is None or row["fee"] <= 1,
}
CELLS = {
    "windows": (
        """SELECT SUM({paid}) OVER all_time AS s, COUNT(*) OVER all_time AS n,
        COUNT({paid}) OVER last_1d AS c, LAST({paid}) OVER last_3_rows AS l,
        COUNT(*) FILTER (WHERE {paid} > 1) OVER last_3_rows AS f,
        LAST(merchant) OVER last_2_rows AS m FROM payments""",
        {"source": "payments"},
    ),
    "row": (
        """SELECT {paid} AS own, {paid} - AVG({paid}) OVER last_1d AS above,
        COUNT(*) OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS n,
        SUM({paid}) OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS s,
        m.{kind} AS kind_of, m.fee AS fee
        FROM payments LEFT JOIN merchants m USING (merchant)""",
        {"source": "payments", "per": "row"},
    ),
    "joined": (
        """SELECT SUM(m.fee) OVER all_time AS fees, LAST(m.{kind}) OVER last_3_rows AS k,
        COUNT(*) FILTER (WHERE m.{kind} = 'none') OVER all_time AS n,
        SUM(r.{rate}) OVER all_time AS rates
        FROM payments LEFT JOIN merchants m USING (merchant)
        LEFT JOIN regions r ON r.region = m.region""",
        {"source": "payments"},
    ),
    "home": (
        """SELECT {active} AS is_active, r.{rate} AS rate_there, region AS lives_in
        FROM customers LEFT JOIN regions r USING (region) WHERE {active} OR region = 'north'""",
        {"source": "customers", "max_age": "2d"},
    ),
    "asked": (
        """SELECT {amount} * 2 AS twice, shop AS at_shop, m.{kind} AS kind_of
        FROM checkout LEFT JOIN merchants m ON m.merchant = shop""",
        {"source": "checkout"},
    ),
}


@dataclass(frozen=True)
class Ruled:
    """One cell twice: under rules, and as what that means."""

    ruled: Case
    plain: Case

    def meant(self, rows: Mapping[str, Rows], asked: Rows) -> Rows:
        """Return what the answers to ``asked`` are, by hand and by the oracle without rules."""
        right = {name: [_right(name, row) for row in kept(name, rows[name])] for name in rows}
        in_hand = [_right("checkout", _right("payments", row)) for row in asked]
        return naive(in_hand, self.plain.wanted, self.plain.views, right, "asked_at")


def kept(name: str, rows: Rows) -> Rows:
    """Return the rows of a source that its rules let in."""
    return [row for row in rows if _LET_IN.get(name, lambda _: True)(row)]


def answered(case: Case, asked: Rows) -> Rows:
    """Return the questions that serving answers to a case."""
    by_row = any(view.scores_rows for view in case.views.values())
    by_request = any(view.requests for view in case.views.values())
    asked = [row for row in asked if not by_row or _LET_IN["payments"](row)]
    return [row for row in asked if not by_request or row["shop"] in {"m1", "m2", None}]


def _right(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    made = {f"{column}_2": left(row[column]) for (of, column), left in _LEFT.items() if of == name}
    return {**row, **made}


def _wider(source: Source) -> Source:
    fields = {field.name: field for field in source.fields}
    more = (fields[column] for name, column in _LEFT if name == source.name)
    wider = (*source.fields, *(replace(field, name=f"{field.name}_2") for field in more))
    return replace(source, fields=wider)


def _case(name: str, sources: Mapping[str, Source], sign: str) -> Case:
    text, options = CELLS[name]
    names = {column: f"{column}{sign}" for _, column in _LEFT}
    header = Header(name=name, owner="ann@example.com", **options)
    view = read_view(header, text.format(**names), Scope(ENTITIES, sources))
    return Case(name, {f"{name}@1.0": view})


def ruled_cases() -> list[Ruled]:
    """Return every cell, read twice."""
    wider = {name: _wider(source) for name, source in PLAIN.items()}
    return [Ruled(_case(name, RULED, ""), _case(name, wider, "_2")) for name in CELLS]


def rows_and_questions() -> tuple[dict[str, Rows], Rows]:
    """Return rows of every source, and what is asked of them."""
    rows = shop()
    return rows, spine(rows["payments"])
