"""Payloads that nobody should send: drawn by a seeded generator, thousands to the second."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

NOW = dt.datetime(2024, 6, 12, 15, 4, 5, tzinfo=dt.UTC)


class Anger(Exception):
    """What hostile objects raise; nothing of a package may let it out."""


def _angry(*_: Any, **__: Any) -> Any:
    raise Anger


_ANGRY = dict.fromkeys(
    (
        *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__str__", "__repr__"),
        *("__bool__", "__len__", "__iter__", "__getitem__", "__contains__", "__format__"),
        *("__float__", "__int__", "__index__", "__trunc__", "__neg__", "__add__", "__abs__"),
        *("encode", "isascii", "keys", "items", "get", "utcoffset", "astimezone", "isoformat"),
        *("timestamp", "toordinal", "as_tuple", "is_finite", "__reduce_ex__", "__round__"),
    ),
    _angry,
)
_OF_CLASS = {"__class__": property(_angry), "__hash__": lambda _: hash("amount")}
AngryInt = type("AngryInt", (int,), _ANGRY)
AngryFloat = type("AngryFloat", (float,), _ANGRY)
AngryText = type("AngryText", (str,), {**_ANGRY, "__hash__": str.__hash__})
AngryTime = type("AngryTime", (dt.datetime,), {**_ANGRY, "year": property(_angry)})
AngryDate = type("AngryDate", (dt.date,), {**_ANGRY, "year": property(_angry)})
AngryDecimal = type("AngryDecimal", (Decimal,), _ANGRY)
AngryDict = type("AngryDict", (dict,), _ANGRY)
AngryObject = type("AngryObject", (), {**_ANGRY, **_OF_CLASS})
AngryKey = type("AngryKey", (), {"__eq__": _angry, "__hash__": lambda _: hash("amount")})
Named = type("a\nname]", (), {})


class Nameless(type):
    """The type of classes that do not say what they are called."""

    __name__ = property(_angry)  # type: ignore[assignment]  # hostile


class Liar(int):
    """A number that says yes to whatever it is asked."""

    def __le__(self, _: Any) -> bool:
        return True

    __ge__ = __lt__ = __gt__ = __eq__ = __le__  # type: ignore[assignment]  # hostile

    def __hash__(self) -> int:
        return 0


class Fickle(str):
    """A text that is equal to others as it was told to be, each time anew, and in the end is."""

    __slots__ = ("said",)
    __hash__ = str.__hash__

    def told(self, answers: Sequence[bool | None]) -> Fickle:
        """Return itself, which answers so from now on; None: it fails."""
        self.said = list(answers)
        return self

    def __eq__(self, other: object) -> bool:
        answer = self.said.pop(0) if self.said else True
        return bool(_angry() if answer is None else answer and str.__eq__(self, other))


class Zone(dt.tzinfo):
    """A time zone that fails, or answers what no zone may."""

    def __init__(self, offset: Any) -> None:
        self._offset = offset

    def utcoffset(self, _: Any) -> Any:
        """Return what it was given, or fail."""
        return _angry() if self._offset is None else self._offset

    dst = tzname = utcoffset


class Endless(Mapping[str, Any]):
    """A mapping without an end."""

    def __getitem__(self, key: str) -> Any:
        return 1

    def __iter__(self) -> Iterator[str]:
        number = 0
        while True:
            yield f"f{(number := number + 1)}"

    def __len__(self) -> int:
        return 3


class Word(StrEnum):
    """Texts that are more than texts."""

    US = "usa"


def _nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


_SHARED: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**63, -(2**63) - 1, 10**400, 1 << 100_000),
    *(0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1e308, 1j, Fraction(1, 3)),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("-0")),
    *(Decimal("1.005"), Decimal(1).scaleb(-400)),
    *("", " ", "usa", "x" * 1_000_000, "\ud800", "a\udfffb", "\0", "\u202e", "e\u0301" * 999),
    *("NaN", "1", "'; DROP TABLE x; --", "{{ x }}", "%s%n", Word.US),
    *(b"usa", bytearray(b"x"), memoryview(b"x"), ..., NotImplemented, object, int, Named()),
    *([], {}, (), set(), [1], {"a": {"b": {}}}, _nested(5_000), range(3), lambda: 1),
    *(NOW, NOW.replace(tzinfo=None), NOW.time(), NOW - NOW),
    dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=23))),
    dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-23))),
    dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
    *(dt.date(2024, 6, 12), dt.date.min, dt.date.max),
    *(NOW.replace(tzinfo=Zone(offset)) for offset in (None, 5, "x", dt.timedelta(hours=9))),
    NOW.replace(tzinfo=Zone(dt.timedelta(days=2))),
    *(AngryInt(7), AngryFloat(7.5), AngryText("usa"), AngryText("\ud800"), AngryDecimal("1.5")),
    *(AngryTime(2024, 6, 12, tzinfo=dt.UTC), AngryTime(2024, 6, 12), AngryDate(2024, 6, 12)),
    *(AngryDict(a=1), AngryObject(), Liar(2**70), Liar(3), Nameless("N", (), {})()),
)
_KEYS: tuple[Any, ...] = (
    *(None, 1, 1.5, b"amount", ("amount",), "", "__class__", "\ud800", "x" * 1_000_000, "a\nb"),
    *(AngryKey(), AngryText("amount"), Word.US, frozenset()),
)
_WHOLE: tuple[Callable[[dict[str, Any]], Any], ...] = (
    AngryDict,
    lambda good: list(good.items()),
    lambda good: (pair for pair in good.items()),
    lambda _: Endless(),
    lambda _: AngryObject(),
    type("Odd", (dict,), {"__getitem__": _angry}),
    type("Odd", (dict,), {"__missing__": lambda *_: 1}),
    type("Odd", (dict,), {"__iter__": _angry, "keys": _angry}),
    lambda good: {**good, **{f"f{number}": number for number in range(1000)}},
)


class Payloads:
    """Draws values, fields and whole payloads, always the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  repeatable, not secret

    def value(self) -> Any:
        """Return something that a field does not expect."""
        match self.chance.randrange(8):
            case 0:
                return self.chance.choice((1, -1)) * 2 ** self.chance.randrange(0, 80)
            case 1:
                return self.chance.uniform(-1, 1) * 10.0 ** self.chance.randrange(-300, 300)
            case 2:
                return "".join(map(chr, (self._letter() for _ in range(self.chance.randrange(9)))))
            case 3:
                year = self.chance.choice((1, 2, 1900, 2024, 9998, 9999))
                zone = dt.timezone(dt.timedelta(minutes=self.chance.randrange(-1439, 1440)))
                aware = self.chance.random() < 0.8
                return dt.datetime(year, 12, 31, 23, 59, tzinfo=zone if aware else None)
            case _:
                return self.chance.choice(_SHARED)

    def _letter(self) -> int:
        return self.chance.choice((0, 10, 34, 39, 65, 233, 0x202E, 0xD800, 0xFFFF, 0x1F600))

    def like(self, good: Mapping[str, Any]) -> Any:
        """Return something like ``good``: wrong values, fields too many, too few, of no name."""
        made: dict[Any, Any] = dict(good)
        kind = self.chance.randrange(20)
        if kind == 0:
            return self.value()
        if kind == 1:
            return self.chance.choice(_WHOLE)(made)
        try:
            for _ in range(self.chance.randrange(4)):
                if made and self.chance.random() < 0.7:
                    made[self.chance.choice(list(good) or [""])] = self.value()
                elif made and self.chance.random() < 0.5:
                    made.pop(next(iter(made)))
                else:
                    made[self.chance.choice(_KEYS)] = self.value()
        except Anger:  # a key that cannot even be put beside another
            return {AngryKey(): 1, "x": 2}
        return made
