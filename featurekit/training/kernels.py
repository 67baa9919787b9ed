"""Loops over rows that numba compiles; plain Python on arrays, so that they can be read and run.

A loop over ranges holds the rows [begin, end) of one of them and moves both ends to the next
one's: ranges that advance, as windows of an entity's questions do, cost one step a row. Where fewer
rows would stay than go it begins anew, so any ranges do, and none costs more than its rows.
Ranges with low >= high are empty. ``present`` tells the rows that count; it is empty when all do.
"""

from __future__ import annotations

from typing import Any

STEPS = 8  # how far is searched row by row before steps double
RUN = 16  # how many rows are sorted by insertion


def added(x: Any, low: Any, high: Any, found: Any) -> None:
    """Write what the whole numbers ``x`` of each range add up to."""
    begin = end = total = 0
    for q in range(len(low)):
        first, last = low[q], high[q]
        if first >= last:
            found[q] = 0
            continue
        if abs(first - begin) + abs(last - end) > last - first:
            begin = end = first
            total = 0
        while end < last:
            total, end = total + x[end], end + 1
        while begin < first:
            total, begin = total - x[begin], begin + 1
        while begin > first:
            total, begin = total + x[begin - 1], begin - 1
        while end > last:
            total, end = total - x[end - 1], end - 1
        found[q] = total


def spread(
    both: Any, one: Any, other: Any, n: Any, base: float, found: Any, sure: Any
) -> None:  # fmt: skip
    """Write the doubles nearest to n times ``both`` less ``one`` times ``other``, and which are.

    ``both``, ``one`` and ``other`` are digits of whole numbers to a ``base``, a row each. Two
    doubles hold every number, their sum is it but for some 2**-100 of its size; where that could
    make another double nearest it is not ``sure``.
    Source: Dekker, A floating-point technique for extending the available precision (1971).
    """

    def held(digits: Any, q: int) -> Any:
        upper = lower = size = 0.0
        for place in range(len(digits) - 1, -1, -1):
            upper, lower, size = upper * base, lower * base, size * base
            digit = digits[place, q]
            near = digit * 1.0
            total = upper + near
            part = total - upper
            lower += (upper - (total - part)) + (near - part) + (digit - int(near)) * 1.0
            upper = total + lower
            lower -= upper - total
            size += abs(near)
        return upper, lower, size

    def times(a: float, b: float) -> Any:
        upper = a * b
        one, other = a * 134217729.0, b * 134217729.0
        one, other = one - (one - a), other - (other - b)
        rest, more = a - one, b - other
        return upper, ((one * other - upper) + one * more + rest * other) + rest * more

    for q in range(len(n)):
        found[q], sure[q] = 0.0, True
        count = n[q] * 1.0
        if count < 2.0:  # noqa: PLR2004  a number is its own mean
            continue
        all_upper, all_lower, most = held(both, q)
        upper, lower, size = held(one, q)
        upper2, lower2, size2 = held(other, q)
        first, rest = times(count, all_upper)
        second, less = times(upper, upper2)
        rest += count * all_lower
        less += upper * lower2 + lower * upper2
        total = first - second
        part = total - first
        lost = ((first - (total - part)) - (second + part)) + (rest - less)
        nearest = total + lost
        lost -= nearest - total
        doubt = 2.0**-94 * (count * most + size * size2)
        found[q] = nearest
        sure[q] = nearest + (lost + doubt) == nearest == nearest + (lost - doubt)


def extent(x: Any, found: Any) -> None:
    """Lower and raise the powers of two in ``found`` to those of the bits in ``x``; count the rest.

    ``x`` are doubles as whole numbers of the same bits; [least bit, above the greatest, how many
    are not finite] is ``found``.
    """
    low, high, odd = found[0], found[1], found[2]
    for row in range(len(x)):
        exponent = (x[row] >> 52) & 2047
        bits = x[row] & (2**52 - 1)
        if exponent == 2047:  # noqa: PLR2004  of infinities and NaN
            odd += 1
            continue
        if exponent:
            bits |= 2**52
        elif bits:
            exponent = 1
        else:
            continue
        exponent -= 1075
        high = max(high, exponent + 53)
        if exponent < low and (low - exponent > 52 or bits & ((1 << (low - exponent)) - 1)):  # noqa: PLR2004  bits of a double
            while not bits & 1:
                bits >>= 1
                exponent += 1
            low = min(low, exponent)
    found[0], found[1], found[2] = low, high, odd


