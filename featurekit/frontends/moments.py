"""Moments as people write them: ISO 8601 with an offset."""

from __future__ import annotations

import datetime as dt

from featurekit.errors.materializing import BadMoment


def moment_of(given: object, option: str) -> dt.datetime:
    """Return a moment in UTC; ``option`` is where it was given.

    Raises:
        BadMoment: FK250, for what is no moment, and for one that does not say its zone.
    """
    found = given
    if isinstance(given, str):
        try:
            found = dt.datetime.fromisoformat(given.strip())
        except ValueError:
            raise BadMoment(given[:60], "is no moment", option) from None
    if not isinstance(found, dt.datetime):
        raise BadMoment(str(given)[:60], "is no moment", option)
    if found.utcoffset() is None:
        meant = f"{found.isoformat()}Z"
        raise BadMoment(str(given)[:60], "does not say its zone", option, meant)
    try:
        return found.astimezone(dt.UTC)
    except OverflowError:
        raise BadMoment(str(given)[:60], "lies outside of the calendar", option) from None


def written_moment(at: dt.datetime) -> str:
    """Return a moment as text: ``2024-06-01T00:00:00Z``."""
    return at.isoformat().replace("+00:00", "Z")
