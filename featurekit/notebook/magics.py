"""The verbs as IPython magics. Each is thin: the line goes to ``verbs``, the facts become a card.

Lines are split by ``shlex`` there, not by IPython, and ``no_var_expand`` keeps ``{}`` and ``$``.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from featurekit.errors import FeatureError

if TYPE_CHECKING:
    from featurekit.verbs import Session


def register(shell: Any) -> None:
    """Register the magics and their completion with ``shell``; a second time replaces the first."""
    from featurekit.notebook import completion

    magics = FeaturekitMagics(shell)
    shell.register_magics(magics)
    completion.install(shell, magics)


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

    def facts(self, magic: str, line: str, cell: str | None) -> dict[str, Any]:
        """Run one verb under the lock, with a progress bar, and return its facts.

        Raises:
            FeatureError: whatever the verb refuses.
        """
        from featurekit import verbs
        from featurekit.notebook.progress import ProgressBar, shown

        with self.lock, shown(ProgressBar(_live)) as bar:
            self.session.progress = bar
            try:
                return verbs.run_line(self.session, magic, line, cell, self.here.user_ns)
            finally:
                self.session.progress = None

    def run(self, magic: str, line: str, cell: str | None = None) -> dict[str, Any] | None:
        """Run one verb and show its card; an error is shown as its card and raised."""
        from featurekit.notebook import cards

        try:
            facts = self.facts(magic, line, cell)
        except FeatureError as error:
            self.show_error(error)
            raise
        if facts.get("frame_name") and "_frame" in facts:
            self.here.push({str(facts["frame_name"]): facts["_frame"]})
        _display(cards.bundle(facts))
        return facts

    def show_error(self, error: FeatureError) -> None:
        """Show the card of ``error`` where HTML can be seen; a terminal has the text already."""
        from featurekit.notebook import errors_card

        if hasattr(self.here, "kernel"):
            _display(errors_card.bundle(error))

    @no_var_expand
    @line_cell_magic
    def fk(self, line: str, cell: str | None = None) -> None:
        """%fk connect [CATALOG] | help | status | build."""
        verb, _, rest = line.strip().partition(" ")
        if verb == "build":
            self._build(rest)
        else:
            self.run(f"fk {verb or 'help'}", rest, cell)

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
        if facts is not None and isinstance(facts.get("cell"), str):
            self.here.set_next_input(facts["cell"], replace=False)

    @no_var_expand
    @line_cell_magic
    def catalog(self, line: str, cell: str | None = None) -> None:
        """%catalog [QUERY] [--tag …] [-i]: what exists."""
        import shlex

        words = line.split()
        if "-i" in words:
            self._browse(shlex.join([word for word in words if word != "-i"]))
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
    def export(self, line: str, cell: str | None = None) -> None:
        """%export SET --to DIR --target python [--dry-run]: the package engineers get."""
        self.run("export", line, cell)

    @no_var_expand
    @line_cell_magic
    def parity(self, line: str, cell: str | None = None) -> None:
        """%parity SET [--rows N]: training against serving, value by value."""
        self.run("parity", line, cell)


def _display(shown: dict[str, Any]) -> None:
    from IPython.display import publish_display_data

    publish_display_data(shown)


def _live(first: dict[str, Any]) -> Any:
    """Show ``first`` and return what replaces it in place."""
    from uuid import uuid4

    from IPython.display import publish_display_data

    here = {"display_id": uuid4().hex}
    publish_display_data(first, transient=here)
    return lambda shown: publish_display_data(shown, transient=here, update=True)
