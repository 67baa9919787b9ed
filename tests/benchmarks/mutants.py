"""Small mistakes in generated code, and a package's own tests run against each in this process."""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import importlib.abc
import importlib.machinery
import inspect
import itertools
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

_OTHER: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
WORKING, WAITING = 15, 60
"""Seconds of this process's work, and on the clock, after which a mistake hangs: it is noticed."""
_SKIPPED = "test_unedited"
"""Notices every edit, whatever it means."""
Change = Callable[[Any], object]


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Attributes:
        module: The file that is wrong, as a module.
        path: The file.
        line: Where it is wrong.
        was: The line as it was generated.
        now: The statement as it is now.
        code: The whole file, compiled.
    """

    module: str
    path: str
    line: int
    was: str
    now: str
    code: CodeType

    @property
    def change(self) -> str:
        """The line as it was, and the statement as it is."""
        return f"{self.was}   =>   {self.now}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.change}"


def changes(node: ast.AST) -> Iterator[Change]:  # noqa: C901  one arm for each kind of mistake
    """Yield each mistake that can be made in ``node`` itself."""
    match node:
        case ast.Compare(_, ops):
            for place, op in enumerate(ops):
                if type(op) in _OTHER:
                    yield lambda n, i=place: n.ops.__setitem__(i, _OTHER[type(n.ops[i])]())
        case ast.BinOp(_, op) | ast.BoolOp(op) | ast.AugAssign(_, op) if type(op) in _OTHER:
            yield lambda n: setattr(n, "op", _OTHER[type(n.op)]())
        case ast.UnaryOp(ast.Not() | ast.USub()):
            yield (
                lambda n: setattr(n, "op", ast.UAdd()) if isinstance(n.op, ast.USub) else _plain(n)
            )
        case ast.Constant(bool()):
            yield lambda n: setattr(n, "value", not n.value)
        case ast.Constant(int() | float() as value) if value + 1 != value:
            yield lambda n: setattr(n, "value", n.value + 1)
        case ast.IfExp():
            yield lambda n: n.__dict__.update(body=n.orelse, orelse=n.body)
        case ast.Return(ast.expr() as value) if not _is_none(value):
            yield lambda n: setattr(n, "value", ast.Constant(None))
        case ast.If() | ast.While():
            yield lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        case _:
            pass


def _plain(node: Any) -> None:
    """Take a ``not`` away, leaving the truth of what it stood before."""
    node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _of_types(tree: ast.Module) -> set[int]:
    """Return the nodes that only say types; nothing of them runs."""
    found: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            parts = [
                node.returns,
                *(arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)),
            ]
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"cast", "TypeVar"}:
            parts = list(node.args[:1])
        found |= {id(inner) for part in parts if part is not None for inner in ast.walk(part)}
    return found


def mutants(module: str, text: str, path: str) -> Iterator[Callable[[], Mutant]]:
    """Yield what makes each mistake in the file ``text``; making one takes a while.

    Args:
        module: Its name.
        text: What it holds.
        path: Where it lies in its package.
    """
    tree, lines = ast.parse(text), text.splitlines()
    types = _of_types(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in types:
            continue
        for number, _ in enumerate(changes(node)):

            def make(place: int = place, number: int = number, node: Any = node) -> Mutant:
                wrong = copy.deepcopy(tree)
                every = list(ast.walk(wrong))
                list(changes(every[place]))[number](every[place])
                ast.fix_missing_locations(wrong)
                line = getattr(node, "lineno", 1)
                now = " ".join(_statement(wrong, line).split())[:160]
                was = lines[line - 1].strip()
                return Mutant(module, path, line, was, now, compile(wrong, path, "exec"))

            yield make


def _statement(tree: ast.Module, line: int) -> str:
    """Return the innermost statement at a line, a compound one by its head and what follows."""
    at = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.stmt) and _first_line(n) <= line <= (n.end_lineno or 0)
    ]
    inner = max(at, key=lambda node: node.lineno)
    text = ast.unparse(inner)
    return " ".join(text.splitlines()[:2]) if hasattr(inner, "body") else text


def _first_line(statement: ast.stmt) -> int:
    """Return where a statement begins: with its decorators."""
    above = [one.lineno for one in getattr(statement, "decorator_list", ())]
    return min([statement.lineno, *above])


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports a package and its tests from code that is compiled already."""

    def __init__(self, codes: Mapping[str, CodeType], packages: set[str]) -> None:
        self.codes, self.packages = dict(codes), packages

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """Return where a module of the package is: here."""
        if fullname not in self.codes:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=fullname in self.packages)
        spec.origin = self.codes[fullname].co_filename
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the code."""
        exec(self.codes[module.__name__], module.__dict__)  # noqa: S102  rendered a moment ago


class OwnTests:
    """A rendered package in a folder, and the tests that came with it.

    Args:
        folder: Where it lies.
        package: Its name.
    """

    def __init__(self, folder: Path, package: str) -> None:
        self.package = package
        codes, packages = {}, set()
        for file in sorted((folder / package).rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            packages |= {name} if parts[-1] == "__init__" else set()
            codes[name] = compile(file.read_text(encoding="utf-8"), str(file), "exec")
        self._of_version: list[str] = []
        self._of_package: list[str] = []
        home = folder / "tests" / package
        for file in sorted(home.rglob("test_*.py")):
            if file.stem != _SKIPPED:
                name = f"{package}_{file.stem}"
                codes[name] = compile(file.read_text(encoding="utf-8"), str(file), "exec")
                (self._of_package if file.parent == home else self._of_version).append(name)
        self._finder = _Finder(codes, packages)

    def failure(self, mutant: Mutant | None = None) -> str | None:
        """Return the first test that fails, or None when all pass.

        What all versions share is held by the package's tests, then by those of its version;
        a version by its own.
        """
        shared = mutant is None or not re.search(r"\.v\d+_\d+\b", mutant.module)
        tests = [*(self._of_package if shared else ()), *self._of_version]
        honest = dict(self._finder.codes)
        if mutant is not None:
            self._finder.codes[mutant.module] = mutant.code
        before = set(sys.modules)
        sys.meta_path.insert(0, self._finder)
        try:
            with _stopped_in_time():
                return self._run(tests)
        except (Exception, SystemExit) as failure:  # noqa: BLE001  an import that fails is noticed, too
            return f"import: {failure!r}"
        finally:
            sys.meta_path.remove(self._finder)
            self._finder.codes = honest
            for name in set(sys.modules) - before:
                if name.startswith(self.package):
                    del sys.modules[name]

    def _run(self, tests: Sequence[str]) -> str | None:
        for name in tests:
            module = importlib.import_module(name)
            for label, test in vars(module).items():
                if not label.startswith("test_") or _skipped(module):
                    continue
                for given in _cases(test):
                    try:
                        with _fixtures(test) as fixtures:
                            test(**given, **fixtures)
                    except BaseException as failure:
                        if isinstance(failure, KeyboardInterrupt):
                            raise
                        return label
        return None


def _skipped(module: ModuleType) -> bool:
    """Whether what a module's tests need is not here."""
    mark = getattr(module, "pytestmark", None)
    return mark is not None and mark.name == "skipif" and mark.args[0]