def extremes(
    x: Any, present: Any, high: Any, lows: Any, greatest: bool, queue: Any, at: Any
) -> None:  # fmt: skip
    """Write to ``at`` where the ``greatest`` (or least) ``x`` of each range lies, -1: nowhere.

    Shapes: ``lows`` and ``at`` hold ranges that end alike, a row each.
    NaN is greater than every number. ``queue`` has room for twice the longest range.
    Source: the monotonic queue, that is the rows that no later row of the range surpasses.
    """
    begin = end = head = tail = 0
    every = len(present) == 0
    for q in range(len(high)):
        last = high[q]
        first = lows[:, q].min()
        if first >= last:
            at[:, q] = -1
            continue
        if first < begin or last < end or 2 * first >= begin + end:
            end = first
            head = tail = 0
        begin = first
        while head < tail and queue[head] < first:
            head += 1
        while end < last:
            if every or present[end]:
                v = x[end]
                while head < tail:
                    old = x[queue[tail - 1]]
                    if not (v >= old or v != v if greatest else v <= old or old != old):  # noqa: PLR0124  NaN
                        break
                    tail -= 1
                if tail == len(queue):
                    queue[: tail - head] = queue[head:tail]
                    tail -= head
                    head = 0
                queue[tail] = end
                tail += 1
            end += 1
        for one in range(len(lows)):
            place, above = head, tail
            while place < above:
                middle = (place + above) // 2
                behind = queue[middle] < lows[one, q]
                place, above = (middle + 1, above) if behind else (place, middle)
            at[one, q] = queue[place] if place < tail else -1


def searched(times: Any, begins: Any, code: Any, moment: Any, before: Any) -> None:
    """Write where the first row of each ``code`` lies whose time is not before ``moment``.

    Rows of code c lie from ``begins[c]`` to the next, in order of time. Moments that advance find
    their place close to the one before.
    Source: Bentley and Yao, An almost optimal algorithm for unbounded searching (1976).
    """
    low = 0
    for q in range(len(code)):
        first, last, needle = begins[code[q]], begins[code[q] + 1], moment[q]
        if low <= first or low > last or times[low - 1] >= needle:
            low = first
        high = min(low + STEPS, last)
        while low < high and times[low] < needle:
            low += 1
        step = STEPS
        if low == high:
            while high < last and times[high] < needle:
                low = high + 1
                high += step
                step *= 2
        high = min(high, last)
        while low < high:
            middle = (low + high) // 2
            if times[middle] < needle:
                low = middle + 1
            else:
                high = middle
        before[q] = low


def latest_so_far(known: Any, begin: Any, end: Any, latest: Any) -> None:
    """Write to ``latest`` the greatest of ``known`` in [begin, row] for each row of a range."""
    for group in range(len(begin)):
        for row in range(begin[group], end[group]):
            latest[row] = known[row]
            if row > begin[group] and latest[row - 1] > known[row]:
                latest[row] = latest[row - 1]


def looked_up(key: Any, first: Any, slots: Any, otherwise: Any, found: Any) -> None:
    """Write the entry of ``slots`` for each ``key``, of which ``first`` has the first."""
    for row in range(len(key)):
        slot = key[row] - first
        found[row] = slots[slot] if key[row] >= first and slot < len(slots) else otherwise


def counted(code: Any, begins: Any) -> None:
    """Write to ``begins`` where each code's rows begin; it is zero and has two places more."""
    for row in range(len(code)):
        begins[code[row] + 1] += 1
    for one in range(1, len(begins)):
        begins[one] += begins[one - 1]


