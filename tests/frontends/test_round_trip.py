"""Text of a view, read back, means the same: expressions drawn from the whole operator table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from front_scope import read
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

from featurekit.datatypes import Kind
from featurekit.errors import FeatureError
from featurekit.frontends.literal_text import literal
from featurekit.frontends.read_calls import functions
from featurekit.frontends.to_text import expression_text, view_text
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.view import View
from featurekit.ir.windows import EXAMPLES
from featurekit.ops import AGGREGATES, OPERATORS, Operator

Texts = st.SearchStrategy[str]
COLUMNS = {
    Kind.BOOLEAN: ("flag",),
    Kind.BIGINT: ("qty",),
    Kind.DOUBLE: ("amount",),
    Kind.DECIMAL: ("price",),
    Kind.VARCHAR: ("channel",),
    Kind.DATE: ("asked_on",),
    Kind.TIMESTAMP: ("sent", "AS_OF()"),
}
ROWS = {
    Kind.BOOLEAN: ("ok",),
    Kind.BIGINT: ("qty", '"Order No"'),
    Kind.DOUBLE: ("amount",),
    Kind.DECIMAL: ("price",),
    Kind.VARCHAR: ("status", '"group"'),
    Kind.DATE: ("day",),
    Kind.TIMESTAMP: ("event_time",),
}
LITERALS: dict[Kind, Texts] = {
    Kind.BOOLEAN: st.sampled_from(("TRUE", "FALSE", "NULL")),
    Kind.BIGINT: st.integers(-(2**63), 2**63 - 1).map(str),
    Kind.DOUBLE: st.floats(allow_nan=False, allow_infinity=False).map(repr),
    Kind.DECIMAL: st.integers(-999, 999).map(lambda n: f"CAST({n} AS DECIMAL(9, 3))"),
    Kind.VARCHAR: st.text(st.characters(exclude_categories=["Cs"]), max_size=6).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
    Kind.DATE: st.dates().map(lambda day: f"DATE '{day.isoformat()}'"),
    Kind.TIMESTAMP: st.datetimes().map(lambda t: f"TIMESTAMP '{t.isoformat(' ')}'"),
}
ORDERS = ("", " ORDER BY amount", ' ORDER BY status DESC, "Order No"', " ORDER BY qty + 1, ok DESC")
CONSTANTS = {
    "unit": st.sampled_from(("'second'", "'hour'", "'day'")),
    "zone": st.sampled_from(("'UTC'", "'America/New_York'")),
    "precision": st.integers(5, 20).map(str),
    "scale": st.integers(0, 5).map(str),
    "q": st.sampled_from(("0", "1", "0.25", "0.9")),
    **dict.fromkeys(("n", "k"), st.sampled_from(("1", "2", "1000"))),
    "half_life": st.sampled_from(("'7d'", "'90m'", "INTERVAL '36' HOUR")),
    "separator": st.sampled_from(("', '", "''")),
    "pattern": st.sampled_from(("'a%'", r"'1_\%\\' ESCAPE '\'", "'' ESCAPE '!'")),
    "group": st.integers(0, 1).map(str),
    "new": st.sampled_from(("''", "'x'")),
    "n": st.integers(1, 9).map(str),
    "seed": st.integers(-1, 1).map(str),
    "digits": st.integers(-3, 6).map(str),
}
INFIX = {row.surfaces[0] for row in OPERATORS.values() if row.surfaces} & {
    *("+", "-", "*", "/", "//", "%", "||", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "LIKE"),
    *("IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
}


def spelled(surface: str, arguments: list[str]) -> str:
    """Return the author's spelling of an operator."""
    first, *rest = arguments
    match surface.split(" "):
        case _ if surface in INFIX:
            return f"({first} {surface} {rest[0]})"
        case ["NOT" | "NEG" as word]:
            return f"({'NOT' if word == 'NOT' else '-'} {first})"
        case ["IS", *_]:
            return f"({first} {surface})"
        case ["IN"]:
            return f"({first} IN ({', '.join(rest)}))"
        case ["CAST", "DECIMAL"]:
            return f"CAST({first} AS DECIMAL({', '.join(rest)}))"
        case ["CAST", kind]:
            return f"CAST({first} AS {kind})"
        case ["AT", *_]:
            return f"({first} AT TIME ZONE {rest[0]})"
        case words:
            return f"{'_'.join(words)}({', '.join(arguments)})"


def made_of(row: Operator, kind: Kind, deeper: Callable[[Kind], Texts]) -> Texts:
    """Return calls of ``row`` whose type variables stand for ``kind``."""
    parts: list[Texts] = []
    for parameter in row.parameters:
        if parameter.constant:
            parts.append(CONSTANTS.get(parameter.name, st.just("'x'")))
        else:
            parts.append(deeper(parameter.type.kind if parameter.type else kind))
    if row.parameters[-1].repeated:
        parts.append(parts[-1])
    return st.tuples(*parts).map(lambda found: spelled(row.surfaces[0], list(found)))


