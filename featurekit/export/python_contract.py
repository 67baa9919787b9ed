"""``contract.py`` of a package: one straight-line check for each kind of input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from featurekit.backends.python_module import OWN
from featurekit.backends.python_syntax import (
    Names,
    annotation,
    documented,
    identifier,
    literal,
    quoted,
    row_type,
    spelled,
    typed_dict,
)
from featurekit.datatypes import Kind
from featurekit.errors import ExportError
from featurekit.ir.definitions import Field, Otherwise, Rule, Source
from featurekit.ir.rules import allowed_text

_FAST = {
    Kind.BOOLEAN: "type({0}) is not bool",
    Kind.BIGINT: "type({0}) is not int or not BIGINT_MIN <= {0} <= BIGINT_MAX",
    Kind.DOUBLE: "type({0}) is not float",
    Kind.DECIMAL: "True",
    Kind.VARCHAR: "type({0}) is not str or not {0}.isascii()",
    Kind.DATE: "type({0}) is not dt.date",
    Kind.TIMESTAMP: "type({0}) is not dt.datetime or {0}.tzinfo is not dt.timezone.utc",
}


class ConflictingFields(ExportError):
    """Two inputs of a set have the same name and different types."""

    code = "FK480"

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(
            f"'{name}' is asked for as {first} and as {second}",
            why="a question carries each name once",
            fix="rename the column in one of the sources, or cast it to the other's type",
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of input.

    Attributes:
        function: The check's name.
        kind: The name of the TypedDict it returns.
        said: How errors call it.
        fields: What it must carry.
        accepted: Every field that it may carry; a superset of ``fields``. The others may be left
            out, but a value that is given for them has the declared type.
        time: The field without which a row is never visible, for rows.
        keys: For requests, the keys that a row in hand takes from the entity.
        moments: For requests, the fields at whose times rows in hand are asked.
        rules: What the values of fields may be.
    """

    function: str
    kind: str
    said: str
    fields: tuple[Field, ...]
    accepted: tuple[Field, ...]
    time: str | None = None
    keys: tuple[Field, ...] = ()
    moments: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()

    @property
    def optional(self) -> tuple[Field, ...]:
        """The fields that may be left out, because nothing that is answered rests on them."""
        read = {field.name for field in self.fields}
        return tuple(field for field in self.accepted if field.name not in read)

    @property
    def defaulted(self) -> frozenset[str]:
        """The fields that may be left out, because a default stands for them."""
        standing = {rule.column for rule in self.rules if rule.otherwise is Otherwise.DEFAULT}
        return frozenset(f.name for f in self.fields if f.name in standing and not f.required)

    def needs(self, field: Field) -> bool:
        """Whether ``field`` must be there."""
        return field in self.fields and field.name not in self.defaulted

    def refusals(self, name: str) -> tuple[Rule, ...]:
        """Return the rules by which a value of the field called ``name`` is refused."""
        refuse = Otherwise.REFUSE
        return tuple(r for r in self.rules if r.column == name and r.otherwise is refuse)

    @property
    def noun(self) -> str:
        """What one such input is called in a sentence."""
        return f"row of {self.said}" if self.time else self.said

    @property
    def required_time(self) -> bool:
        """Whether a row without a time is refused rather than never visible."""
        return any(field.required for field in self.fields if field.name == self.time)


def row_check(source: Source, needed: tuple[Field, ...]) -> Check:
    """Return the check of the rows of ``source``, which must carry the fields ``needed``."""
    return Check(
        row_function(source),
        row_type(source),
        source.name,
        needed,
        source.fields,
        source.time,
        rules=source.rules,
    )


def row_function(source: Source) -> str:
    """Return the name of the check of the rows of ``source``."""
    return f"{identifier(source.name)}_row"


def united(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return ``fields``, each name once; required where one of them is.

    Raises:
        ConflictingFields: FK480.
    """
    found: dict[str, Field] = {}
    for field in fields:
        other = found.setdefault(field.name, field)
        if other.type != field.type:
            raise ConflictingFields(field.name, str(other.type), str(field.type))
        if field.required:
            found[field.name] = field
    return tuple(found.values())


def contract_code(checks: Sequence[Check]) -> str:
    """Return the TypedDicts, field tables and checks."""
    return "\n\n\n".join(_one(check) for check in checks)


def _one(check: Check) -> str:
    table = fields_table(check.function)
    entries = [f"{quoted(f.name)}: {quoted(str(f.type))}" for f in check.accepted]
    listed = f"{table}: dict[str, str] = {{{', '.join(entries)}}}"
    kinds = [
        (f.name, annotation(f.type, nullable=not f.required and f.name != check.time))
        for f in (*check.fields, *check.keys)
    ]
    declared = typed_dict(check.kind, kinds, f"A checked {check.noun}.")
    absent = " | None" if check.time else ""
    invisible = "; None: without a time it is never visible" if check.time else ""
    given = "given: Mapping[str, object]" + (", who: Entity" if check.keys else "")
    head = [
        f"def {check.function}({given}) -> {check.kind}{absent}:",
        f'    """Check {"a" if check.time else "the"} {documented(check.noun)}{invisible}.',
        "",
        "    Raises:",
        "        ContractError: with the field, the value and what is wrong.",
        '    """',
    ]
    return f"{declared}\n\n\n{listed}\n\n\n" + "\n".join([*head, *_body(check, table)])


