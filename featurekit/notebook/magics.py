"""The verbs as IPython magics. Each is thin: the line goes to ``verbs``, the facts become a card.

Lines are split by ``shlex`` there, not by IPython, and ``no_var_expand`` keeps ``{}`` and ``$``.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from featurekit.errors import FeatureError, ParityError
from featurekit.notebook.warming import warm

if TYPE_CHECKING:
    from collections.abc import Callable

    from featurekit.verbs import Session


def register(shell: Any) -> None:
    """Register the magics and their completion with ``shell``; a second time replaces the first."""
    from featurekit.notebook import completion

    magics = FeaturekitMagics(shell)
    shell.register_magics(magics)
    completion.install(shell, magics)


class Differs(ParityError):
    """FK590: training and serving gave different values; the card above shows where."""

    code = "FK590"

    def __init__(self, differences: int, compared: int) -> None:
        super().__init__(
            f"{differences:,} of {compared:,} compared values differ",
            why="a model would be served other values than it was trained on",
            fix="see the rows on the card above; %feature show NAME has the generated code",
        )


@magics_class
class FeaturekitMagics(Magics):
    """``%fk``, ``%entity``, … ``%parity``; one session, and one lock for cells and widgets."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.here: Any = shell
        self.lock = threading.RLock()
        self._session: Session | None = None
        self.pending_cell: str | None = None

    @property
    def session(self) -> Session:
        """The session, made when the first verb runs: loading the extension stays quick."""
        if self._session is None:
            from featurekit.verbs import Session

            self._session = Session()
        return self._session

    def display(self, shown: dict[str, Any]) -> None:
        """Publish one output of the running cell."""
        self.here.display_pub.publish(shown)

    def live(self, first: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
        """Publish an output and return what replaces it in place."""
        here = {"display_id": uuid4().hex}
        publish = self.here.display_pub.publish
        publish(first, transient=here)
        return lambda shown: publish(shown, transient=here, update=True)

    def facts(self, magic: str, line: str, cell: str | None) -> dict[str, Any]:
        """Run one verb under the lock, with a progress bar, and return its facts.

        Raises:
            FeatureError: whatever the verb refuses.
        """
        from featurekit.notebook.progress import ProgressBar, shown

        with self.lock, shown(ProgressBar(self.live)) as bar:
            self.session.progress = bar
            try:
                return self.ask(magic, line, cell)
            finally:
                self.session.progress = None

    def ask(self, magic: str, line: str, cell: str | None = None) -> dict[str, Any]:
        """Run one verb and return its facts; nothing is shown.

        Raises:
            FeatureError: whatever the verb refuses.
        """
        from featurekit import verbs

        with self.lock:
            return verbs.run_line(self.session, magic, line, cell, self.here.user_ns)

    def run(self, magic: str, line: str, cell: str | None = None) -> dict[str, Any]:
        """Run one verb and show its card; an error is shown as its card and raised."""
        from featurekit.notebook import cards

        try:
            facts = self.facts(magic, line, cell)
        except FeatureError as error:
            self.show_error(error)
            raise
        if facts["kind"] == "connected":
            warm()
        if facts.get("frame_name") and "_frame" in facts:
            self.here.push({str(facts["frame_name"]): facts["_frame"]})
        self.here.push(facts.get("_frames") or {})
        self.display(cards.bundle(facts))
        return facts

    def show_error(self, error: FeatureError) -> None:
        """Show the card of ``error`` where HTML can be seen; a terminal has the text already."""
        from featurekit.notebook import errors_card

        if hasattr(self.here, "kernel"):
            self.display(errors_card.bundle(error))

    @no_var_expand
    @line_cell_magic
    def fk(self, line: str, cell: str | None = None) -> None:
        """%fk connect [CATALOG] | help | status | build."""
        verb, _, rest = line.strip().partition(" ")
        if verb == "build":
            self.build(rest)
        else:
            self.run("fk", line if verb else "help", cell)

    @no_var_expand
    @line_cell_magic
    def entity(self, line: str, cell: str | None = None) -> None:
        """%entity NAME KEY:TYPE…: what features are properties of."""
        self.run("entity", line, cell)

    @no_var_expand
    @line_cell_magic
    def source(self, line: str, cell: str | None = None) -> None:
        """%source NAME DATA --entity … --time …: where rows come from."""
        self.run("source", line, cell)

    @no_var_expand
    @line_cell_magic
    def vocabulary(self, line: str, cell: str | None = None) -> None:
        """%vocabulary NAME CANONICAL=ALIAS,…: which spellings mean the same."""
        self.run("vocabulary", line, cell)

    @no_var_expand
    @line_cell_magic
    def feature(self, line: str, cell: str | None = None) -> None:
        """%%feature NAME --from SOURCE …: define a view; %feature show|edit|diff|… NAME."""
        facts = self.run("feature", line, cell)
        if isinstance(facts.get("cell"), str):
            self.here.set_next_input(facts["cell"], replace=False)

    @no_var_expand
    @line_cell_magic
    def label(self, line: str, cell: str | None = None) -> None:
        """%%label NAME --from SOURCE …: define what is to be predicted, from what comes."""
        self.run("label", line, cell)

    def build(self, line: str) -> None:
        """Open the feature builder; a cell that its page could not insert is inserted now."""
        from featurekit.errors import UsageError
        from featurekit.notebook.live import anchored

        if line.strip():
            error = UsageError(f"%fk build takes no arguments: {line.strip()}", fix="%fk build")
            self.show_error(error)
            raise error
        if self.pending_cell is not None:
            text, self.pending_cell = self.pending_cell, None
            self.here.set_next_input(text, replace=False)
            return
        from featurekit.notebook.builder_widget import BuilderWidget

        with self.lock:
            widget = BuilderWidget(self.session.workspace, self.lock, self.keep_cell)
        facts = self.ask("fk", "build")
        self.display(anchored(facts, widget.anchor))

    def keep_cell(self, text: str) -> None:
        """Keep a cell's text that the browser could not insert, for the next ``%fk build``."""
        self.pending_cell = text

    def browse(self, line: str) -> None:
        """Show the catalog's card with the live browser in its place."""
        from featurekit.notebook.live import anchored

        try:
            facts = self.facts("catalog", line, None)
        except FeatureError as error:
            self.show_error(error)
            raise
        from featurekit.notebook.catalog_widget import CatalogWidget

        widget = CatalogWidget(facts, self.ask, self.lock, line)
        self.display(anchored(facts, widget.anchor))

    @no_var_expand
    @line_cell_magic
    def catalog(self, line: str, cell: str | None = None) -> None:
        """%catalog [QUERY] [--tag …] [-i]: what exists."""
        words = line.split()
        if "-i" in words:
            self.browse(" ".join(word for word in words if word != "-i"))
        else:
            self.run("catalog", line, cell)

    @no_var_expand
    @line_cell_magic
    def featureset(self, line: str, cell: str | None = None) -> None:
        """%%featureset NAME --owner …: the features a model uses, a line each."""
        self.run("featureset", line, cell)

    @no_var_expand
    @line_cell_magic
    def trainset(self, line: str, cell: str | None = None) -> None:
        """%trainset SET --spine … --time … --out NAME: point-in-time rows for training."""
        self.run("trainset", line, cell)

    @no_var_expand
    @line_cell_magic
    def split(self, line: str, cell: str | None = None) -> None:
        """%split FRAME --time … --train 0.8 --test 0.2 --out NAME: parts by time, embargoed."""
        self.run("split", line, cell)

    @no_var_expand
    @line_cell_magic
    def materialize(self, line: str, cell: str | None = None) -> None:
        """%materialize SET --as-of … --out scores.parquet: answers as of a moment; store.sqlite."""
        self.run("materialize", line, cell)

    @no_var_expand
    @line_cell_magic
    def export(self, line: str, cell: str | None = None) -> None:
        """%export SET --to DIR --target python [--dry-run]: the package engineers get."""
        self.run("export", line, cell)

    @no_var_expand
    @line_cell_magic
    def parity(self, line: str, cell: str | None = None) -> None:
        """%parity SET [--rows N]: training against serving; a difference raises."""
        facts = self.run("parity", line, cell)
        if facts["differences"]:
            raise Differs(facts["differences"], facts["compared"])

    @no_var_expand
    @line_cell_magic
    def replay(self, line: str, cell: str | None = None) -> None:
        """%replay LOG --set SET: ask again what a package logged, and say what differs now."""
        self.run("replay", line, cell)
