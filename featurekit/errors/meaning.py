"""FK12x and FK14x: types, literals, and what must not be asked of a row or a moment."""

from __future__ import annotations

from collections.abc import Sequence

from featurekit.errors.base import Where, listed
from featurekit.errors.definition import DefinitionError

# --- FK120-FK129: types and literals


class WrongTypes(DefinitionError):
    """No overload takes these arguments."""

    code = "FK120"

    def __init__(
        self,
        name: str,
        given: Sequence[object],
        accepted: Sequence[str],
        where: Where | None,
        fix: str = "",
    ) -> None:
        super().__init__(
            f"{name} does not take ({', '.join(map(str, given))})",
            where=where,
            why=f"it takes {'; '.join(accepted)}" if accepted else "no overload has these types",
            fix=fix or "CAST the argument to a type that it takes",
        )


class NoCommonType(DefinitionError):
    """Branches or options whose types cannot be one."""

    code = "FK121"

    def __init__(self, construct: str, given: Sequence[object], where: Where | None) -> None:
        super().__init__(
            f"the values of {construct} have no common type: {listed(map(str, given))}",
            where=where,
            why="a feature has one type for every row",
            fix="CAST the values to one type",
        )


class TextCompared(DefinitionError):
    """A string against a number, a date or a boolean."""

    code = "FK122"

    def __init__(
        self,
        operator: str,
        other: object,
        text: str,
        where: Where | None,
        *,
        text_first: bool = True,
    ) -> None:
        bare = text.strip("'")
        if text != bare and str(other) in {"DATE", "TIMESTAMP"}:
            fix = f"{other} {text}"
        elif text != bare and bare.replace(".", "", 1).isdecimal():
            fix = bare
        else:
            fix = f"CAST({text or 'the_text'} AS {other})"
        left, right = ("VARCHAR", other) if text_first else (other, "VARCHAR")
        super().__init__(
            f"{left} {operator} {right}: text is never cast unasked",
            where=where,
            why="engines disagree on what '2' = 2 means, some cast one side, some the other",
            fix=fix,
        )


class NotACondition(DefinitionError):
    """Something else than BOOLEAN where a condition stands."""

    code = "FK123"

    def __init__(self, place: str, given: object, where: Where | None) -> None:
        super().__init__(
            f"{place} needs a condition, and this is {given}",
            where=where,
            why="numbers and text are not true or false by themselves",
            fix="compare it: ... <> 0, ... IS NOT NULL",
        )


class BadLiteral(DefinitionError):
    """A constant that its type cannot hold."""

    code = "FK124"

    def __init__(self, text: str, wanted: object, where: Where | None) -> None:
        example = {
            "DATE": "DATE '2024-02-29'",
            "TIMESTAMP": "TIMESTAMP '2024-02-29 10:00:00'",
            "BIGINT": "-9223372036854775808 to 9223372036854775807",
            "DOUBLE": "1.5 or 1e3, up to 1.7976931348623157e308",
            "INTERVAL": "INTERVAL '3' DAY",
        }.get(str(wanted), "CAST(... AS BIGINT)")
        super().__init__(
            f"{text} is not a valid {wanted}",
            where=where,
            why="a constant that no row could hold is a typing mistake",
            fix=example,
        )


class ConstantNeeded(DefinitionError):
    """An argument that must be a literal, or one of a few words."""

    code = "FK125"

    def __init__(
        self,
        function: str,
        parameter: str,
        allowed: Sequence[str],
        where: Where | None,
        fix: str = "",
    ) -> None:
        options = f"one of {', '.join(map(repr, allowed))}" if allowed else "write a literal"
        super().__init__(
            f"{function} needs a constant for its {parameter}",
            where=where,
            why="the generated code is fixed when the view is defined",
            fix=fix or options,
        )