def grouped(code: Any, place: Any, order: Any) -> None:
    """Write to ``order`` the rows by ``code``, those of each code in the order in which they lie.

    ``place`` says where each code begins, and is counted on.
    Source: Knuth, TAOCP 3, 5.2, algorithm D (distribution counting).
    """
    for row in range(len(code)):
        if code[row] < len(place) - 1:
            order[place[code[row]]] = row
            place[code[row]] += 1


def scattered(x: Any, code: Any, place: Any, found: Any) -> None:
    """Write to ``found`` each ``x`` by ``code``, as ``grouped`` writes the rows."""
    for row in range(len(x)):
        if code[row] < len(place) - 1:
            found[place[code[row]]] = x[row]
            place[code[row]] += 1


def falls(x: Any) -> int:
    """Return how many ``x`` are less than the one before."""
    found = 0
    for at in range(1, len(x)):
        found += x[at - 1] > x[at]
    return found


def taken(x: Any, row: Any, found: Any) -> None:
    """Write ``x`` of each ``row``."""
    for at in range(len(row)):
        found[at] = x[row[at]]


def rising(order: Any, times: Any, others: Any, moments: Any, begin: Any, end: Any) -> None:
    """Sort ``times`` within each range, and ``order`` with them; equal ones stay as they lie.

    ``others`` and ``moments`` are as long, and overwritten.
    Source: Knuth, TAOCP 3, 5.2.4 (merging runs of doubling size).
    """
    for group in range(len(begin)):
        first, last = begin[group], end[group]
        for low in range(first, last, RUN):
            for at in range(low + 1, min(low + RUN, last)):
                row, moment, hole = order[at], times[at], at
                while hole > low and times[hole - 1] > moment:
                    order[hole], times[hole] = order[hole - 1], times[hole - 1]
                    hole -= 1
                order[hole], times[hole] = row, moment
        width = RUN
        while width < last - first:
            for low in range(first, last, 2 * width):
                middle, high = min(low + width, last), min(low + 2 * width, last)
                if middle == high or times[middle - 1] <= times[middle]:
                    continue
                for at in range(low, middle):
                    others[at], moments[at] = order[at], times[at]
                one, other, at = low, middle, low
                while one < middle:
                    if other == high or moments[one] <= times[other]:
                        order[at], times[at] = others[one], moments[one]
                        one += 1
                    else:
                        order[at], times[at] = order[other], times[other]
                        other += 1
                    at += 1
            width *= 2


def quantiles(
    rows: Any, base: Any, size: Any, low: Any, high: Any, own: Any, n: Any, found: Any
) -> None:  # fmt: skip
    """Write how many values there are in each range, and a quantile of them.

    ``rows`` are the values, which of them count, where each lies in its entity's order by value,
    and that order; an entity's ``size`` rows begin at ``base``. ``own`` is the quantile's share and
    a tree, zero and longer than any entity, that counts by rank the rows which the range holds.
    Source: Fenwick, A new data structure for cumulative frequency tables (1994).
    """
    x, present, ranks, order = rows
    share, tree = own

    def moved(rank: int, size: int, by: int) -> None:
        at = rank + 1
        while at <= size:
            tree[at] += by
            at += at & -at

    def ranked(count: int, size: int) -> int:
        at, step = 0, 1
        while 2 * step <= size:
            step *= 2
        while step:
            if at + step <= size and tree[at + step] <= count:
                at += step
                count -= tree[at]
            step //= 2
        return at

    begin = end = held = origin = count = 0
    every = len(present) == 0
    for q in range(len(low)):
        first, last = low[q], high[q]
        anew = first >= end or first < begin or last < end or base[q] != origin
        while begin < end and (anew or begin < first):
            if every or present[begin]:
                moved(ranks[begin], count, -1)
                held -= 1
            begin += 1
        if anew:
            begin = end = first
            origin, count = base[q], size[q]
        while end < last:
            if every or present[end]:
                moved(ranks[end], count, 1)
                held += 1
            end += 1
        n[q] = held
        if held:
            place = (held - 1) * share
            below, part = int(place), place - int(place)
            one = x[order[origin + ranked(below, count)]]
            other = x[order[origin + ranked(min(below + 1, held - 1), count)]]
            if part and one != other:
                one = one * (1.0 - part) + other * part
            found[q] = one + 0.0
