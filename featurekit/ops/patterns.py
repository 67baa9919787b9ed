"""LIKE: texts against a pattern that is fixed when the view is defined.

In the table a pattern has one form: ``%`` is any text, ``_`` any one character, and a backslash
takes the meaning from the character after it. Front ends bring what authors write into that form.
"""

from __future__ import annotations

import re

from featurekit.ops.operator import ConstantText, operator


def like_pieces(pattern: str) -> list[str]:
    """Return what stands between the ``%`` of a pattern, each as a regular expression."""
    pieces = [""]
    taken = False
    for letter in pattern:
        if not taken and letter == "\\":
            taken = True
            continue
        if not taken and letter == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if letter == "_" and not taken else re.escape(letter)
        taken = False
    return pieces


def like_expression(pattern: str) -> str:
    """Return a pattern as Python's regular expression, which never goes back over a piece.

    Each piece is taken where it first fits: a look-ahead that is then repeated is not tried again,
    so that many ``%`` cost no more than one.
    """
    first, *rest = like_pieces(pattern)
    if not rest:
        return first
    held = [piece for piece in rest[:-1] if piece]
    found = "".join(f"(?=(.*?{piece}))\\{n}" for n, piece in enumerate(held, 1))
    return f"{first}{found}.*{rest[-1]}"


@operator(
    "LIKE",
    polars=lambda pl, x, pattern: x.str.contains(
        "(?s)\\A" + ".*".join(like_pieces(pattern)) + "\\z"
    ),
    sql=r"{x} LIKE {pattern} ESCAPE '\'",
)
def like(x: str, pattern: ConstantText) -> bool:
    r"""Return whether the whole text fits the pattern: % is any text, _ any one character.

    Characters are code points, and % crosses lines. Without ESCAPE no backslash may stand in what
    an author writes: DuckDB reads it as itself, PostgreSQL and Spark as the escape.

    Cases:
        like("a@example.com", "%@example.%") = true
        like("a😀b", "a_b") = true
        like("a\nb c", "a%\nb _") = true
        like("100%", "100\\%") = true
        like("1000", "100\\%") = false
        like("a.b", "a_b%%") = true
        like("axb", "a.b") = false
        like("abcabd", "%ab%ab_") = true
        like("", "") = true
        like(null, "%") = null
    """
    return re.fullmatch(like_expression(pattern), x, re.DOTALL) is not None
