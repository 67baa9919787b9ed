"""Reading and writing the log: the newest state, and decisions made on it.

Writing means: read what is new, decide on that, append under the next number, and decide again
when another writer was first. Any thread may call any method.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from featurekit.catalog.codec import Malformed
from featurekit.catalog.log import START, Commit, decode_commit, encode_commit, file_hash
from featurekit.catalog.records import Record
from featurekit.catalog.state import State
from featurekit.catalog.store import Store
from featurekit.errors.catalog import CorruptEntry, TooManyWriters

_TRIES = 1000
R = TypeVar("R")


class Ledger:
    """A log on a store, and what it adds up to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lock = threading.RLock()
        self._state = State()
        self._tip = START

    def refresh(self) -> State:
        """Read what other writers added; return the newest state.

        Raises:
            CatalogError: FK32x, when the store cannot be read or its log is damaged.
        """
        with self.lock:
            last = self.store.last()
            known = self._state.sequence
            if known and (last < known or file_hash(self.store.read(known)) != self._tip):
                # another log lies there now (restored, or checked out): read it anew
                self._state, self._tip = State(), START
            while self._state.sequence < last:
                self._read(self._state.sequence + 1)
            return self._state

    def _read(self, sequence: int) -> None:
        content = self.store.read(sequence)
        place = self.store.place(sequence)
        before = self.store.place(sequence - 1) if sequence > 1 else "the beginning"
        commit = decode_commit(content, sequence, self._tip, place, before)
        try:
            self._state.apply(commit)
        except Malformed as wrong:
            self._state, self._tip = State(), START
            raise CorruptEntry(place, str(wrong)) from None
        self._tip = file_hash(content)

    def write(self, at: str, decide: Callable[[State], tuple[Sequence[Record], R]]) -> R:
        """Append the records that ``decide`` makes of the newest state; return its result.

        Raises:
            CatalogError: What ``decide`` refuses, and FK31x, FK32x, FK33x; nothing is written then.
        """
        with self.lock:
            for _ in range(_TRIES):
                state = self.refresh()
                records, result = decide(state)
                if not records:
                    return result
                sequence = state.sequence + 1
                content = encode_commit(Commit(sequence, at, tuple(records)), self._tip)
                if self.store.append(sequence, content):
                    self.refresh()
                    return result
        raise TooManyWriters(self.store.place(), _TRIES)
