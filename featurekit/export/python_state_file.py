"""``state.py`` and ``tracks.py`` of a version: the window states of its streams."""

from __future__ import annotations

import re
from collections.abc import Mapping

from featurekit.backends.python_layout import laid_out
from featurekit.backends.python_module import Module
from featurekit.backends.python_operators import copied, import_lines
from featurekit.backends.python_places import Lengths
from featurekit.backends.python_sources import Definition, Imported
from featurekit.backends.python_state import StateCode
from featurekit.backends.python_state_tracks import TrackNames
from featurekit.backends.python_syntax import documented, row_type
from featurekit.backends.python_view import ViewCode
from featurekit.export.python_plan import Plan
from featurekit.export.python_streams import own_stream

_TRACKS = "featurekit.backends.tracks"
_BY_WORD = {
    "Any": Imported("typing", "Any", "Any"),
    "Callable": Imported("collections.abc", "Callable", "Callable"),
    "Sequence": Imported("collections.abc", "Sequence", "Sequence"),
    "bisect_left": Imported("bisect", "bisect_left", "bisect_left"),
    "Decimal": Imported("decimal", "Decimal", "Decimal"),
    "dt": Imported("datetime", None, "dt"),
    "math": Imported("math", None, "math"),
    "unicodedata": Imported("unicodedata", None, "unicodedata"),
}


def state_file(
    plan: Plan, module: Module, codes: Mapping[str, ViewCode], head: str
) -> dict[str, str]:
    """Return the files of window states, by name; none where no view needs them."""
    streams = {stream.place: stream for stream in plan.streams}
    names, lengths = TrackNames(), Lengths()
    classes: list[str] = []
    for place, name in plan.states.items():
        told = [
            codes[reference]
            for reference in plan.order
            if codes[reference].answering and own_stream(plan.views[reference]) == place
        ]
        source, keys = place
        said = f"{streams[place].source.name} by {', '.join(keys)}"
        classes.append(StateCode(module, name, source, said, told, names, lengths).text)
    if not classes:
        return {}
    constants = ["\n".join(lengths.lines)] if lengths.lines else []
    body = laid_out("\n\n\n".join([*constants, *classes]))
    title = f"Window states of {plan.spec.set.name}: what its features need of each history."
    title = f'"""{documented(title)}\n\n{_ABOUT}"""'
    imports = {one for word, one in _BY_WORD.items() if _says(body, word)}
    known = {"Request", *(row_type(source) for source in plan.sources)}
    kinds = sorted(word for word in known if _says(body, word))
    beside = [w for w in ("operators", "tracks", "views", "windows") if f"{w}." in body]
    relative = [
        "from ..histories import State",
        "from ..store import Entry",
        f"from . import {', '.join(beside)}",
        f"from .contract import {', '.join(kinds)}",
    ]
    future, gap = "from __future__ import annotations", "" if constants else "\n"
    parts = [head, title, "", future, "", import_lines(imports), "", *relative, gap, body]
    return {"state.py": "\n".join(parts) + "\n", "tracks.py": _tracks(body, head)}


_ABOUT = """\
A state takes in rows as they come, in any order, and answers for any moment what the function of
the same name in ``views.py`` answers of all the rows. It is made of the rows in the store: it is
dropped and made again at will, and a later version makes its own of the same rows.
"""


def _says(text: str, word: str) -> bool:
    return re.search(rf"\b{word}\b", text) is not None


def _tracks(states: str, head: str) -> str:
    """Return what the states are built of."""
    used = sorted(set(re.findall(r"\btracks\.(\w+)", states)))
    copies = copied(Definition(_TRACKS, name) for name in used)
    title = (
        '"""What windows rest on: the values of rows, and what is known of stretches of them."""'
    )
    future = "from __future__ import annotations"
    imports = import_lines(copies.imports)
    gap = "\n\n" if copies.text.startswith(("def ", "class ")) else "\n"
    return "\n".join([head, title, "", future, "", imports, gap + copies.text]) + "\n"
