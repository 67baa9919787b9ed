"""The verbs of the catalog: connect, status, catalog, show, diff, history, publish and its undo."""

from __future__ import annotations

from featurekit.verbs import facts, view_facts
from featurekit.verbs.verb import Call, Facts, Verb, argument


def _connect(call: Call) -> Facts:
    call.session.connect(call.options.url)
    return facts.of_connection(call.workspace)


def _status(call: Call) -> Facts:
    return facts.of_connection(call.workspace)


def _catalog(call: Call) -> Facts:
    return facts.of_catalog(
        call.workspace, " ".join(call.options.query), call.options.tag, call.options.owner
    )


def _show(call: Call) -> Facts:
    return view_facts.of_view(call.workspace, call.options.name)


def _edit(call: Call) -> Facts:
    return view_facts.of_cell(call.workspace, call.options.name)


def _diff(call: Call) -> Facts:
    return view_facts.of_diff(call.workspace, call.options.name)


def _history(call: Call) -> Facts:
    return facts.of_history(call.workspace, call.options.name)


def _lineage(call: Call) -> Facts:
    return view_facts.of_lineage(call.workspace, call.options.name)


def _publish(call: Call) -> Facts:
    name = call.options.name
    published = None if call.options.dry_run else call.workspace.publication(name)
    return view_facts.of_publication(call.workspace, name, published)


def _deprecate(call: Call) -> Facts:
    call.workspace.deprecate(call.options.name, call.options.reason)
    return facts.of_history(call.workspace, call.options.name.partition("@")[0])


def _rollback(call: Call) -> Facts:
    call.workspace.rollback(call.options.name)
    return facts.of_history(call.workspace, call.options.name.partition("@")[0])


_NAME = argument("name", help="a view, or view@version")

VERBS = (
    Verb(
        "connect",
        "Open a catalog: a folder, or :memory:.",
        _connect,
        (argument("url", nargs="?", help="default: featurekit.toml, else ./catalog"),),
        "%fk connect",
    ),
    Verb("status", "Say what is connected and what it holds.", _status, (), "%fk status"),
    Verb(
        "catalog",
        "Search features by name, description, tag, column or owner.",
        _catalog,
        (
            argument("query", nargs="*"),
            argument("--tag"),
            argument("--owner"),
            argument("-i", dest="interactive", action="store_true", help="browse (in a notebook)"),
        ),
        "%catalog",
    ),
    Verb("show", "Show a view's card.", _show, (_NAME,), "%feature show"),
    Verb("edit", "Put a view's cell below, ready to edit.", _edit, (_NAME,), "%feature edit"),
    Verb("diff", "Compare a draft with what is published.", _diff, (_NAME,), "%feature diff"),
    Verb("history", "List a view's versions.", _history, (_NAME,), "%feature history"),
    Verb("lineage", "Trace features to source columns.", _lineage, (_NAME,), "%feature lineage"),
    Verb(
        "publish",
        "Give a draft its version; anyone can then use it.",
        _publish,
        (_NAME, argument("--dry-run", action="store_true", help="say what would happen")),
        "%feature publish",
    ),
    Verb(
        "deprecate",
        "Mark a version as not to be used anew.",
        _deprecate,
        (_NAME, argument("--reason", default="", help="what to use instead")),
        "%feature deprecate",
    ),
    Verb(
        "rollback",
        "Make an earlier version the current one.",
        _rollback,
        (argument("name", help="view@version to go back to"),),
        "%feature rollback",
    ),
)
