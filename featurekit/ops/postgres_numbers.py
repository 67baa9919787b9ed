"""Logic, comparisons and numbers in PostgreSQL's words.

PostgreSQL raises where the language answers: too many digits, and doubles whose result overflows to
infinity or underflows to zero. So whether it will is found out first, on numbers scaled by a power
of two, which changes no digit. Branches are nested CASEs: AND promises no order. What is used more
than once is named by a subquery of one row, so that arguments stand in the text once.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap

DOUBLE = "DOUBLE PRECISION"
INFINITY = f"CAST('Infinity' AS {DOUBLE})"
BITS = "BETWEEN -9223372036854775808 AND 9223372036854775807"


def named(text: str, **values: str) -> str:
    """Return ``text`` over one row whose columns, ``fk_v.name``, hold ``values``, read once."""
    row = ", ".join(values.values())
    return f"(SELECT {text} FROM (VALUES ({row})) AS fk_v({', '.join(values)}))"  # noqa: S608  words of this table only


def double(text: str) -> str:
    """Return a number as a constant of type DOUBLE PRECISION."""
    return f"CAST('{text}' AS {DOUBLE})"


def two(power: int) -> str:
    """Return a power of two as a double."""
    return double(repr(2.0**power))


def _pair(text: str) -> str:
    return named(text, a="{a}", b="{b}")


def _whole(text: str) -> str:
    """Return the exact number ``fk_v.n`` as BIGINT, null where 64 bits are too few."""
    return named(f"CASE WHEN fk_v.n {BITS} THEN CAST(fk_v.n AS BIGINT) END", n=text)


def fitted(text: str) -> str:
    """Return an exact number in the DECIMAL type of the answer, null where it is too long."""
    rounded = "round(fk_v.n, {scale_of})"
    return named(
        f"CASE WHEN abs({rounded}) < CAST('{{over}}' AS NUMERIC) "
        f"THEN CAST({rounded} AS {{type}}) END",
        n=text,
    )


def _exact(sign: str) -> str:
    return f"CAST({{a}} AS NUMERIC) {sign} CAST({{b}} AS NUMERIC)"


def _sum(sign: str) -> str:
    """Return a sum of doubles; halves of large numbers say whether the whole would overflow."""
    far = {name: f"abs(fk_v.{name}) > {double('1e290')}" for name in "ab"}
    halves = {n: f"CASE WHEN {far[n]} THEN fk_v.{n} * {double('0.5')} END" for n in "ab"}
    half = f"{halves['a']} {sign} {halves['b']}"
    large = " AND ".join(f"{far[n]} AND abs(fk_v.{n}) < {INFINITY}" for n in "ab")
    return _pair(
        f"CASE WHEN {large} THEN CASE WHEN {half} >= {two(1023)} THEN {INFINITY} "
        f"WHEN {half} <= - {two(1023)} THEN - {INFINITY} ELSE fk_v.a {sign} fk_v.b END "
        f"ELSE fk_v.a {sign} fk_v.b END"
    )


_SIGN = "sign(fk_v.a) * sign(fk_v.b)"


def _product() -> str:
    """Return a product of doubles: where both sizes are ordinary nothing can happen."""
    most, least = "greatest(abs(fk_v.a), abs(fk_v.b))", "least(abs(fk_v.a), abs(fk_v.b))"
    plain, zero, inf = "fk_v.a * fk_v.b", f"{_SIGN} * {double('0')}", f"{_SIGN} * {INFINITY}"
    return _pair(
        f"CASE WHEN {most} < {INFINITY} THEN"
        f" CASE WHEN {least} > {two(512)} THEN {inf}"
        f" WHEN {least} >= {double('0.5')} AND {most} >= {two(500)} THEN"
        f" CASE WHEN {most} * {two(-600)} * {least} >= {two(424)} THEN {inf} ELSE {plain} END"
        f" WHEN {least} > {double('0')} AND {least} < {two(-500)} AND {most} <= {double('0.5')}"
        f" THEN CASE WHEN {most} < {two(-540)} THEN {zero}"
        f" WHEN {least} * {two(600)} * {most} <= {two(-475)} THEN {zero} ELSE {plain} END"
        f" ELSE {plain} END ELSE {plain} END"
    )


def _quotient() -> str:
    """Return a quotient of doubles whose divisor is not zero."""
    over, under = "abs(fk_v.a)", "abs(fk_v.b)"
    plain, zero, inf = "fk_v.a / fk_v.b", f"{_SIGN} * {double('0')}", f"{_SIGN} * {INFINITY}"
    # what is scaled is bounded, too: where one of both is a constant, the engine scales it early
    much, little = f"greatest({over}, {two(-51)})", f"least({over}, {two(-51)})"
    small, large = f"least({under}, {double('1')})", f"greatest({under}, {double('1')})"
    grown = f"({much} * {two(-600)}) / ({small} * {two(600)}) >= {two(-176)}"
    shrunk = f"({little} * {two(600)}) / ({large} * {two(-600)}) <= {two(125)}"
    return (
        f"CASE WHEN {under} < {double('1')} AND {over} > {two(-51)} AND {over} < {INFINITY} THEN"
        f" CASE WHEN {under} <= {much} * {two(-999)} THEN"
        f" CASE WHEN {grown} THEN {inf} ELSE {plain} END ELSE {plain} END"
        f" WHEN {under} > {double('1')} AND {over} < {two(-51)} AND {over} > {double('0')}"
        f" AND {under} < {INFINITY} THEN CASE WHEN {over} <= {large} * {two(-999)} THEN"
        f" CASE WHEN {shrunk} THEN {zero} ELSE {plain} END ELSE {plain} END"
        f" ELSE {plain} END"
    )


QUOTIENT = _pair(f"CASE WHEN fk_v.b <> {double('0')} THEN {_quotient()} END")


def _rounded_to() -> str:
    """Return ROUND(a, digits) on the scaled double, where scaling cannot leave the range."""
    unit = f"CAST('1e' || least(abs({{digits}}), 308) AS {DOUBLE})"
    whole = "floor(fk_v.s) + CASE WHEN fk_v.s - floor(fk_v.s) >= 0.5 THEN 1 ELSE 0 END"
    most = double("1.7976931348623157e308")
    places = named(
        f"CASE WHEN fk_v.s >= {two(52)} THEN fk_v.a WHEN {whole} = 0 THEN {double('0')}"
        f" WHEN {{digits}} >= 0 THEN sign(fk_v.a) * (({whole}) / fk_v.unit)"
        f" WHEN {whole} > {most} / fk_v.unit THEN sign(fk_v.a) * {INFINITY}"
        f" ELSE sign(fk_v.a) * (({whole}) * fk_v.unit) END",
        a="fk_v.a",
        unit="fk_v.unit",
        s="CASE WHEN {digits} >= 0 THEN abs(fk_v.a) * fk_v.unit ELSE abs(fk_v.a) / fk_v.unit END",
    )
    return named(
        f"CASE WHEN NOT (abs(fk_v.a) < {INFINITY}) THEN fk_v.a"
        " WHEN {digits} > 308 THEN fk_v.a"
        f" WHEN {{digits}} < -308 OR ({{digits}} < 0 AND abs(fk_v.a) <= fk_v.unit * 1e-3)"
        f" THEN {double('0')}"
        f" WHEN {{digits}} >= 0 AND abs(fk_v.a) > {double('1e17')} / fk_v.unit THEN fk_v.a"
        f" ELSE {places} END",
        a="{a}",
        unit=unit,
    )


def _double_to_decimal() -> str:
    """Return a double's exact digits, which the engine's own cast rounds to 15: by 50 bits each."""
    high = f"floor(fk_v.s * {two(-100)})"
    rest = f"(fk_v.s - {high} * {two(100)})"
    middle = f"floor({rest} * {two(-50)})"
    low = f"({rest} - {middle} * {two(50)})"

    def digits(text: str, power: int) -> str:
        return f"CAST(CAST({text} AS BIGINT) AS NUMERIC) * {2**power}"

    whole = (
        f"{digits(high, 100)} + {digits(middle, 50)} + {digits(f'floor({low})', 0)}"
        f" + CASE WHEN {low} - floor({low}) >= 0.5 THEN 1 ELSE 0 END"
    )
    scaled = f"fk_v.sign * ({whole}) * CAST('1e-{{scale}}' AS NUMERIC)"
    exact = named(
        f"CASE WHEN fk_v.s < {double('0.5')} THEN 0"
        f" WHEN fk_v.s < {double('1e39')} THEN {scaled} END",
        sign="CAST(CAST(sign(fk_v.a) AS INTEGER) AS NUMERIC)",
        s=f"abs(fk_v.a) * CAST('1e{{scale}}' AS {DOUBLE})",
    )
    return fitted(named(f"CASE WHEN abs(fk_v.a) < {double('1e39')} THEN {exact} END", a="{a}"))


def _rounded_bigint() -> str:
    unit = "CAST('1e' || least(- {digits}, 20) AS NUMERIC)"
    half = "CAST('5e' || least(- {digits}, 20) - 1 AS NUMERIC)"
    made = (
        f"sign(CAST({{a}} AS NUMERIC)) * div(abs(CAST({{a}} AS NUMERIC)) + {half}, {unit}) * {unit}"
    )
    return f"CASE WHEN {{digits}} >= 0 THEN {{a}} ELSE {_whole(made)} END"


def _compared(sign: str) -> str:
    return f"{{a}}{{collate}} {sign} {{b}}{{collate}}"


def _clipped(collate: str) -> str:
    return (
        "CASE WHEN {a} IS NOT NULL AND {low} IS NOT NULL AND {high} IS NOT NULL THEN"
        f" LEAST(GREATEST({{a}}{collate}, {{low}}), {{high}}) END"
    )


def _bucketed() -> str:
    return (
        "CASE WHEN {x} IS NOT NULL THEN (SELECT CASE WHEN NOT bool_or(fk_v.e IS NULL) THEN"
        " COUNT(*) FILTER (WHERE fk_v.e{collate} <= {x}) END"
        " FROM unnest(ARRAY[{edges}]) AS fk_v(e)) END"
    )


def _cyclic(function: str) -> str:
    turns = named(
        f"CASE WHEN abs(fk_v.q) < {INFINITY}"
        f" THEN {function}((fk_v.q - floor(fk_v.q)) * {double('6.283185307179586')}) END",
        q=f"CASE WHEN fk_v.b > {double('0')} THEN {_quotient()} END",
    )
    return named(
        f"CASE WHEN abs(fk_v.a) < {INFINITY} AND abs(fk_v.b) < {INFINITY} THEN {turns} END",
        a="{position}",
        b="{period}",
    )


def _round(function: str) -> str:
    return f"{function}({{a}}) + {double('0')}"


OPERATORS: Mapping[str, str | Gap | None] = {
    # logic and comparison
    **dict.fromkeys(("and", "or", "not", "is_null", "is_not_null")),
    **{
        f"{name}{of}": _compared(sign) if not of else None
        for name, sign in (
            *(("eq", "="), ("ne", "<>"), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")),
            ("is_distinct", "IS DISTINCT FROM"),
            ("is_not_distinct", "IS NOT DISTINCT FROM"),
        )
        for of in ("", "_double")
    },
    **dict.fromkeys(("coalesce", "nullif", "nullif_double", "in", "in_double")),
    "greatest": "GREATEST({a}{collate}, {b}{collate})",
    "least": "LEAST({a}{collate}, {b}{collate})",
    "greatest_double": None,
    "least_double": None,
    "clip": _clipped("{collate}"),
    "clip_double": None,
    "bucketize": _bucketed(),
    "bucketize_double": _bucketed(),
    # whole numbers
    "add_bigint": _whole(_exact("+")),
    "subtract_bigint": _whole(_exact("-")),
    "multiply_bigint": _whole(_exact("*")),
    "div_trunc_bigint": _whole("div(CAST({a} AS NUMERIC), NULLIF(CAST({b} AS NUMERIC), 0))"),
    "mod_trunc_bigint": "CASE WHEN {b} = -1 THEN {a} - {a} ELSE {a} % NULLIF({b}, 0) END",
    "negate_bigint": _whole("- CAST({a} AS NUMERIC)"),
    "abs_bigint": _whole("abs(CAST({a} AS NUMERIC))"),
    "sign_bigint": None,
    "round_bigint": None,
    "round_bigint_to": _rounded_bigint(),
    # doubles
    "add_double": _sum("+"),
    "subtract_double": _sum("-"),
    "multiply_double": _product(),
    "div_double": QUOTIENT,
    "div_trunc_double": f"trunc({QUOTIENT}) + {double('0')}",
    "mod_trunc_double": Gap("PostgreSQL has no remainder of doubles; cast both to DECIMAL"),
    "negate_double": None,
    "abs_double": None,
    "sign_double": f"CASE WHEN {{a}} = {double('NaN')} THEN {{a}} ELSE sign({{a}}) END",
    # PostgreSQL rounds a half of a double to the even neighbour
    "round_double": named(
        f"CASE WHEN abs(fk_v.a) < {two(52)} THEN sign(fk_v.a) * (trunc(abs(fk_v.a))"
        " + CASE WHEN abs(fk_v.a) - trunc(abs(fk_v.a)) >= 0.5 THEN 1 ELSE 0 END)"
        f" + {double('0')} ELSE fk_v.a END",
        a="{a}",
    ),
    "round_double_to": _rounded_to(),
    "floor_double": _round("floor"),
    "ceil_double": _round("ceil"),
    # decimals
    "add_decimal": fitted("{a} + {b}"),
    "subtract_decimal": fitted("{a} - {b}"),
    "multiply_decimal": fitted("{a} * {b}"),
    "div_trunc_decimal": fitted("div({a}, NULLIF({b}, 0))"),
    "mod_trunc_decimal": fitted("mod({a}, NULLIF({b}, 0))"),
    "negate_decimal": None,
    "abs_decimal": None,
    "sign_decimal": None,
    "round_decimal": fitted("{a}"),
    "round_decimal_to": fitted("round({a}, {digits})"),
    "floor_decimal": "CAST(floor({a}) AS {type})",
    "ceil_decimal": "CAST(ceil({a}) AS {type})",
    # mathematics
    "sqrt": None,
    "ln": None,
    "log10": "CASE WHEN {a} > 0 THEN log({a}) END",
    "log2": f"CASE WHEN {{a}} > 0 THEN ln({{a}}) / {double('0.6931471805599453')} END",
    "log1p": (
        f"CASE WHEN {{a}} <= -1 THEN NULL WHEN 1 + {{a}} = 1 OR {{a}} = {INFINITY} THEN {{a}}"
        " ELSE ln(1 + {a}) * ({a} / ((1 + {a}) - 1)) END"
    ),
    "exp": (
        f"CASE WHEN {{a}} = {double('NaN')} THEN {{a}} WHEN {{a}} > 709.782712893384"
        f" THEN {INFINITY} WHEN {{a}} < -745.1332191019412 THEN {double('0')} ELSE exp({{a}}) END"
    ),
    "sin": f"CASE WHEN abs({{a}}) <> {INFINITY} THEN sin({{a}}) END",
    "cos": f"CASE WHEN abs({{a}}) <> {INFINITY} THEN cos({{a}}) END",
    "tan": f"CASE WHEN abs({{a}}) <> {INFINITY} THEN tan({{a}}) END",
    "atan2": None,
    "cyclic_sin": _cyclic("sin"),
    "cyclic_cos": _cyclic("cos"),
    # casts between numbers
    "bigint_to_double": f"CAST({{a}} AS {DOUBLE})",
    "decimal_to_double": f"CAST({{a}} AS {DOUBLE})",
    "boolean_to_double": f"CAST(CAST({{a}} AS INTEGER) AS {DOUBLE})",
    "boolean_to_bigint": "CAST(CAST({a} AS INTEGER) AS BIGINT)",
    "bigint_to_boolean": None,
    "bigint_to_decimal": fitted("CAST({a} AS NUMERIC)"),
    "decimal_to_decimal": fitted("{a}"),
    "double_to_bigint": (
        f"CASE WHEN {{a}} >= - {two(63)} AND {{a}} < {two(63)}"
        " THEN CAST(trunc({a}) AS BIGINT) END"
    ),
    "decimal_to_bigint": _whole("trunc({a})"),
    "double_to_decimal": _double_to_decimal(),
    **dict.fromkeys(f"{kind}_to_{kind}" for kind in ("bigint", "double", "boolean")),
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
