"""Texts of polars, with polars' meaning."""

from __future__ import annotations

import re
from functools import reduce

from featurekit import datatypes as types
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.binding import apply, choose
from featurekit.frontends.polars_literals import given, number
from featurekit.frontends.polars_operators import refusing, simple
from featurekit.frontends.polars_reader import Called, Function
from featurekit.frontends.read_expressions import one_expression
from featurekit.ir.nodes import Expression, Literal

_MOST_PADDING = 10_000
_UNICODE = re.compile(r"\\[dDwWsSbBpP]|\(\?[a-zA-Z]*i|\[\[:")


def _contains(call: Called) -> Expression:
    text, part = call.values()
    if call.options["literal"]:
        return apply("CONTAINS", [text, part], None)
    return apply("REGEXP_MATCHES", _pattern("REGEXP_MATCHES", [text, part]), None)


def _pattern(surface: str, made: list[Expression]) -> list[Expression]:
    r"""Return the arguments with the pattern in the one form.

    Raises:
        DefinitionError: FK128 patterns that engines read differently, FK161 those in which polars
            means Unicode and the language ASCII.
    """
    pattern = made[1].value if isinstance(made[1], Literal) else None
    found = _UNICODE.search(pattern) if isinstance(pattern, str) else None
    if found:
        why = "polars means every script's letters and digits, the language those of ASCII"
        raise PolarsRefused(f"{found[0]} in a pattern", why, "[0-9], [A-Za-z0-9_], [ \\t]")
    return one_expression(surface, made, None)


def _extract(call: Called) -> Expression:
    made = [*call.values(), number(int(call.options))]
    return apply("REGEXP_EXTRACT", _pattern("REGEXP_EXTRACT", made), None)


def _replaced(call: Called) -> Expression:
    made = call.values()
    if call.options["n"] != -1:
        why = "the language replaces every one"
        raise PolarsRefused("replacing the first", why, '.str.replace_all("a", "b", literal=True)')
    if call.options["literal"]:
        return apply("REPLACE", made, None)
    return apply("REGEXP_REPLACE", _pattern("REGEXP_REPLACE", made), None)


def _sliced(call: Called) -> Expression:
    """Return SUBSTRING, which counts from 1; from the end, RIGHT."""
    (text,) = call.values(1)
    start = given(call.trees[1], ".str.slice", ".str.slice(0, 3)")
    count = given(call.trees[2], ".str.slice", ".str.slice(0, 3)")
    if start >= 0:
        counted = [] if count is None else [number(count)]
        return apply("SUBSTRING", [text, number(start + 1), *counted], None)
    if count is None:
        return apply("RIGHT", [text, number(-start)], None)
    raise PolarsRefused("a slice from the end", "it has no such words in SQL", ".str.tail(3)")


def _ended(surface: str, word: str) -> Function:
    def read(call: Called) -> Expression:
        (text,) = call.values(1)
        count = given(call.trees[1], f".str.{word}", f".str.{word}(3)")
        if count is None or count < 0:
            raise PolarsRefused(
                f".str.{word} of {count}", "a length counts from 0", f".str.{word}(3)"
            )
        return apply(surface, [text, number(count)], None)

    return read


def _stripped(surface: str, word: str) -> Function:
    def read(call: Called) -> Expression:
        fix = f'.str.{word}(" ")'
        if given(call.trees[1], f".str.{word}", fix) != " ":
            why = "the language takes away spaces; polars any character that Unicode calls white"
            raise PolarsRefused(f".str.{word} of other than spaces", why, fix)
        return apply(surface, call.values(1), None)

    return read


def _padded(surface: str) -> Function:
    """Return LPAD or RPAD of what is shorter; polars never cuts."""

    def read(call: Called) -> Expression:
        (text,) = call.values(1)
        size = given(call.trees[1], "padding", '.str.pad_start(5, "0")')
        if not 0 <= size <= _MOST_PADDING:
            why = f"a length is 0 to {_MOST_PADDING:,}"
            raise PolarsRefused(f"padding to {size}", why, '.str.pad_start(5, "0")')
        fill = Literal(call.options["fill_char"], types.VARCHAR)
        short = apply("<", [apply("LENGTH", [text], None), number(size)], None)
        padded = apply(surface, [text, number(size), fill], None)
        return choose("padding", [(short, padded)], text, None)

    return read


def _joined(call: Called) -> Expression:
    made, between = call.values(), call.options["delimiter"]
    if call.options["ignore_nulls"] and between:
        why = "the separator of what is missing would stand in SQL"
        raise PolarsRefused("concat_str(ignore_nulls=True)", why, 'separator=""')
    if between:
        separator: Expression = Literal(between, types.VARCHAR)
        made = [part for value in made for part in (separator, value)][1:]
    surface = "CONCAT" if call.options["ignore_nulls"] else "||"
    return reduce(lambda first, second: apply(surface, [first, second], None), made)


_CASED = (
    "polars changes the length of some letters (ß becomes SS)",
    "the language's is one to one",
)


FUNCTIONS: dict[str, Function] = {
    "StringExpr.LenChars": simple("LENGTH"),
    "StringExpr.StartsWith": simple("STARTS_WITH"),
    "StringExpr.EndsWith": simple("ENDS_WITH"),
    "StringExpr.Contains": _contains,
    "StringExpr.Extract": _extract,
    "StringExpr.Replace": _replaced,
    "StringExpr.Slice": _sliced,
    "StringExpr.Head": _ended("LEFT", "head"),
    "StringExpr.Tail": _ended("RIGHT", "tail"),
    "StringExpr.StripChars": _stripped("TRIM", "strip_chars"),
    "StringExpr.StripCharsStart": _stripped("LTRIM", "strip_chars_start"),
    "StringExpr.StripCharsEnd": _stripped("RTRIM", "strip_chars_end"),
    "StringExpr.PadStart": _padded("LPAD"),
    "StringExpr.PadEnd": _padded("RPAD"),
    "StringExpr.ConcatHorizontal": _joined,
    "StringExpr.Uppercase": refusing(".str.to_uppercase()", "; ".join(_CASED), "fk.upper(...)"),
    "StringExpr.Lowercase": refusing(".str.to_lowercase()", "; ".join(_CASED), "fk.lower(...)"),
    "StringExpr.Reverse": refusing(
        ".str.reverse()", "polars keeps marks with their letter", "fk.reverse(...)"
    ),
    "StringExpr.ToInteger": refusing(
        ".str.to_integer()", "polars takes no spaces around a number", "fk.cast(..., 'BIGINT')"
    ),
}
