"""Rules as an author writes them: ``0..1e6 else null``, ``one of 'web', 'app' default 'web'``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from featurekit.datatypes import BIGINT_MAX, BIGINT_MIN, DataType, Kind
from featurekit.errors import UsageError
from featurekit.errors.data import MissingColumn
from featurekit.ir.definitions import Entity, Field, Otherwise, Rule, Source
from featurekit.ops import OPERATORS

_VALUE = r"(?:'(?:[^']|'')*'|[^\s,']+?)"
_RULE = re.compile(
    rf"(?:(?P<low>{_VALUE})?\s*\.\.\s*(?P<high>{_VALUE})?"
    rf"|one\s+of\s+(?P<options>{_VALUE}(?:\s*,\s*{_VALUE})*))?"
    rf"(?:(?:^|\s+)(?:else\s+(?P<otherwise>null|refuse)|default\s+(?P<default>{_VALUE})))?"
)
_LISTED = re.compile(r"'(?:[^']|'')*'|[^\s,']+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_LONGEST = 2_000
_WRITTEN = {
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "2024-01-31",
    Kind.TIMESTAMP: "2024-01-31T00:00:00Z",
    Kind.VARCHAR: "'text'",
}
_READ = {
    Kind.BOOLEAN: "text_to_boolean",
    Kind.DATE: "text_to_date",
    Kind.TIMESTAMP: "text_to_timestamp",
}


class BadRule(UsageError):
    """FK924: a rule that cannot be read, or that a column cannot have."""

    code = "FK924"

    def __init__(self, column: str, rule: str, why: str, fix: str = "") -> None:
        super().__init__(
            f"the rule of '{column}' does not do: {rule!r}",
            why=why,
            fix=fix or f"{column}=0..1000000 else null, {column}=one of 'web', 'app' default 'web'",
        )


def with_rules(
    source: Source, written: Mapping[str, str], entities: Mapping[str, Entity]
) -> Source:
    """Return ``source`` with the rules that an author wrote for its columns.

    Raises:
        BadRule: FK924.
        MissingColumn: FK205.
    """
    keys = {key.name for name in source.entities for key in entities[name].keys}
    found = []
    for column, text in written.items():
        field = source.field(column)
        if field is None:
            known = [one.name for one in source.fields]
            raise MissingColumn(f"source {source.name!r}", column, known, "for its rule", "--rule")
        if column in {*keys, source.time, source.available, source.tie}:
            why = "keys and times say which row it is and when; a rule would make it another row"
            raise BadRule(column, text, why, "leave the rule out; types and zones are checked")
        found.append(_rule(field, text))
    return replace(source, rules=tuple(sorted(found, key=lambda rule: rule.column)))


def _rule(field: Field, text: str) -> Rule:
    said = _RULE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if said is None or not any(said.groupdict().values()):
        why = "a rule is LOW..HIGH or one of VALUES, then else null, else refuse or default VALUE"
        raise BadRule(field.name, text, why)
    parts = said.groupdict()
    bounds = [part for part in (parts["low"], parts["high"]) if part]
    if bounds and field.type.kind in {Kind.BOOLEAN, Kind.VARCHAR}:
        why = f"{field.type} has no range that every engine agrees on"
        raise BadRule(field.name, text, why, f"{field.name}=one of 'web', 'app'")
    made = Rule(
        field.name,
        _value(field, parts["low"], text),
        _value(field, parts["high"], text),
        tuple(_value(field, one, text) for one in _LISTED.findall(parts["options"] or "")),
        Otherwise.DEFAULT if parts["default"] else Otherwise(parts["otherwise"] or "refuse"),
        _value(field, parts["default"], text),
    )
    _check(field, made, text)
    return made


def _check(field: Field, made: Rule, text: str) -> None:
    if not made.bounded and made.otherwise is not Otherwise.DEFAULT:
        why = "without a range or a list every value is allowed"
        raise BadRule(field.name, text, why)
    if made.low is not None and made.high is not None and made.high < made.low:
        raise BadRule(field.name, text, "nothing lies between its bounds")
    if not made.bounded and field.required:
        why = f"{field.name} is promised never to be null (!), so the default would never be used"
        raise BadRule(field.name, text, why, f"leave the rule out, or the ! after {field.type}")


def _value(field: Field, text: str | None, rule: str) -> Any:
    """Return the value of the column's type that ``text`` spells; None for no text."""
    if text is None:
        return None
    quoted = text.startswith("'")
    plain = text[1:-1].replace("''", "'") if quoted else text
    kind = field.type.kind
    if kind is Kind.VARCHAR:
        found: Any = plain if quoted else None
    elif kind in _READ:
        found = OPERATORS[_READ[kind]].body(plain)
    else:
        found = _number(field.type, plain)
    if found is None:
        why = f"{text} is no {field.type}"
        shown = _WRITTEN.get(kind, "a number")
        raise BadRule(field.name, rule, why, f"write a {field.type} as {shown}")
    return found


def _number(kind: DataType, text: str) -> int | float | Decimal | None:
    if not _NUMBER.fullmatch(text):
        return None
    if kind.kind is Kind.DOUBLE:
        return float(text) if math.isfinite(float(text)) else None
    exact = Decimal(text)
    scale = kind.scale if kind.kind is Kind.DECIMAL else 0
    units = exact.scaleb(scale)
    if units != units.to_integral_value() or units.adjusted() >= 38:  # noqa: PLR2004  digits
        return None
    whole = int(units)
    if kind.kind is Kind.BIGINT:
        return whole if BIGINT_MIN <= whole <= BIGINT_MAX else None
    sign, digits = int(whole < 0), tuple(int(digit) for digit in str(abs(whole)))
    return Decimal((sign, digits, -scale)) if len(digits) <= kind.precision else None