def _body(check: Check, table: str) -> list[str]:
    names = Names({*OWN, "given", "contract", "Decimal", "ContractError", "Mapping"})
    local = {f.name: names.new(f.name) for f in (*check.fields, *check.optional)}
    said = quoted(check.said)
    lines: list[str] = []
    loose = check.optional or check.defaulted
    surplus = f"undeclared(given, {table})" if loose else f"len(given) != {len(check.fields)}"
    asked = [quoted(f.name) for f in check.fields if f.name not in check.defaulted]
    if accepted := (*check.fields, *check.optional):
        lines += ["try:", *(f"    {local[f.name]} = {_got(check, f)}" for f in accepted)]
        comma = "," if len(asked) == 1 else ""
        needed = f", ({', '.join(asked)}{comma})" if loose and asked else ""
        told = f"wrong_fields({said}, given, {table}{needed})"
        lines += ["except Exception:  # a key may be of any type", f"    raise {told} from None"]
    lines += [f"if {surplus}:", f"    raise wrong_fields({said}, given, {table})"]
    if check.time and not check.required_time:
        lines += [f"if {local[check.time]} is None:", "    return None"]
    for field in check.fields:
        lines += _field_lines(check, field, local[field.name])
        lines += _rule_lines(check, field, local[field.name])
    for field in check.optional:
        lines += _optional_lines(check, field, local[field.name])
    entries = [f"{quoted(f.name)}: {local[f.name]}" for f in check.fields]
    entries += [f"{quoted(key.name)}: who[{quoted(key.name)}]" for key in check.keys]
    return [f"    {line}" for line in [*lines, f"return {{{', '.join(entries)}}}"]]


def _got(check: Check, field: Field) -> str:
    """Return what reads a field of the mapping that came in."""
    name = quoted(field.name)
    if field in check.optional:
        return f"given.get({name}, ...)" if field.required else f"given.get({name})"
    return f"given.get({name})" if field.name in check.defaulted else f"given[{name}]"


def _field_lines(check: Check, field: Field, local: str) -> list[str]:
    kind = field.type.kind
    call = f"{local} = {converted(check.said, field, local)}"
    test = _FAST[kind].format(local)
    nullable = not field.required and field.name != check.time
    if kind is Kind.DECIMAL:
        return [f"if {local} is not None:", f"    {call}"] if nullable else [call]
    if nullable:
        test = (
            f"{local} is not None and ({test})"
            if " or " in test
            else f"{local} is not None and {test}"
        )
    return [f"if {test}:", f"    {call}", *_in_calendar(check, field, local)]


def _in_calendar(check: Check, field: Field, local: str) -> list[str]:
    """Return the check that a row in hand is asked at a moment that has a local time."""
    if field.name not in check.moments:
        return []
    known = "" if field.required else f"{local} is not None and "
    place = quoted(f"{check.said}.{field.name}")
    return [
        f"if {known}not 1 < {local}.year < 9999:",
        f'    raise out_of_range({place}, {local}, "the calendar")',
    ]


def _rule_lines(check: Check, field: Field, local: str) -> list[str]:
    """Return the checks that a value is one that the definition allows."""
    known = "" if field.required else f"{local} is not None and "
    place = quoted(f"{check.said}.{field.name}")
    lines: list[str] = []
    for rule in check.refusals(field.name):
        wanted = quoted(allowed_text(rule))
        lines += [
            f"if {known}{_outside(rule, local)}:",
            f"    raise not_allowed({place}, {local}, {wanted})",
        ]
    return lines


def _outside(rule: Rule, local: str) -> str:
    """Return the test that a value is outside; NaN is the greatest number."""
    low, high = (None if e is None else spelled(literal(e)) for e in (rule.low, rule.high))
    if rule.options:
        options = ", ".join(spelled(literal(value)) for value in rule.options)
        return f"{local} not in ({options},)"
    if low is not None and high is not None:
        return f"not {low} <= {local} <= {high}"
    return f"{local} < {low}" if low is not None else f"not {local} <= {high}"


def _optional_lines(check: Check, field: Field, local: str) -> list[str]:
    """Return the check of a field that may be left out and whose value nobody reads."""
    given = f"if {local} is not {'...' if field.required else 'None'}:"
    value = converted(check.said, field, local)
    if not (rules := _rule_lines(check, replace(field, required=True), local)):
        return [given, f"    {value}"]
    return [given, f"    {local} = {value}", *(f"    {line}" for line in rules)]


def fields_table(function: str) -> str:
    """Return what the table of the declared fields of a check is called."""
    return f"{function.upper()}_FIELDS"


def converted(said: str, field: Field, value: str) -> str:
    """Return the call that makes a value that came in one of the type of ``field``."""
    kind = field.type.kind
    place = quoted(f"{said}.{field.name}")
    digits = f", {field.type.precision}, {field.type.scale}" if kind is Kind.DECIMAL else ""
    function = "as_text" if kind is Kind.VARCHAR else f"as_{kind.value.lower()}"
    return f"{function}({place}, {value}{digits})"


def contract_kinds(checks: Iterable[Check]) -> frozenset[str]:
    """Return the names of the types that the checks meet."""
    return frozenset(field.type.kind.value for check in checks for field in check.accepted)
