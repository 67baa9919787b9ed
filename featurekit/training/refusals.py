"""What the engine says about rows that it cannot read, in the words of this project.

The engine's advice names its own options, which nobody here can set; its facts are kept.
"""

from __future__ import annotations

import re

from featurekit.errors.data import (
    BadValue,
    ColumnsChanged,
    DataError,
    MissingColumn,
    ValuesDoNotFit,
)

_GONE = (r"did not find column (.+?), consider", r'unable to find column "(.+?)";')
_NEW = r"extra column in file outside of expected schema: (.+?), hint"
_UNPARSED = (
    r"could not parse `(?P<value>.*)` as dtype `(?P<type>.+?)` at column '(?P<column>.*?)' \("
)
_UNCAST = (
    r"conversion from `.+?` to `(?P<type>.+?)` failed in column '(?P<column>.*)' "
    r"for .* values: \[(?P<value>.*)\]"
)
_ADVICE = r"\s(?:You might want|This error occurred|consider |Hint:|Resolved plan).*"
_TYPES = {"i64": "BIGINT", "f64": "DOUBLE", "str": "VARCHAR", "bool": "BOOLEAN", "date": "DATE"}


def refusal(said: str, what: str) -> DataError:
    """Return what is wrong with the rows of ``what``, from what the engine said."""
    for gone in _GONE:
        if found := re.search(gone, said):
            role = "as declared, and was there when the data was registered"
            return MissingColumn(what, found[1], (), role)
    if found := re.search(_NEW, said):
        return ColumnsChanged(what, found[1])
    for bad in (_UNPARSED, _UNCAST):
        if found := re.search(bad, said, re.DOTALL):
            text = bad is _UNPARSED
            value = found["value"] if text else found["value"].partition(", ")[0].strip("'\"")
            return BadValue(what, found["column"], value, _named(found["type"]), in_text=text)
    return ValuesDoNotFit(what, "the declared types", re.sub(_ADVICE, "", said, flags=re.DOTALL))


def _named(engine_type: str) -> str:
    digits = re.fullmatch(r"decimal\[(\d+),(\d+)\]", engine_type)
    if digits:
        return f"DECIMAL({digits[1]},{digits[2]})"
    timed = engine_type.startswith("datetime")
    return "TIMESTAMP" if timed else _TYPES.get(engine_type, engine_type)
