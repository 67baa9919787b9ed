"""An online store on the near side: a rendered package in a process of its own, fed with rows.

The rows go through the contract and the placing of the very package that will serve them, and are
written by its own store. So what lies there is what ``ingest`` would have written, by
construction; a second rendering of the format from here could only try to be equal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from featurekit.errors.export import PackageBroken
from featurekit.errors.materializing import StoreRefused
from featurekit.export.package import PackageSpec
from featurekit.materializing import filling

Line = list[Any]


class OpenStore:
    """A store, opened by the package that will serve from it; closed at the end of the block.

    Attributes:
        notes: What runs and whoever fed it left in it, by name.

    Args:
        folder: Where the package lies.
        spec: What it was rendered from.
        place: A path, or the URL of a Redis.
        said: What to call the place in errors, without a password.

    Raises:
        StoreRefused: FK257, it cannot be opened or read.
        PackageBroken: FK501, the package cannot be run.
    """

    def __init__(self, folder: Path, spec: PackageSpec, place: str, said: str) -> None:
        self.notes: Mapping[str, str] = {}
        self._said = said
        self._filled = False
        self._opening = {
            "folder": str(folder),
            "package": spec.package,
            "version": spec.folder,
            "place": place,
        }

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._process = subprocess.Popen(  # noqa: S603  our interpreter, our file, no shell
            [sys.executable, "-I", "-B", str(Path(filling.__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )
        try:
            self._send([self._opening])
            facts = self._answer()
        except BaseException:
            self._end()
            raise
        self.notes = facts["notes"]
        return self

    def fill(
        self,
        sources: Mapping[str, Any],
        note: tuple[str, str],
        as_of: int,
        lines: Iterable[Line],
    ) -> Mapping[str, Any]:
        """Keep all rows of ``lines`` and the note, or nothing; return what became of them.

        Args:
            sources: The columns of each source's rows.
            note: Its name and its text.
            as_of: The moment from which on questions are asked, in microseconds.
            lines: Source, values, and the row's number among its equals.
        """
        alone = not set(self.notes) - {note[0]}
        asked = {"sources": sources, "note": note, "as_of": as_of, "alone": alone}
        self._filled = True
        self._send([asked])
        self._send(lines)
        self._send([[None, None, None]])
        return self._answer()

    def _send(self, lines: Iterable[Any]) -> None:
        given = _pipe(self._process.stdin)
        try:
            for line in lines:
                given.write(json.dumps(line) + "\n")
            given.flush()
        except BrokenPipeError:
            self._answer()  # which says why nobody listens any more
            raise StoreRefused(self._said, "its process ended") from None

    def _answer(self) -> Mapping[str, Any]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise PackageBroken("its process failed", self._errors.read())
        facts: Mapping[str, Any] = json.loads(line)
        if "error" in facts:
            raise StoreRefused(self._said, facts["error"])
        return facts

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if problem is None and not self._filled:
            self._send([None])
        self._end()

    def _end(self) -> None:
        """Let the process end; one that was left in the middle keeps nothing."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):  # it ended before it had read everything
                _pipe(pipe).close()
        self._process.wait()
        self._errors.close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101  both were asked for
    return pipe