class Untyped(DefinitionError):
    """A feature that is NULL and nothing else."""

    code = "FK126"

    def __init__(self, feature: str, where: Where | None) -> None:
        super().__init__(
            f"feature {feature!r} has no type",
            where=where,
            why="it is NULL on every row",
            fix="CAST(NULL AS DOUBLE)",
        )


class TooManyDigits(DefinitionError):
    """A DECIMAL result that would need more places than a DECIMAL has."""

    code = "FK127"

    def __init__(self, expression: str, scale: int, where: Where | None = None) -> None:
        super().__init__(
            f"{expression} has {scale} decimal places; a DECIMAL has at most 38",
            where=where,
            why="a DECIMAL is exact, so that places are never dropped unasked",
            fix="CAST one side to a DECIMAL with fewer places, or to DOUBLE",
        )


class ConstantRefused(DefinitionError):
    """A constant of the right type that means nothing there."""

    code = "FK128"

    def __init__(
        self,
        function: str,
        parameter: str,
        value: object,
        why: str,
        fix: str = "",
        where: Where | None = None,
    ) -> None:
        shown = f"'{value}'" if isinstance(value, str) else value
        super().__init__(
            f"{function}: {shown} cannot be its {parameter}",
            where=where,
            why=why,
            fix=fix or f"write another {parameter}",
        )


# --- FK140-FK149: rows, windows and moments


class ReadsTheFuture(DefinitionError):
    """LEAD, or a frame that follows."""

    code = "FK140"

    def __init__(self, found: str, where: Where | None, fix: str = "") -> None:
        super().__init__(
            f"{found} reads rows that come later",
            where=where,
            why="nobody has them when the question is asked; a model would learn from the answer",
            fix=fix
            or "SUM(amount) OVER last_30d   -- windows look back; in a %%label cell OVER next_30d",
        )


class NotReproducible(DefinitionError):
    """The clock, or chance."""

    code = "FK141"

    def __init__(self, found: str, where: Where | None) -> None:
        clock = found.upper() not in {"RANDOM", "RAND", "UUID", "GEN_RANDOM_UUID", "NEXTVAL"}
        super().__init__(
            f"{found} has another value each time",
            where=where,
            why="training asks about the past: the answer must not depend on when it is computed",
            fix="AS_OF()   -- the moment of asking"
            if clock
            else "HASH the key to a bucket upstream",
        )


class WindowMissing(DefinitionError):
    """An aggregate without OVER."""

    code = "FK142"

    def __init__(self, aggregate: str, where: Where | None) -> None:
        super().__init__(
            f"{aggregate} has no window",
            where=where,
            why="without one it could mean the last 30 days, or all time",
            fix=f"{aggregate} OVER last_30d   -- or OVER all_time",
        )


class BareColumn(DefinitionError):
    """A column of an event outside an aggregate."""

    code = "FK143"

    def __init__(
        self, source: str, name: str, where: Where | None, requests: Sequence[str] = ()
    ) -> None:
        other = "".join(f", or {request}.{name} for the request's" for request in requests)
        super().__init__(
            f"{name!r} has many rows here: {source!r} holds events",
            where=where,
            why="a feature of an entity is one value, so a column of its events needs an aggregate",
            fix=f"LAST({name}) OVER all_time{other}",
        )


class AggregateRefused(DefinitionError):
    """An aggregate where there are no rows to aggregate."""

    code = "FK144"

    def __init__(self, name: str, place: str, why: str, fix: str, where: Where | None) -> None:
        super().__init__(f"{name} cannot stand {place}", where=where, why=why, fix=fix)


class NotPerRow(DefinitionError):
    """What belongs to the question used inside an aggregate or WHERE."""

    code = "FK145"

    def __init__(self, name: str, where: Where | None) -> None:
        super().__init__(
            f"{name} belongs to the question, not to a row of the source",
            where=where,
            why="aggregates are kept up to date as rows arrive, before anybody asks",
            fix="aggregate first, then combine the result with it outside the aggregate",
        )
