"""Sums of numbers, and of products of two of them, without any error.

Doubles are whole numbers of some power of two, their unit. Each is cut into digits, so few bits in
each that a sum of digits, or of products of two, fits 64 bits however many rows a range has. What
digits add up to over a range is what they add up to before its end less what they do before its
begin. Only at the end one rounding makes a double of it, so that an answer is a function of the
rows in its range: how they were cut into digits is not seen in it.
Source: Kulisch, Computer Arithmetic and Validity, ch. 8 (sums in fixed point, without rounding).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import frexp
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.ops import Lift, Moments
from featurekit.training import sweeps
from featurekit.training.rounding import Wide, nearest, spreads

if TYPE_CHECKING:
    import polars as pl

_BITS = 62
"""Of a sum, beside its sign; one bit is left for where ranges are joined."""
_MANTISSA, _MOST = 53, 52
_FEW = 3
_LEAST_UNIT, _POWERS = -1074, 1000
_ODD = ("ups", "downs", "unknown")


@dataclass(frozen=True, slots=True)
class Cut:
    """How one number of each row is cut into digits.

    Attributes:
        digits: Into how many, the last one with the sign.
        bits: Of each digit.
        unit: Which power of two is 1; of whole numbers None.
        origin: Of whole numbers what is 0.
    """

    digits: int
    bits: int
    unit: int | None
    origin: int = 0

    def digit(self, x: pl.Expr, place: int) -> pl.Expr:
        """Return a digit of ``x``; 0 where it is null or not finite."""
        pl = require("polars", PURPOSE)
        lower, last = self.bits * place, place == self.digits - 1
        if self.unit is None:
            whole = (x - self.origin).fill_null(0)
            below = whole // 2**lower if place else whole
            return below if last else below % 2**self.bits
        below = scaled(x, -self.unit - lower).floor()
        if not last:
            below = below - scaled(x, -self.unit - lower - self.bits).floor() * 2.0**self.bits
            if self.bits * self.digits - lower > _POWERS:  # too large for a double: then it is 0
                below = pl.when(below.is_finite()).then(below).otherwise(0.0)
        return pl.when(x.is_finite()).then(below).otherwise(0.0).cast(pl.Int64)  # type: ignore[no-any-return]  # loaded late


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a column, or two, are added up.

    Attributes:
        moments: What is asked of them.
        cuts: By name.
        kept: The digits that are not 0 in every row, as ``x0``.
        odd: Whether any number is not finite.
        every: Whether every row counts.
        rows: How many bits tell the rows of a range.
    """

    moments: Moments
    cuts: Mapping[str, Cut]
    kept: frozenset[str]
    odd: bool
    every: bool
    rows: int

    @property
    def lift(self) -> Lift:
        """The algebra of the whole numbers that are added up, over rows of digits."""
        made = self._sums()
        return Lift(
            lambda _pl: made,
            dict.fromkeys(made, 0),
            lambda _pl, a, b: {name: a[name] + b[name] for name in made},
            lambda _pl, s: s,
            "difference",
        )

    def _sums(self) -> dict[str, pl.Expr]:
        pl = require("polars", PURPOSE)
        made = {"n": pl.lit(1, pl.Int64) if self.every else pl.col("n")}
        made |= {name: pl.col(name) for name in sorted(self.kept)}
        for name in self.moments.products:
            one, other = (self.cuts[part] for part in name)
            for i in range(one.digits):
                for j in range(other.digits):
                    pair = f"{name[0]}{i}", f"{name[1]}{j}"
                    if self.kept.issuperset(pair):
                        own = pl.col(pair[0]) * pl.col(pair[1])
                        place = f"{name}{i + j}"
                        made[place] = made[place] + own if place in made else own
        return made | ({name: pl.col(name) for name in _ODD} if self.odd else {})

    def rounded(self, states: pl.DataFrame) -> pl.DataFrame:
        """Return what ``Moments.result`` reads, of the sums over some ranges."""
        pl = require("polars", PURPOSE)
        made = {"n": states["n"]}
        if self.moments.products:
            made |= self._spreads(states)
        else:
            cut = self.cuts["x"]
            made["sum"] = nearest(self._total(states, "x", cut.digits), cut.unit or 0)
        frame = pl.DataFrame([series.alias(name) for name, series in made.items()])
        return self._with_odd(frame, states) if self.odd else frame

    def _total(self, states: pl.DataFrame, name: str, digits: int) -> Wide:
        """Return what the number, or the product of two, adds up to."""
        bits = self.cuts[name[0]].bits
        size = bits * (digits + len(name) - 1) + digits.bit_length() + self.rows
        nothing = states["n"] * 0
        return Wide(
            [states.get_column(f"{name}{place}", default=nothing) for place in range(digits)],
            bits,
            size,
        )

    def _spreads(self, states: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the products of distances from the means, and what varies."""
        made = {}
        totals = {n: self._total(states, n, cut.digits) for n, cut in self.cuts.items()}
        for name in self.moments.products:
            one, other = (self.cuts[part] for part in name)
            both = self._total(states, name, one.digits + other.digits - 1)
            unit = (one.unit or 0) + (other.unit or 0)
            made[name], varies = spreads(both, states["n"], totals[name[0]], totals[name[1]], unit)
            if one is other:
                made[f"{name[0]} varies"] = varies
        return made

    def _with_odd(self, frame: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
        """Return ``frame`` as numbers that are not finite make it."""
        pl = require("polars", PURPOSE)
        ups, downs, unknown = (pl.lit(states[name]) > 0 for name in _ODD)
        if self.moments.products:
            wild = pl.when(ups | downs | unknown).then(float("nan"))
            return frame.with_columns(
                wild.otherwise(pl.col(name)).alias(name) for name in self.moments.products
            )
        total = (
            pl.when(unknown | (ups & downs))
            .then(float("nan"))
            .when(ups)
            .then(float("inf"))
            .when(downs)
            .then(-float("inf"))
        )
        return frame.with_columns(total.otherwise(pl.col("sum")).alias("sum"))


def scaled(x: pl.Expr, power: int) -> pl.Expr:
    """Return ``x`` times a power of two, also of one that no double holds."""
    part = max(min(power, _POWERS), -_POWERS)
    return x * 2.0**part if part == power else x * 2.0**part * 2.0 ** (power - part)


def laid_out(
    moments: Moments,
    arguments: Sequence[Any],
    frames: Sequence[pl.DataFrame],
    rows: int,
    counts: pl.Expr | None = None,
) -> tuple[Layout, list[pl.DataFrame]]:
    """Return how the rows of ``frames`` are added up, and their digits.

    Args:
        moments: What is asked.
        arguments: What was read of each row, as a spelling is given it.
        frames: Hold these columns.
        rows: How many there are in a range at most.
        counts: Which rows count; None: all do.
    """
    pl = require("polars", PURPOSE)
    values = moments.values(pl, *arguments)
    if counts is not None:
        values = {name: pl.when(counts).then(x) for name, x in values.items()}
    read = [frame.lazy().select(x.alias(n) for n, x in values.items()) for frame in frames]
    if len(values) > 1:
        read = [frame.collect(engine="in-memory").lazy() for frame in read]
    sizes = {name: _size(read, name) for name in values}
    cuts = _cuts(read, sizes, rows, products=bool(moments.products))
    odd, every = any(s.odd for s in sizes.values()), all(s.every for s in sizes.values())
    digits = [_digits(frame, cuts, odd=odd, every=every) for frame in read]
    names = [f"{name}{place}" for name, cut in cuts.items() for place in range(cut.digits)]
    if len(names) > _FEW:
        names = [name for name in names if any((frame[name] != 0).any() for frame in digits)]
    return Layout(moments, cuts, frozenset(names), odd, every, rows.bit_length()), digits


def _digits(
    read: pl.LazyFrame, cuts: Mapping[str, Cut], *, odd: bool, every: bool
) -> pl.DataFrame:  # fmt: skip
    """Return the digits of each row, and which rows count where not all do."""
    pl = require("polars", PURPOSE)
    made = [
        cut.digit(pl.col(name), place).alias(f"{name}{place}")
        for name, cut in cuts.items()
        for place in range(cut.digits)
    ]
    if not every:
        made.append(pl.col(next(iter(cuts))).is_not_null().cast(pl.Int64).alias("n"))
    if odd:
        x = pl.col("x")
        tests = (x == float("inf"), x == -float("inf"), x.is_nan())
        made += [
            test.fill_null(value=False).cast(pl.Int64).alias(name)
            for name, test in zip(_ODD, tests, strict=True)
        ]
    return read.select(made).collect().rechunk()  # made piece by piece, for less memory


@dataclass(frozen=True, slots=True)
class _Size:
    """What the numbers of a column are like.

    Attributes:
        bottom: No number has a bit below this power of two; of whole numbers the least one.
        top: All are less than this power of two; of whole numbers the greatest one.
        tight: Whether ``bottom`` is as high as can be.
        odd: Whether any is not finite.
        every: Whether none is null.
        whole: Whether they are whole numbers.
    """

    bottom: int | None
    top: int | None
    tight: bool
    odd: bool
    every: bool
    whole: bool


def _size(read: Sequence[pl.LazyFrame], name: str) -> _Size:
    pl = require("polars", PURPOSE)
    x, whole = pl.col(name), read[0].collect_schema()[name] == pl.Int64
    columns = [frame.select(name).collect()[name] for frame in read]
    every = not any(column.null_count() for column in columns)
    if every and not whole and sweeps.worth(sum(map(len, columns))):
        bottom, top, odd = sweeps.extent(columns)
        return _Size(bottom, top, tight=True, odd=odd, every=every, whole=whole)
    some = x if whole else pl.when(x.is_finite() & (x != 0)).then(x.abs())
    odd = pl.lit(value=False) if whole else ~x.is_finite().all()
    facts = some.min().alias("least"), some.max().alias("most"), odd.alias("odd")
    found = pl.concat([column.to_frame().select(facts) for column in columns])
    least, most = found["least"].min(), found["most"].max()
    if not whole and least is not None:
        least, most = max(frexp(least)[1] - _MANTISSA, _LEAST_UNIT), frexp(most)[1]
    return _Size(least, most, tight=whole, odd=found["odd"].any(), every=every, whole=whole)


def _cuts(
    read: Sequence[pl.LazyFrame], sizes: Mapping[str, _Size], rows: int, *, products: bool
) -> dict[str, Cut]:
    """Return how numbers are cut: into the fewest digits whose sums fit 64 bits."""
    digits, room = 0, _BITS - rows.bit_length()
    while True:
        digits += 1
        bits = (room - digits.bit_length()) // 2 if products else min(room, _MOST)
        cuts = {name: _cut(read, name, size, digits, bits) for name, size in sizes.items()}
        if None not in cuts.values():
            return {name: cut for name, cut in cuts.items() if cut is not None}


def _cut(
    read: Sequence[pl.LazyFrame], name: str, size: _Size, digits: int, bits: int
) -> Cut | None:
    """Return how numbers are cut into at most so many digits; None where they are too few."""
    if size.top is None or size.bottom is None:
        return Cut(1, bits, None if size.whole else 0)
    span = (size.top - size.bottom).bit_length() if size.whole else size.top - size.bottom
    many = max(-(-span // bits), 1)
    if size.whole:
        return Cut(many, bits, None, size.bottom) if many <= digits else None
    if digits <= _FEW and not size.tight:  # doubles may be whole numbers of far fewer bits
        for few in range(1, min(digits + 1, many)):
            if _all_whole(read, name, size.top - few * bits):
                return Cut(few, bits, size.top - few * bits)
    return Cut(many, bits, size.top - many * bits) if many <= digits else None


def _all_whole(read: Sequence[pl.LazyFrame], name: str, unit: int) -> bool:
    """Whether all finite numbers are whole ones of 2 ** ``unit``."""
    pl = require("polars", PURPOSE)
    x = pl.col(name)
    whole = ((scaled(scaled(x, -unit).floor(), unit) == x) | ~x.is_finite()).all()
    return all(frame.select(whole).collect().item() for frame in read)
