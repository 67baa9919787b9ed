"""``--fresh``: when serving refreshes its answers, and where that cannot be said."""

from __future__ import annotations

from featurekit.errors.definition import BadOption
from featurekit.errors.names import UnknownZone
from featurekit.frontends.scope import Header
from featurekit.frontends.zones import is_zone, zones
from featurekit.ir.definitions import SourceKind
from featurekit.ir.schedules import EXAMPLES, At, Schedule, parse_schedule
from featurekit.ir.view import Grain, View

_OPTION = "--fresh"


def schedule(header: Header) -> Schedule | None:
    """Return the schedule that the header says; None for ``realtime``.

    Raises:
        DefinitionError: FK118 a zone that does not exist, FK151 what is no schedule.
    """
    if header.fresh.strip().lower() == "realtime":
        return None
    found = parse_schedule(header.fresh)
    if found is None:
        why = (
            "it is realtime, or says when serving refreshes its answers: an interval that divides "
            "a day, or a time of day with its zone"
        )
        fix = f"{_OPTION} one of {', '.join(map(repr, EXAMPLES))}"
        raise BadOption(_OPTION, header.fresh, why, fix)
    if isinstance(found, At) and not is_zone(found.zone):
        raise UnknownZone(found.zone, zones(), _OPTION)
    return found


def check_schedule(view: View, text: str) -> None:
    """Refuse a schedule where no answer can be computed before the question is known.

    Raises:
        DefinitionError: FK151.
    """
    if view.fresh is None:
        return
    if view.uses:
        why = "a derived view combines answers when it is asked, each as fresh as its own view"
        fix = f"{_OPTION} on the views that it uses"
    elif view.source is not None and view.source.kind is SourceKind.REQUEST:
        why = "a request is scored when it comes, and nothing of it is known before"
        fix = f"leave {_OPTION} out"
    elif view.requests:
        names = " and ".join(source.name for source in view.requests)
        why = f"it reads {names}, which comes with the question"
        fix = f"{_OPTION} on a view of the windows alone; {names} in a second that derives from it"
    elif view.grain is Grain.ROW:
        why = "a row in hand is scored when it happens, and nothing of it is known before"
        fix = f"{_OPTION} on a view per entity, and this one derived from it"
    else:
        return
    raise BadOption(_OPTION, text, why, fix)
