"""Logic, comparisons and numbers in Spark's words.

Spark raises where the language answers; its ``try_`` functions answer null. What is used more than
once is named by a lambda over an array of one struct, so that arguments stand in the text once.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap


def named(text: str, **values: str) -> str:
    """Return ``text`` over one struct whose fields, ``fk_v.name``, hold ``values``, read once."""
    fields = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return f"transform(array(struct({fields})), fk_v -> {text})[0]"


def double(text: str) -> str:
    """Return a number as a constant of type DOUBLE."""
    return f"CAST('{text}' AS DOUBLE)"


OPERATORS: Mapping[str, str | Gap | None] = {
    # logic and comparison
    **dict.fromkeys(("and", "or", "not", "is_null", "is_not_null", "coalesce")),
    **{
        f"{name}{of}": None
        for name in ("eq", "ne", "lt", "le", "gt", "ge", "is_distinct", "is_not_distinct")
        for of in ("", "_double")
    },
    **{
        f"{name}{of}": None
        for name in ("nullif", "in", "greatest", "least", "clip")
        for of in ("", "_double")
    },
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
