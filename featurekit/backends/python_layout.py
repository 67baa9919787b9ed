"""Lines that fit a page: long ones are broken at brackets, conditions and commas."""

from __future__ import annotations

WIDTH = 100
_OPEN, _CLOSE = "([{", ")]}"


def laid_out(text: str) -> str:
    """Return ``text`` with its long lines broken; comments and docstrings stay as they are."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    stripped = line.lstrip(" ")
    if len(line) <= WIDTH or stripped.startswith(("#", '"""')):
        return line
    return "\n".join(_broken(stripped, len(line) - len(stripped)))


def _broken(text: str, indent: int) -> list[str]:
    """Return ``text`` as lines of a statement, or as one where there is no place to break."""
    space = " " * indent
    if indent + len(text) <= WIDTH:
        return [space + text]
    opening, value, closing = _statement(text)
    if opening and (parts := _parts(value)):
        lines = [line for part in parts for line in _broken(part, indent + 4)]
        return [f"{space}{opening}(", *lines, f"{space}){closing}"]
    found = _bracket(text, last=not text.startswith("def "))
    if found is None:
        return [space + text]
    start, end = found
    inner = text[start + 1 : end]
    parts = _comprehension(inner, indent + 4) or _split(inner, ", ")
    several = len(parts) > 1 or text[start] == "{" or inner.endswith(",")
    comma = "," if several and len(_split(inner, " for ")) == 1 else ""
    lines = []
    for part in parts:
        *most, last = _broken(part.removesuffix(","), indent + 4)
        lines += [*most, last + comma]
    return [f"{space}{text[: start + 1]}", *lines, f"{space}{text[end:]}"]


def _comprehension(inner: str, indent: int) -> list[str]:
    """Return the parts of a comprehension, one a line unless all fit on one."""
    value, *loop = _split(inner, " for ")
    if not loop:
        return []
    if indent + len(inner) <= WIDTH:
        return [inner]
    rows, *tests = _split(loop[0], " if ")
    return [value, f"for {rows}", *(f"if {test}" for test in tests)]


def _statement(text: str) -> tuple[str, str, str]:
    """Return what of a statement stands before its expression, that, and what stands behind."""
    if text.startswith("if ") and text.endswith(":"):
        return "if ", text[3:-1], ":"
    for mark in (" = ", "return "):
        head, found, value = text.partition(mark)
        if found and (mark == " = " or not head) and not set(head) & {*_OPEN, '"'}:
            return head + mark, value, ""
    return "", text, ""


def _parts(value: str) -> list[str]:
    """Return the arms of a conditional, or the terms of an and or an or, one a line."""
    for mark in (" else ", " or ", " and ", " + "):
        parts = _split(value, mark)
        if len(parts) > 1:
            return [parts[0], *(f"{mark.lstrip()}{part}" for part in parts[1:])]
    return []


def _split(text: str, mark: str) -> list[str]:
    """Split at each ``mark`` that stands outside of brackets and strings."""
    parts: list[str] = []
    start = 0
    for index, depth in _depths(text):
        if depth == 0 and index >= start and text.startswith(mark, index):
            parts.append(text[start:index])
            start = index + len(mark)
    return [*parts, text[start:]]


def _bracket(text: str, *, last: bool) -> tuple[int, int] | None:
    """Return where the first or last outermost bracket that holds something opens and closes."""
    found: tuple[int, int] | None = None
    start = 0
    before = 0
    for index, depth in _depths(text):
        if depth == 1 and before == 0:
            start = index
        if depth == 0 and before == 1 and index - start > 1 and (last or found is None):
            found = (start, index)
        before = depth
    return found


def _depths(text: str) -> list[tuple[int, int]]:
    """Return (index, depth) of each character outside of strings; a closing one counts outside."""
    found: list[tuple[int, int]] = []
    depth, quoted, index = 0, False, 0
    while index < len(text):
        character = text[index]
        if quoted:
            index += 1 if character == "\\" else 0
            quoted = character != '"'
        else:
            quoted = character == '"'
            depth += (character in _OPEN) - (character in _CLOSE)
            found.append((index, depth))
        index += 1
    return found
