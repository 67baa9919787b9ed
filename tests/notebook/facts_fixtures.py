"""One example of every kind of facts, as the verbs return them."""

from __future__ import annotations

from typing import Any

PROFILE: dict[str, Any] = {
    "name": "spend_30d",
    "type": "DOUBLE",
    "rows": 20_000,
    "nulls": 120,
    "distinct": 5123,
    "min": 0.0,
    "median": 41.25,
    "max": 9120.5,
    "shape": [0, 120, 800, 2000, 1500, 900, 400, 200, 100, 50, 20, 5],
    "cost_us": 3.21,
}
BADGES = [
    {
        "label": "parity ok",
        "level": "ok",
        "text": "batch = served on 2 000 sampled rows, 0 differ, 0.4 s",
    },
    {"label": "point-in-time safe", "level": "ok", "text": ""},
    {"label": "FK-L101", "level": "warn", "text": "sum over an empty window is null"},
]
SQL = """SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d,
  COUNT(*) OVER calendar_7d AS orders_7_days
FROM transactions"""

FACTS: dict[str, dict[str, Any]] = {
    "connected": {
        "kind": "connected",
        "text": "featurekit 0.1 · catalog ./catalog · 42 features in 9 views, 6 sources, 2 drafts",
        "catalog": "./catalog",
        "counts": {"features": 42, "views": 9, "sources": 6, "drafts": 2},
        "next": ["%fk help"],
    },
    "entity": {
        "kind": "entity",
        "name": "customer",
        "keys": [{"name": "customer_id", "type": "VARCHAR"}],
        "next": ["%source transactions data/*.parquet --entity customer --time event_time"],
    },
    "vocabulary": {
        "kind": "vocabulary",
        "name": "country",
        "entries": [["DE", ["Germany", "Deutschland"]], ["US", ["USA", "United States"]]],
        "unknown": "null",
        "ignore_case": True,
        "next": ["VOCAB(country, country)"],
    },
    "source": {
        "kind": "source",
        "name": "transactions",
        "source_kind": "events",
        "entity": ["customer"],
        "time": "event_time",
        "available": "loaded_at",
        "tie": "txn_id",
        "location": "data/transactions/*.parquet",
        "session_only": False,
        "rows": 336_776,
        "span": ["2013-01-01T10:15:00+00:00", "2013-12-31T23:59:00+00:00"],
        "columns": [
            {**PROFILE, "name": "amount", "cost_us": None},
            {
                **PROFILE,
                "name": "status",
                "type": "VARCHAR",
                "min": "open",
                "median": None,
                "max": "settled",
                "shape": [],
            },
        ],
        "badges": [{"label": "ties", "level": "warn", "text": "12 rows share a time"}],
        "next": ["%%feature customer_spend --from transactions --entity customer"],
    },
    "feature": {
        "kind": "feature",
        "name": "customer_spend",
        "title": "draft of 1.1",
        "status": "draft",
        "language": "sql",
        "entity": ["customer"],
        "time": "event_time",
        "owner": "risk@example.com",
        "description": "What a customer settled, as known at the moment of asking.",
        "badges": BADGES,
        "features": [PROFILE, {**PROFILE, "name": "orders_7_days", "type": "BIGINT"}],
        "lints": [
            {
                "code": "L101",
                "text": "sum over an empty window is null",
                "fix": "COALESCE(spend_30d, 0)",
            }
        ],
        "sample": {
            "columns": ["customer_id", "spend_30d"],
            "rows": [["c1", 12.5], ["c2", None], ["c3", 0]],
        },
        "sql": SQL,
        "lineage": [{"feature": "spend_30d", "columns": ["transactions.amount"]}],
        "python": "def spend_30d(state):\n    return state.sum\n",
        "semantics": [["window last_30d", "[t - 30x24 h, t)"], ["empty window", "NULL"]],
        "seconds": 0.41,
        "next": ["%feature publish customer_spend"],
    },
    "diff": {
        "kind": "diff",
        "name": "customer_spend",
        "from": "1.0",
        "to": "draft",
        "impact": "values change",
        "changes": [{"feature": "spend_30d", "change": "values"}],
        "lines": [
            [" ", "SELECT"],
            ["-", "  SUM(amount) OVER last_30d"],
            ["+", "  SUM(amount) OVER last_90d"],
        ],
        "data": [
            {
                "feature": "spend_30d",
                "rows_changed": 812,
                "rows": 2000,
                "null_rate": [0.006, 0.001],
                "mean": [41.2, 77.25],
            },
            {
                "feature": "empty",
                "rows_changed": 0,
                "rows": 2000,
                "null_rate": [1.0, 1.0],
                "mean": [None, None],
            },
        ],
        "next": ["%feature publish customer_spend"],
    },
    "history": {
        "kind": "history",
        "name": "customer_spend",
        "versions": [
            {
                "version": "1.0",
                "at": "2026-01-02T10:00:00+00:00",
                "owner": "risk@example.com",
                "impact": "additive",
                "hash": "ab" * 32,
                "current": False,
            },
            {
                "version": "2.0",
                "at": "2026-02-02T10:00:00+00:00",
                "owner": "risk@example.com",
                "impact": "values change",
                "hash": "cd" * 32,
                "current": True,
            },
        ],
        "next": ["%feature rollback customer_spend@1.0"],
    },
    "published": {
        "kind": "published",
        "name": "customer_spend",
        "version": "2.0",
        "impact": "values change",
        "checks": [
            {"label": "owner", "ok": True, "text": "risk@example.com"},
            {"label": "parity", "ok": True, "text": "2 000 rows, 0 differ"},
        ],
        "undo": "%feature rollback customer_spend@1.0",
        "next": ["%%featureset churn"],
    },
    "catalog": {
        "kind": "catalog",
        "query": "spend",
        "rows": [
            {
                "view": "customer_spend",
                "version": "2.0",
                "feature": "spend_30d",
                "type": "DOUBLE",
                "entity": ["customer"],
                "owner": "risk@example.com",
                "description": "What a customer settled.",
                "tags": ["core"],
                "status": "published",
            },
            {
                "view": "customer_visits",
                "version": "draft",
                "feature": "visits_7d",
                "type": "BIGINT",
                "entity": ["customer"],
                "owner": "web@example.com",
                "description": "Visits in a week.",
                "tags": [],
                "status": "draft",
            },
        ],
        "next": ["%feature show customer_spend"],
    },
    "featureset": {
        "kind": "featureset",
        "name": "churn",
        "version": "1",
        "owner": "ml@example.com",
        "features": [
            {
                "column": "customer_spend__spend_30d",
                "type": "DOUBLE",
                "view": "customer_spend@2.0",
            }
        ],
        "next": ["%trainset churn --spine labels --time asked_at --out train"],
    },
    "trainset": {
        "kind": "trainset",
        "set": "churn",
        "rows": 100_000,
        "columns": 24,
        "seconds": 4.2,
        "features": [
            {
                "column": "customer_spend__spend_30d",
                "type": "DOUBLE",
                "nulls": 1200,
                "null_rate": 0.012,
                "matched": 98_800,
                "median_age": "3.2 d",
                "causes": {"no_row": 1000, "too_old": 0, "in_data": 150, "made": 50},
            }
        ],
        "lints": [{"code": "FK273", "text": "null in every row: a__b", "fix": "check the keys"}],
        "unmatched": {
            "columns": ["customer_id", "asked_at"],
            "rows": [["c9", "2026-01-01T00:00:00+00:00"]],
        },
        "frame_name": "train",
        "_frame": object(),
        "next": ["%parity churn --rows 10000"],
    },
    "split": {
        "kind": "split",
        "gap": "30d",
        "parts": [
            {
                "name": "train",
                "rows": 800,
                "first": "2026-01-01 00:00:00",
                "last": "2026-02-01 00:00:00",
                "embargoed": 12,
                "kept": "rows_train",
            },
            {
                "name": "test",
                "rows": 0,
                "first": None,
                "last": None,
                "embargoed": 0,
                "kept": None,
            },
        ],
        "without_time": 1,
        "outside": 0,
        "dry_run": True,
        "badges": [{"label": "empty", "level": "bad", "text": "test has no rows"}],
        "_frames": {},
    },
    "export": {
        "kind": "export",
        "to": "../scoring-service",
        "package": "churn_features",
        "version": "1",
        "tree": [["+", "churn_features/v1/compute.py"], ["=", "churn_features/input.py"]],
        "vectors": 412,
        "dry_run": False,
        "branch": None,
        "next": ["cd ../scoring-service && python -m pytest"],
    },
    "parity": {
        "kind": "parity",
        "set": "churn",
        "rows": 2000,
        "compared": 8000,
        "differences": 1,
        "features": [{"column": "customer_spend__spend_30d", "compared": 2000, "differences": 1}],
        "worst": [
            {
                "row": 17,
                "column": "customer_spend__spend_30d",
                "trained": 1.0,
                "served": None,
            }
        ],
        "next": ["%feature show customer_spend"],
    },
    "help": {
        "kind": "help",
        "verbs": [["%fk connect [url]", "Open a catalog."], ["%catalog", "Search."]],
    },
    "operators": {
        "kind": "operators",
        "text": "Return a / b; null where b is zero.\n\nNull, because engines disagree.",
        "rows": [
            {
                "name": "div",
                "kind": "operator",
                "surfaces": ["/"],
                "signature": "div(a: DOUBLE, b: DOUBLE) -> DOUBLE",
                "nulls": "propagate",
                "targets": ["python", "polars", "duckdb"],
                "gaps": {},
                "cases": ["div(6.0, 3.0) = 2.0"],
                "doc": "Return a / b; null where b is zero.",
            }
        ],
    },
    "lineage": {
        "kind": "lineage",
        "name": "customer_spend",
        "lineage": [{"feature": "spend_30d", "columns": ["transactions.amount"]}],
        "next": ["%feature show customer_spend"],
    },
    "cell": {
        "kind": "cell",
        "name": "customer_spend",
        "cell": "%%feature customer_spend --from transactions\n" + SQL,
        "text": "the cell of customer_spend",
        "next": [],
    },
    "builder": {
        "kind": "builder",
        "text": "the feature builder",
        "sources": [
            {
                "name": "transactions",
                "kind": "events",
                "entity": ["customer"],
                "columns": [{"name": "amount", "type": "DOUBLE"}],
            }
        ],
        "next": ["%%feature NAME --from SOURCE --owner you@example.com"],
    },
    "check": {
        "kind": "check",
        "path": "../scoring-service",
        "held": False,
        "files": 12,
        "packages": [{"name": "churn_features"}],
        "problems": [
            {"problem": "edited", "path": "a.py", "text": "was edited", "fix": "export again"}
        ],
    },
    "something_new": {
        "kind": "something_new",
        "name": "a thing",
        "size": 4,
        "note": "text",
        "parts": [{"a": 1}],
        "nothing": None,
        "next": ["%fk help"],
    },
}