def expressions(columns: dict[Kind, tuple[str, ...]], kind: Kind, depth: int) -> Texts:
    """Return texts of type ``kind`` that nest ``depth`` operators."""
    leaves = [st.sampled_from(columns[kind]), LITERALS[kind], st.just("NULL")]
    if depth == 0:
        return st.one_of(*leaves)

    def deeper(wanted: Kind) -> Texts:
        return expressions(columns, wanted, depth - 1)

    rows = [row for row in OPERATORS.values() if row.surfaces and answers(row, kind)]
    calls = st.sampled_from(rows).flatmap(lambda row: made_of(row, kind, deeper))
    case = st.tuples(deeper(Kind.BOOLEAN), deeper(kind), deeper(kind)).map(
        lambda parts: "CASE WHEN {} THEN {} ELSE {} END".format(*parts)
    )
    return st.one_of(*leaves, calls, calls, calls, case)


def answers(row: Operator, kind: Kind) -> bool:
    """Whether ``row`` may answer a value of ``kind``."""
    _, fixed, variable, _ = row.signature
    allowed = {k for p in row.parameters if p.variable == variable for k in p.allowed}
    return kind in allowed if variable else fixed is not None and fixed.kind is kind


FRAMES = (
    "(ORDER BY event_time)",
    "(RANGE INTERVAL '90' MINUTE PRECEDING)",
    "(ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)",
    "(ROWS BETWEEN 3 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
    "(ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING)",
    "(RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1' DAY PRECEDING)",
)


def aggregates(overs: Sequence[str] = EXAMPLES) -> Texts:
    """Return aggregates of any function over any window, some filtered."""
    calls = []
    for row in AGGREGATES.values():
        parts = [
            CONSTANTS.get(p.name, st.just("'x'"))
            if p.constant
            else expressions(ROWS, p.type.kind if p.type else p.allowed[0], 1)
            for p in row.parameters
            if not p.implicit
        ]
        inside = st.tuples(*parts).map(", ".join)
        if row.ordered:
            inside = st.tuples(inside, st.sampled_from(ORDERS)).map("".join)
        name, _, rest = row.surfaces[0].partition(" ")
        before, after = ("", "") if name.endswith("(*)") else (f"({rest} ".replace("( ", "("), ")")
        calls.append(inside.map(f"{name}{before}{{}}{after}".format))
    kept = st.one_of(
        st.just(""),
        expressions(ROWS, Kind.BOOLEAN, 2).map(lambda text: f" FILTER (WHERE {text})"),
    )
    windows = st.sampled_from(overs)
    return st.tuples(st.one_of(*calls), kept, windows).map(
        lambda parts: "{}{} OVER {}".format(*parts)
    )


def check_round_trip(text: str, source: str, **options: str) -> View:
    """Read, write and read again: one meaning, one spelling."""
    try:
        view = read(text, source, **options)
    except FeatureError as error:
        event(error.code)
        reject()
    written = view_text(view)
    again = read(written, source, **options)
    assert meaning_hash(again) == meaning_hash(view), written
    assert view_text(again) == written
    return view


SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@settings(max_examples=250, deadline=None, suppress_health_check=SLOW_TO_DRAW, derandomize=True)
@given(st.sampled_from(list(COLUMNS)).flatmap(lambda kind: expressions(COLUMNS, kind, 3)))
def test_any_expression_reads_back_from_its_text(text: str) -> None:
    check_round_trip(f"SELECT {text} AS x, x AS y FROM scoring", "scoring")  # noqa: S608  a cell to read, no database


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW_TO_DRAW, derandomize=True)
@given(aggregates(), aggregates(), expressions(ROWS, Kind.BOOLEAN, 1))
def test_any_aggregate_reads_back_from_its_text(first: str, second: str, where: str) -> None:
    check_round_trip(f"SELECT {first} AS x, {second} AS y FROM txn WHERE {where}", "txn")  # noqa: S608  a cell to read, no database


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW_TO_DRAW, derandomize=True)
@given(aggregates(FRAMES), expressions(ROWS, Kind.DOUBLE, 2), st.sampled_from(("entity", "row")))
def test_any_frame_reads_back_from_its_text(framed: str, bare: str, per: str) -> None:
    joined = "txn LEFT JOIN merchants m AS OF REQUEST ON m.merchant_id = txn.merchant_id"
    bare = re.sub(r"\bamount\b", "m.amount", bare)
    features = f"{framed} AS x" + (f", {bare} AS y, m.kind" if per == "row" else "")
    features = re.sub(r"\bamount\b(?<!m\.amount)", "txn.amount", features)
    kinds = "COUNT(DISTINCT m.kind) OVER last_30d AS kinds"
    check_round_trip(f"SELECT {kinds}, {features} FROM {joined}", "txn", per=per)  # noqa: S608  a cell to read, no database


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW_TO_DRAW, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_survives_as_a_literal(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    view = check_round_trip(f"SELECT {quoted} AS x FROM scoring", "scoring")  # noqa: S608  a cell to read, no database
    assert expression_text(view.features[0].expression) == quoted


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_survives_as_a_literal(value: float) -> None:
    view = check_round_trip(f"SELECT {value!r} AS x FROM scoring", "scoring")  # noqa: S608  a cell to read, no database
    made = view.features[0].expression
    assert literal(value, made.type) == expression_text(made)


def test_the_generator_reaches_every_function_an_author_can_call() -> None:
    drawn = {s for row in OPERATORS.values() for s in row.surfaces}
    assert set(functions()) - drawn == {"AS_OF", "VOCAB", "IF", "FROM_TIME_ZONE", "TO_FIXED"}
