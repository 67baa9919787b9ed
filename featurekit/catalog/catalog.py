"""The catalog: meaning gets a name, a version and an owner, and keeps them.

Everything is one append-only log (``ledger``); every method reads what is new first, and any thread
may call it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from featurekit.catalog import resolving, searching, sets
from featurekit.catalog.log import decode_draft, encode_draft, same_draft
from featurekit.catalog.names import checked_name, refuse_taken
from featurekit.catalog.publishing import equals, publication
from featurekit.catalog.records import (
    Deprecated,
    Draft,
    MadeCurrent,
    Metadata,
    Record,
    SetProfiled,
)
from featurekit.catalog.registry import Registry
from featurekit.catalog.state import Event, PublishedSet, PublishedView, State
from featurekit.catalog.versions import version_key
from featurekit.errors.catalog import (
    CorruptDraft,
    NothingEarlier,
    NothingToPublish,
    UnknownName,
)
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.view import View


class Catalog(Registry):
    """Definitions with names, versions and owners, on a store.

    Args:
        store: Where the log lies (``open_store``).
    """

    # --- drafts

    def save_draft(self, draft: Draft) -> None:
        """Keep ``draft`` as what its author wrote last; the same again changes nothing.

        Raises:
            InvalidName: FK301.
            NameTaken: FK302.
        """
        checked_name("view", draft.name)
        with self._lock:
            state = self._ledger.refresh()
            names = [("view", name) for name in {*state.views, *self.store.drafts()}]
            refuse_taken("view", draft.name, names + [("feature set", s) for s in state.sets])
            if not self._saved(draft):
                self.store.write_draft(draft.name, encode_draft(draft))

    def _saved(self, draft: Draft) -> bool:
        """Whether ``draft`` is what its author wrote last; a damaged file is not."""
        try:
            known = self.draft(draft.name)
        except CorruptDraft:
            return False
        return known is not None and same_draft(known, draft)

    def drafts(self) -> tuple[str, ...]:
        """Return the names of the drafts, sorted."""
        return self.store.drafts()

    def draft(self, name: str) -> Draft | None:
        """Return the draft of ``name``, or None.

        Raises:
            CorruptDraft: FK329.
        """
        known = self.store.drafts()
        name = name if name in known else name.lower()  # a view's name is kept in lower case
        content = self.store.read_draft(name) if name in known else None
        if content is None:
            return None
        return decode_draft(content, name, self.store.place(draft=name))

    def discard_draft(self, name: str) -> bool:
        """Forget the draft of ``name``; False when there was none."""
        return name in self.store.drafts() and self.store.delete_draft(name)

    # --- versions

    def publish(self, draft: Draft | str, at: str) -> PublishedView:
        """Make ``draft`` (or the saved draft of that name) a version, and the current one.

        The result says what changed against which version, and which other views mean the same.

        Raises:
            NothingToPublish: FK309.
            MissingOwner: FK306.
            UsesDraft: FK307.
            CatalogError: FK30x for names and uses, FK32x for the store.
        """
        wanted = self.draft(draft) if isinstance(draft, str) else draft
        if wanted is None:
            raise NothingToPublish(str(draft), self.drafts())
        checked_name("view", wanted.name)

        def decide(state: State) -> tuple[Sequence[Record], Callable[[State], PublishedView]]:
            names = [("view", n) for n in state.views] + [("feature set", n) for n in state.sets]
            refuse_taken("view", wanted.name, names)
            made = publication(state, wanted, self.drafts())

            def result(after: State) -> PublishedView:
                return replace(
                    after.views[wanted.name][made.version],
                    previous=made.previous,
                    change=made.change,
                    equal_to=made.equal_to,
                )

            return made.records, result

        with self._lock:
            published = self._ledger.write(at, decide)(self._ledger.refresh())
            if self._saved(wanted):  # what its author wrote since then stays
                self.discard_draft(wanted.name)
            return published

    def publish_set(
        self, name: str, lines: Sequence[str | tuple[str, str]], metadata: Metadata, at: str
    ) -> PublishedSet:
        """Make a feature set of ``lines``, pinned, a version.

        Args:
            name: The set's name.
            lines: ``view@2``, ``view@2:feature`` or ``("view@2", "feature")``.
            metadata: Owner (mandatory), description, tags.
            at: When, as ISO 8601.

        Raises:
            InvalidSet: FK310.
            MissingOwner: FK306.
            CatalogError: FK30x for names and references, FK32x for the store.
        """
        checked_name("feature set", name)

        def decide(state: State) -> tuple[Sequence[Record], str]:
            drafts = self.store.drafts()
            names = [("view", n) for n in {*state.views, *drafts}]
            refuse_taken("feature set", name, names + [("feature set", n) for n in state.sets])
            pinned = sets.pinned(state, name, lines, drafts)
            made = sets.set_publication(state, pinned, metadata)
            return made.records, made.version

        with self._lock:
            version = self._ledger.write(at, decide)
            return self._ledger.refresh().sets[name][version]

    def deprecate(self, reference: str, reason: str, at: str) -> PublishedView | PublishedSet:
        """Say of one version that it should not be used any more, and why."""

        def decide(state: State) -> tuple[Sequence[Record], tuple[str, str]]:
            found = self._either(state, reference)
            record = Deprecated(found.name, found.version, reason)
            return () if found.deprecated == reason else (record,), (found.name, found.version)

        with self._lock:
            name, version = self._ledger.write(at, decide)
            return self._either(self._ledger.refresh(), f"{name}@{version}")

    def rollback(self, name: str, at: str, to: str | None = None) -> PublishedView | PublishedSet:
        """Make an earlier version the current one; nothing is removed, no number is reused.

        Args:
            name: A view or a feature set; ``name@1.0`` says the version, too.
            at: When, as ISO 8601.
            to: Which version; None: the newest below the current one that is not deprecated.

        Raises:
            NothingEarlier: FK308.
            UnknownVersion: FK304.
        """
        name, _, named = name.partition("@")

        def decide(state: State) -> tuple[Sequence[Record], str]:
            current = self._either(state, name)
            wanted = to or named or self._earlier(state, name)
            target = self._either(state, f"{name}@{wanted}")
            record = MadeCurrent(name, target.version, f"rolled back from {current.version}")
            return () if target.current else (record,), target.version

        with self._lock:
            version = self._ledger.write(at, decide)
            return self._either(self._ledger.refresh(), f"{name}@{version}")

    def _earlier(self, state: State, name: str) -> str:
        current = self._either(state, name)
        for version in reversed(state.versions(name)):
            found = self._either(state, f"{name}@{version}")
            if version_key(version) < version_key(current.version) and found.deprecated is None:
                return version
        raise NothingEarlier(name, current.version)

    def keep_profile(self, profile: SetProfiled, at: str) -> None:
        """Keep what a set's version looked like in training; the same again changes nothing."""

        def decide(state: State) -> tuple[Sequence[Record], None]:
            made = resolving.resolve_set(state, f"{profile.name}@{profile.version}")
            known = state.profiles.get((made.name, made.version))
            return () if known == profile else (profile,), None

        with self._lock:
            self._ledger.write(at, decide)

    def profile(self, reference: str) -> SetProfiled | None:
        """Return what a set's version looked like when it was last trained on, or None."""
        with self._lock:
            state = self._ledger.refresh()
            made = resolving.resolve_set(state, reference)
            return state.profiles.get((made.name, made.version))

    @staticmethod
    def _either(state: State, reference: str) -> PublishedView | PublishedSet:
        name = reference.partition("@")[0]
        if name not in state.sets and name.lower() in state.views:
            return resolving.resolve_view(state, reference)
        if name in state.sets:
            return resolving.resolve_set(state, reference)
        if name not in state.views:
            raise UnknownName("view or feature set", name, [*state.views, *state.sets])
        return resolving.resolve_view(state, reference)

    # --- questions

    def resolve(self, reference: str) -> PublishedView:
        """Return the version of a view that ``name``, ``name@1`` or ``name@1.2`` means now."""
        with self._lock:
            return resolving.resolve_view(self._ledger.refresh(), reference)

    def resolve_set(self, reference: str) -> PublishedSet:
        """Return the version of a feature set that ``reference`` means now."""
        with self._lock:
            return resolving.resolve_set(self._ledger.refresh(), reference)

    def find_set(self, reference: str) -> PublishedSet | None:
        """Return what ``resolve_set`` does, and None for a name that no feature set has."""
        with self._lock:
            state = self._ledger.refresh()
            known = reference.partition("@")[0] in state.sets
            return resolving.resolve_set(state, reference) if known else None

    def views(self) -> tuple[PublishedView, ...]:
        """Return the current version of every view, by name."""
        with self._lock:
            state = self._ledger.refresh()
            found = (state.current_view(name) for name in sorted(state.views))
            return tuple(view for view in found if view is not None)

    def feature_sets(self) -> tuple[PublishedSet, ...]:
        """Return the current version of every feature set, by name."""
        with self._lock:
            state = self._ledger.refresh()
            found = (state.current_set(name) for name in sorted(state.sets))
            return tuple(made for made in found if made is not None)

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of a view or feature set, oldest first; empty for an unknown name."""
        with self._lock:
            state = self._ledger.refresh()
            return state.versions(name) or state.versions(name.lower())

    def history(self, name: str) -> tuple[Event, ...]:
        """Return all that happened to a view or feature set, oldest first.

        Raises:
            UnknownName: FK303.
        """
        with self._lock:
            state = self._ledger.refresh()
            if name not in state.events:
                raise UnknownName("view or feature set", name, state.events)
            return tuple(state.events[name])

    def search(
        self, query: str = "", tag: str | None = None, owner: str | None = None
    ) -> tuple[searching.Found, ...]:
        """Return the current views that hold every word of ``query``, best first."""
        with self._lock:
            return searching.search(self._ledger.refresh(), query, tag, owner)

    def equal_to(self, view: View) -> tuple[str, ...]:
        """Return the references of other views with the meaning of ``view``."""
        with self._lock:
            return equals(self._ledger.refresh(), view.name, meaning_hash(view))
