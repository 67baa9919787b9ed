"""``vX_Y/__init__.py`` of a package: which streams a version keeps, and how it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from featurekit.backends.plan import Wanted
from featurekit.backends.python_syntax import quoted, row_type
from featurekit.backends.python_view import ViewCode
from featurekit.export.python_contract import converted, fields_table, row_function
from featurekit.export.python_fetching import Fetching
from featurekit.export.python_streams import StreamSpec
from featurekit.ir.definitions import Field, Source
from featurekit.ir.view import View


def entries_code(every: Sequence[StreamSpec]) -> list[str]:
    """Return the lines that hand an event to its source's placing."""
    lines: list[str] = []
    for source in _sources(every):
        lines += [
            f"if source == {quoted(source.name)}:",
            f"    given = contract.checked_mapping({quoted(source.name)}, event)",
            f"    return _place_{row_function(source)}({_checked(source, every)})",
        ]
    return lines


def _checked(source: Source, every: Sequence[StreamSpec]) -> str:
    """Return what placing is given: the checked row, and what came where it has more columns."""
    checked = f"contract.{row_function(source)}(given)"
    return f"{checked}, given" if _more(source, every) else checked


def _more(source: Source, every: Sequence[StreamSpec]) -> bool:
    return any(s.source == source and s.fields != source.fields for s in every)


def _sources(every: Sequence[StreamSpec]) -> Iterable[Source]:
    return {stream.source.name: stream.source for stream in every}.values()


def placing_code(every: Sequence[StreamSpec]) -> str:
    """Return the functions that place a checked row into the streams of its source."""
    return "\n\n\n".join(_placing(source, every) for source in _sources(every))


def _placing(source: Source, every: Sequence[StreamSpec]) -> str:
    kept = {field for stream in every if stream.source == source for field in stream.fields}
    values = (f"row[{quoted(f.name)}]" if f in kept else _unread(source, f) for f in source.fields)
    whole = ", ".join(f"order_key({value})" for value in values)
    kind = f"contract.{row_type(source)} | None"
    unread = [field.name for field in source.fields if field not in kept]
    given = ", given: Mapping[str, Any]" if unread else ""
    result = "list[tuple[Stream, Key, Entry]]"
    head = f"def _place_{row_function(source)}(row: {kind}{given}) -> {result}:"
    lines = ["if row is None:", "    return []"]
    if unread:
        listed = ", ".join(map(quoted, unread)) + ("," if len(unread) == 1 else "")
        lines += [
            "try:",
            f"    more = {{name: given.get(name) for name in ({listed})}}",
            "except Exception:  # a key may be of any type",
            f"    raise {_strange(source)} from None",
        ]
    known = "time"
    if source.available:
        known = "known"
        lines += [f"known = row[{quoted(source.available)}]", "if known is None:", "    return []"]
    order = f"time, order_key(row[{quoted(source.tie)}])" if source.tie else "time, *whole"
    lines += [
        f"time = row[{quoted(source.time or '')}]",
        f"whole = ({whole},)",
        f"order, rank = ({order}), ({known}, *whole)",
        f"entry = Entry(order, unique={bool(source.tie)}, rank=rank, known={known}, row=row)",
    ]
    placed: list[str] = []
    for stream in every:
        if stream.source.name == source.name:
            key = ", ".join(f"row[{quoted(name)}]" for name in stream.keys)
            placed.append(f"({stream.constant}, ({key},), entry)")
    lines.append(f"placed: list[tuple[Stream, Key, Entry]] = [{', '.join(placed)}]")
    lines.append("return [place for place in placed if None not in place[1]]")
    doc = '    """Return where a row belongs; a row that is never visible, nowhere."""'
    return "\n".join([head, doc, *(f"    {line}" for line in lines)])


def _unread(source: Source, field: Field) -> str:
    """Return the value of a field that no answer rests on and that may be left out."""
    value = f"more[{quoted(field.name)}]"
    return f"None if {value} is None else contract.{converted(source.name, field, value)}"


def _strange(source: Source) -> str:
    """Return the error for a row whose fields cannot be read."""
    table = f"contract.{fields_table(row_function(source))}"
    return f"contract.wrong_fields({quoted(source.name)}, given, {table})"


def view_lines(
    order: Sequence[str], codes: Mapping[str, ViewCode], fetching: Fetching
) -> list[str]:
    """Return the lines of ``get`` that call the views, each after those it uses."""
    lines: list[str] = []
    for reference in order:
        call = f"{codes[reference].function} = {fetching.called(reference, codes)}"
        if codes[reference].answering:
            state = fetching.state(reference)
            lines += [f"with {state}.lock:", f"    {call}"]
        else:
            lines.append(call)
    return lines


def reason_lines(
    order: Sequence[str],
    views: Mapping[str, View],
    codes: Mapping[str, ViewCode],
    fetching: Fetching,
) -> list[str]:
    """Return the lines of ``get`` that say why answers are null."""
    lines = ["status: dict[str, dict[str, Status]] = {}"]
    for reference in order:
        code = codes[reference]
        if not code.explains:
            reasons = "{}"
        elif views[reference].source is None:
            given = fetching.given(reference, codes)
            reasons = f"views.{code.function}_absence(status, {given})"
        else:
            reasons = f"views.{code.function}_absence({fetching.given(reference, codes)})"
        lines.append(f"status[{quoted(code.function)}] = explained({code.function}, {reasons})")
    return lines


def nullable_places(wanted: Sequence[Wanted], codes: Mapping[str, ViewCode]) -> str:
    """Return the wanted answers that can be null, as the members of a tuple."""
    places = [
        f"{codes[one.reference].function}[{quoted(one.feature)}]"
        for one in wanted
        if codes[one.reference].nullable(one.feature)
    ]
    return ", ".join(places) + ("," if len(places) == 1 else "")


def answer_entries(
    wanted: Sequence[Wanted], codes: Mapping[str, ViewCode], *, status: bool
) -> list[str]:
    """Return ``"view__feature": place`` for each wanted answer, in order."""
    return [
        f"{quoted(one.column)}: "
        + (
            f"status[{quoted(codes[one.reference].function)}][{quoted(one.feature)}]"
            if status
            else f"{codes[one.reference].function}[{quoted(one.feature)}]"
        )
        for one in wanted
    ]
