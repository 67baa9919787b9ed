"""The rows that ``get`` of a package fetches, and what it hands to each view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from featurekit.backends.python_joins import joined_sources, rows_function
from featurekit.backends.python_syntax import Names, quoted
from featurekit.backends.python_view import ViewCode
from featurekit.export.python_streams import Place, StreamSpec, own_stream
from featurekit.ir.view import View, moment_column


class Fetching:
    """Histories by stream and moment, each fetched once.

    Attributes:
        lines: The lines of ``get`` that fetch: states, and functions from a key to its rows.
        by_key: Whether some are fetched by keys that only the views know.
        timeless: Whether one is asked at a moment that may be null.

    Args:
        views: The views, in the order of their computation.
        every: The streams.
        kinds: What the class of a stream's states is called.
        taken: Names that are not free.
    """

    def __init__(
        self,
        views: Mapping[str, View],
        every: Sequence[StreamSpec],
        kinds: Mapping[Place, str],
        taken: Sequence[str],
    ) -> None:
        self.lines: list[str] = []
        self.timeless = False
        self._views = views
        self._streams = {stream.place: stream for stream in every}
        self._kinds = kinds
        self._names = Names(taken)
        self._locals: dict[tuple[Place, str, bool], str] = {}
        self._given = {reference: self._arguments(view) for reference, view in views.items()}
        self.by_key = any(by_key for _, _, by_key in self._locals)

    def given(self, reference: str, codes: Mapping[str, ViewCode]) -> str:
        """Return what the function of a view is called with."""
        view = self._views[reference]
        if view.source is None:
            used = ", ".join(f"{quoted(n)}: {n}" for n in (codes[r].function for r in view.uses))
            return f"{{{used}}}, asked, moment"
        first, *joined = self._given[reference]
        rows = "None" if first == "None" else f"{first}.rows"
        return ", ".join([rows, "asked", "moment", *joined])

    def state(self, reference: str) -> str:
        """Return the local that holds the state of a view's own rows."""
        return self._given[reference][0]

    def called(self, reference: str, codes: Mapping[str, ViewCode]) -> str:
        """Return the call that answers a view: of the state of its rows, or of its function."""
        code = codes[reference]
        if code.answering is None:
            return f"views.{code.function}({self.given(reference, codes)})"
        state, *joined = self._given[reference]
        return f"{state}.{code.function}({', '.join(['asked', 'moment', *joined])})"

    def _arguments(self, view: View) -> list[str]:
        column = moment_column(view) if view.scores_rows else None
        when = column.name if column else ""
        own = own_stream(view)
        first = self._local(own, when, by_key=False) if own else "None"
        joined = [self._local(place, when, by_key=True) for place in joined_sources(view)]
        self.timeless |= bool(own or joined) and column is not None and not column.required
        return [first, *joined]

    def _local(self, place: Place, column: str, *, by_key: bool) -> str:
        """Return the local that holds the rows of a key, or a function from a key to its rows.

        ``column`` is the one that says when the row in hand is asked; without any it is now.
        """
        moment = f"asked[{quoted(column)}]" if column else "moment"
        found = (place, moment, by_key)
        if found not in self._locals:
            stream = self._streams[place]
            source, keys = place
            name = stream.constant.lower() + ("_rows" if by_key else "")
            local = self._names.new(name + (f"_at_{column}" if column else ""))
            kind = self._kinds.get(place, "State")
            if by_key:
                found_by = rows_function(source, keys, "contract.")
                fetched = f"_by_key(histories, {stream.constant}, {kind}, {moment})"
                self.lines.append(f"{local}: {found_by} = {fetched}")
            else:
                key = ", ".join(f"who[{quoted(name)}]" for name in keys)
                fetched = f"_state(histories, {stream.constant}, ({key},), {kind}, {moment})"
                self.lines.append(f"{local} = {fetched}")
            self._locals[found] = local
        return self._locals[found]