@contextlib.contextmanager
def _fixtures(test: Any) -> Iterator[dict[str, Any]]:
    """Lend those of pytest's fixtures that a generated test asks for."""
    asked = inspect.signature(test).parameters
    with contextlib.ExitStack() as stack:
        made: dict[str, Any] = {}
        if "monkeypatch" in asked:
            made["monkeypatch"] = stack.enter_context(pytest.MonkeyPatch.context())
        if "tmp_path" in asked:
            folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            made["tmp_path"] = Path(stack.enter_context(folder))
        yield made


def _cases(test: Any) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each run of a test."""
    axes: list[list[dict[str, Any]]] = []
    for mark in getattr(test, "pytestmark", ()):
        names, values = mark.args
        listed: Sequence[str] = (
            [n.strip() for n in names.split(",")] if isinstance(names, str) else names
        )
        one = len(listed) == 1
        axes.append([dict(zip(listed, [v] if one else v, strict=True)) for v in values])
    for parts in itertools.product(*axes):
        yield {name: value for part in parts for name, value in part.items()}


@contextlib.contextmanager
def _stopped_in_time() -> Iterator[None]:
    """Stop what never ends, whether it works or waits."""

    def stop(*_: int | FrameType | None) -> None:
        raise TimeoutError

    timers = (
        (signal.ITIMER_PROF, signal.SIGPROF, WORKING),
        (signal.ITIMER_REAL, signal.SIGALRM, WAITING),
    )
    before = [signal.signal(number, stop) for _, number, _ in timers]
    for timer, _, seconds in timers:
        signal.setitimer(timer, seconds, 1.0)  # and again: what is left behind may wait, too
    try:
        yield
    finally:
        for (timer, number, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)
