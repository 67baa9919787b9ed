"""What ``bench_training.py`` asks, and of which systems; nothing but the standard library."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400
WINDOWS = {"1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
COLUMNS = ("v0", "v1", "v2", "v3")


@dataclass(frozen=True)
class Case:
    """Aggregates ``(name, function, column, window)``; none: the as-of look-up of one column."""

    name: str
    aggregates: tuple[tuple[str, str, str, str], ...]

    @property
    def columns(self) -> list[str]:
        return sorted({column for _, _, column, _ in self.aggregates}) or ["v0"]


def case(name: str) -> Case:
    """Return ``asof``, ``a3``, ``a12`` or ``a48``."""
    columns = {"a48": COLUMNS}.get(name, ("v0",))
    functions = {"asof": (), "a3": ("sum",)}.get(name, ("sum", "count", "avg", "max"))
    made = [(f"{f}_{c}_{w}", f, c, w) for c in columns for w in WINDOWS for f in functions]
    return Case(name, tuple(made))


@dataclass(frozen=True)
class System:
    """Something that answers.

    Attributes:
        name: Of the function in ``module`` that is called.
        words: What the table calls it.
        module: Where the function is.
        cases: Which cases it can answer.
        asked_for: Whether it runs only when ``--peers`` names its group.
        most: Of more events it would take too long, or too much memory.
        even: Whether it runs only where entities are of one size: elsewhere its work grows with the
            square of the largest one's rows.
        once: Whether it is run a single time, for it takes long.
        apart: Whether it runs in an environment of its own, for its versions of libraries.
    """

    name: str
    words: str
    module: str = "training_peers"
    cases: tuple[str, ...] = ("a3", "a12", "a48")
    asked_for: str = ""
    most: int = 10**9
    even: bool = False
    once: bool = False
    apart: bool = False


_ALL = ("a3", "a12", "a48", "asof")
_AWAY = "training_elsewhere"
SYSTEMS = (
    System("sweep", "numba, by hand: two pointers", "training_sweep", _ALL),
    System("featurekit", "featurekit", cases=_ALL),
    System("featurekit_plain", "featurekit without numba", cases=_ALL),
    System("polars_search", "polars: search + prefix sums"),
    System("polars_rolling", "polars: rolling over the union"),
    System("polars_asof", "polars: join_asof", cases=("asof",)),
    System("duckdb_range_join", "DuckDB: range join", even=True),
    System("duckdb_window", "DuckDB: window over the union"),
    System("duckdb_asof", "DuckDB: ASOF join", cases=("asof",)),
    System("pandas_rolling", "pandas: rolling", _AWAY, asked_for="pandas", most=10**6, once=True),
    System("pandas_asof", "pandas: merge_asof", _AWAY, ("asof",), "pandas"),
    System("spark_range_join", "Spark: range join", _AWAY, asked_for="spark", even=True),
    System("spark_window", "Spark: window over the union", _AWAY, asked_for="spark"),
    System(
        "feast_duckdb",
        "Feast on DuckDB",
        _AWAY,
        ("asof",),
        "feast",
        even=True,
        once=True,
        apart=True,
    ),
    System(
        "feast_file",
        "Feast on files",
        _AWAY,
        ("asof",),
        "feast",
        10**6,
        even=True,
        once=True,
        apart=True,
    ),
    System(
        "featuretools",
        "Featuretools",
        _AWAY,
        ("a12",),
        "featuretools",
        10**5,
        once=True,
        apart=True,
    ),
)
