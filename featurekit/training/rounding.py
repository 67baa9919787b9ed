"""Whole numbers of any size, one a row, and the doubles nearest to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.training import sweeps

if TYPE_CHECKING:
    import polars as pl

_LONG = 126
"""Bits that are held at once, beside the sign."""
_DIGIT = 56
"""Bits of a digit whose products with others, some added up, are held."""
_ENOUGH = 2**64
"""From here on the digits that follow only matter by being 0 or not."""
_FEW = 15
"""Of so many digits a product is a number that doubles can hold."""
_LEAST_POWER, _LEAST_NORMAL = -1074, -1000


@dataclass(frozen=True, slots=True)
class Wide:
    """Whole numbers, their least digit first; digits may be greater than the base, and negative.

    Attributes:
        digits: One a row each.
        bits: Of the base.
        size: Bits that hold every number, beside the sign.
    """

    digits: list[pl.Series]
    bits: int
    size: int

    @property
    def fits(self) -> bool:
        """Whether the numbers are held at once."""
        return self.size <= _LONG

    def whole(self) -> pl.Series:
        """Return the numbers, which fit; what is too large on the way comes back."""
        pl = require("polars", PURPOSE)
        if len(self.digits) == 1:
            return self.digits[0]
        *lower, last = (digit.cast(pl.Int128) for digit in self.digits)
        base = _number(2**self.bits)
        return reduce(lambda high, low: high * base + low, reversed(lower), last)

    def carried(self) -> Wide:
        """Return the same numbers, all digits but the last under the base and not negative."""
        pl = require("polars", PURPOSE)
        group = max(_DIGIT // self.bits, 1)
        bits = self.bits * group
        parts = [self.digits[at : at + group] for at in range(0, len(self.digits), group)]
        digits = [Wide(part, self.bits, _LONG).whole().cast(pl.Int128) for part in parts]
        nothing, base = digits[0] * _number(0), _number(2**bits)
        count = -(-(self.size + 1) // bits)
        digits += [nothing] * (count - len(digits))
        made, carry = [], nothing
        for digit in digits[:-1]:
            total = digit + carry
            carry = total // base
            made.append(total - carry * base)
        return Wide([*made, digits[-1] + carry], bits, self.size)

    def nonzero(self) -> pl.Series:
        """Return whether each number is not 0."""
        pl = require("polars", PURPOSE)
        if self.fits:
            return self.whole().cast(pl.Int128) != _number(0)
        return reduce(lambda a, b: a | b, [digit != _number(0) for digit in self.carried().digits])


def spread(both: Wide, n: pl.Series, one: Wide, other: Wide) -> Wide:
    """Return ``n``, of less than 2 ** 56, times ``both`` less the product of ``one`` and ``other``.

    It is what the distances of two numbers from their means come to, multiplied and added up, n
    times: ``both`` is what their products add up to, ``one`` and ``other`` what they do themselves.
    """
    pl = require("polars", PURPOSE)
    times, most = n.cast(pl.Int128), int(n.max() or 0).bit_length()  # type: ignore[arg-type]  # integers
    size = max(both.size + most, one.size + other.size) + 1
    if size <= _LONG:
        found = times * both.whole() - one.whole().cast(pl.Int128) * other.whole()
        return Wide([found], both.bits, size)
    first, second = one.carried(), other.carried()
    digits = [times * digit for digit in both.carried().digits]
    digits += [times * _number(0)] * (len(first.digits) + len(second.digits) - 1 - len(digits))
    for i, a in enumerate(first.digits):
        for j, b in enumerate(second.digits):
            digits[i + j] = digits[i + j] - a * b
    return Wide(digits, first.bits, size)


def spreads(
    both: Wide, n: pl.Series, one: Wide, other: Wide, unit: int
) -> tuple[pl.Series, pl.Series]:  # fmt: skip
    """Return ``spread`` over ``n``, times 2 ** ``unit``, and where it is not 0.

    The double nearest to ``spread`` is divided, and rounded once more.
    """
    if len(both.digits) == 1 or len(both.digits) > _FEW or not sweeps.worth(len(n)):
        times = spread(both, n, one, other)
        return nearest(times, unit, n), times.nonzero()
    digits = both.digits, one.digits, other.digits
    found, sure = sweeps.spread(*digits, n, 2.0**both.bits)
    rest = (~sure).arg_true()
    some = [Wide([d[rest] for d in w.digits], w.bits, w.size) for w in (both, one, other)]
    found = found.scatter(rest, nearest(spread(some[0], n[rest], *some[1:]), 0))
    return _over(found, n, unit), found != 0.0


def nearest(number: Wide, unit: int, divisor: pl.Series | None = None) -> pl.Series:
    """Return the double nearest to each number, over ``divisor``, times 2 ** ``unit``.

    The quotient is rounded once more.
    """
    pl = require("polars", PURPOSE)
    if not number.fits:
        number = number.carried()
    whole, left = (number.whole(), None) if number.fits else _leading(number)
    found = whole.cast(pl.Float64)
    if left is None:
        return _over(found, divisor, unit)
    found = _over(found, divisor, 0)
    powers = [_powers(unit - 1 + number.bits * many) for many in range(len(number.digits))]
    scales = (pl.Series(part).gather(left) for part in zip(*powers, strict=True))
    return reduce(lambda one, scale: one * scale, scales, found)


def _over(found: pl.Series, divisor: pl.Series | None, unit: int) -> pl.Series:
    """Return ``found`` over ``divisor``, times 2 ** ``unit``."""
    pl = require("polars", PURPOSE)
    if divisor is not None:
        found = found / divisor.cast(pl.Float64)
    first, last = _powers(unit)
    return found * first if last == 1.0 else found * first * last


def _leading(number: Wide) -> tuple[pl.Series, pl.Series]:
    """Return the leading digits of each number, twice, and how many digits are left out.

    One more where these are not all 0: so it lies on the same side of every double, and of the
    middle between any two, as the number does.
    """
    pl = require("polars", PURPOSE)
    *lower, found = number.digits
    base, zero, many = (_number(n) for n in (2**number.bits, 0, _ENOUGH))
    left = (found * zero).cast(pl.Int32)
    rest = found * zero
    for digit in reversed(lower):
        enough = found.abs() >= many
        rest = (digit != zero).cast(pl.Int128).zip_with(enough & (rest == zero), rest)
        left = left + enough.cast(pl.Int32)
        found = found.zip_with(enough, found * base + digit)
    return found * _number(2) + rest, left


def _number(value: int) -> pl.Series:
    pl = require("polars", PURPOSE)
    return pl.Series([value], dtype=pl.Int128)  # type: ignore[no-any-return]  # loaded late


def _powers(power: int) -> tuple[float, float]:
    """Return two powers of two whose product is 2 ** ``power``, or what comes to it, 0.

    Of a number that is 1 at least the product with the first is exact where the second counts.
    """
    first = max(power, _LEAST_NORMAL)
    return 2.0**first, 2.0 ** max(power - first, _LEAST_POWER)
