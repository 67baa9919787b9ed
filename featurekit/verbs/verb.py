"""What a verb is: one definition from which the magic, the command line and the help are made."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from featurekit.errors import UsageError, nearest

if TYPE_CHECKING:
    from featurekit.workspace import Workspace

Facts = dict[str, Any]
Progress = Callable[[str, int, int], None]


@dataclass
class Session:
    """What outlives one verb: the connected workspace, and where to report progress."""

    catalog: str | None = None
    _workspace: Workspace | None = None
    progress: Progress | None = None

    @property
    def workspace(self) -> Workspace:
        """The connected workspace; connects to the configured catalog at first use."""
        if self._workspace is None:
            self.connect(self.catalog)
        assert self._workspace is not None  # noqa: S101  connect() has just set it
        return self._workspace

    def use(self, workspace: Workspace) -> None:
        """Make an open workspace this session's."""
        self._workspace = workspace

    def connect(self, url: str | None) -> Workspace:
        """Open the catalog at ``url`` (None: as configured) and make it this session's."""
        from featurekit.workspace import Workspace

        self._workspace = Workspace(url)
        return self._workspace


@dataclass(frozen=True)
class Argument:
    """One argument of a verb, as argparse takes it."""

    names: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


def argument(*names: str, **options: Any) -> Argument:
    """Return an argument; the words are those of ``argparse.add_argument``."""
    return Argument(names, options)


@dataclass(frozen=True)
class Call:
    """One use of a verb: where, with which arguments, on which cell text."""

    session: Session
    options: argparse.Namespace
    cell: str | None
    user_namespace: Mapping[str, Any]

    @property
    def workspace(self) -> Workspace:
        """The connected workspace."""
        return self.session.workspace


@dataclass(frozen=True)
class Verb:
    """One thing a user can ask for.

    Attributes:
        name: As on the command line: ``check-export``.
        summary: One line of help.
        run: From the call to the facts that a card shows and ``--json`` prints.
        arguments: Its arguments.
        magic: The notebook's spelling: ``%feature publish``, ``%%feature``; None: not there.
        cell: ``none``, or ``required`` when the text comes from the cell (or ``--file``).
        mutates: Whether the command line offers it as changing something (``--dry-run`` aside).
    """

    name: str
    summary: str
    run: Callable[[Call], Facts]
    arguments: tuple[Argument, ...] = ()
    magic: str | None = None
    cell: str = "none"

    def parser(self, program: str | None = None) -> argparse.ArgumentParser:
        """Return the parser of this verb's arguments; mistakes are ``UsageError``."""
        parser = Parser(prog=program or self.magic or f"featurekit {self.name}", add_help=False)
        parser.description = self.summary
        for one in self.arguments:
            parser.add_argument(*one.names, **one.options)
        return parser

    def help(self, program: str) -> str:
        """Return what the command line says of this verb.

        The definition's text is a magic's cell, so that only a shell has the option that names it.
        """
        parser = self.parser(program)
        if self.cell == "required":
            text = "where the text is; without it, standard input"
            parser.add_argument("--file", metavar="FILE", help=text)
        return parser.format_help()

    @property
    def usage(self) -> str:
        """One line: how it is written in a notebook, else on the command line."""
        text = self.parser().format_usage().removeprefix("usage: ")
        return " ".join(text.split())


class BadArguments(UsageError):
    """FK902: arguments that the verb does not take."""

    code = "FK902"

    def __init__(self, usage: str, message: str, known: tuple[str, ...]) -> None:
        unknown = message.rpartition(": ")[2].split()
        told = message.startswith("unrecognized") and unknown  # an empty word is unrecognized, too
        hint = nearest(unknown[0], known) if told else ""
        super().__init__(f"{message}{hint}", fix=usage)


class Parser(argparse.ArgumentParser):
    """argparse that raises instead of printing and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise the mistake as FK902 with the usage as its fix."""
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        known = tuple(name for action in self._actions for name in action.option_strings)
        raise BadArguments(usage, message, known)


def split_line(line: str) -> list[str]:
    """Return the words of a magic's line, quotes taken off.

    Raises:
        UsageError: FK900 for a quote that is not closed.
    """
    try:
        return shlex.split(line)
    except ValueError as problem:
        raise UsageError(
            f"the line cannot be split into words: {problem}",
            where=line,
            fix="close the quote, or write \\' for a quote that is part of a word",
        ) from None
