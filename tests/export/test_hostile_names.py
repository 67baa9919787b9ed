"""Hostile names wherever a name can stand: refused with a typed error, or nothing but data."""

from __future__ import annotations

import ast
import builtins
import datetime as dt
import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import polars as pl
import pytest
from package_runs import imported, put
from service_runs import Caller

import featurekit as fk
from featurekit.export.package import Described, PackageSpec
from featurekit.export.render import render
from featurekit.ir.definitions import FeatureSet, Member
from featurekit.notebook import cards, to_html
from featurekit.selection import select
from featurekit.verbs.delivery_facts import of_source

NAMES = (
    *('a"b', "a'b", "a`b", '"""', "'''", '""" + PWNED() + """', "'); PWNED(); ('", "\\", 'a\\"b'),
    *("a\nPWNED()", "a\r\nPWNED()", "\nimport PWNED\n", "\x0cPWNED()", "a\u2028PWNED()", "a\x85b"),
    *(
        "{{ PWNED }}",
        "{% raw %}",
        "{PWNED}",
        "{0}",
        "%s%(PWNED)s",
        "${PWNED}",
        "$(PWNED)",
        "`PWNED`",
    ),
    *("x); DROP TABLE PWNED; --", "*/ PWNED /*", "-- PWNED", "# PWNED", "; PWNED", "' OR 1=1 --"),
    *("<script>PWNED()</script>", "</script>", '"><img src=x onerror=PWNED()>', "<!-- PWNED -->"),
    *(
        "](javascript:PWNED())",
        "| a | b |",
        "## PWNED",
        "```\nPWNED\n```",
        "-->",
        "]]>",
        "&lt;b&gt;",
    ),
    *(
        "../PWNED",
        "..\\PWNED",
        "/etc/PWNED",
        "C:\\PWNED",
        "a/b",
        "~",
        ".",
        "..",
        "con",
        "NUL",
        "aux.py",
    ),
    *("class", "lambda", "None", "match", "print", "__import__", "__class__", "__init__", "self"),
    *("\u202ePWNED", "a\u200bb", "\ufeffa", "\uff50rint", "\u0430mount", "e\u0301", "\u00e9", "ß"),
    *("\0", "a\0b", "\ud800", "", " ", "  a  ", "x" * 5_000, "😀", "1", "0x10", "-1", "a b", "a.b"),
)
ROWS = 3
NOW = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
PLAIN = "plain"
PACKAGE = "chosen_features"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def defined(place: str, name: str) -> fk.Workspace:
    """Define a view with ``name`` standing in one place; what stands elsewhere is plain."""
    said = {p: "thing" if p != place else name for p in PLACES}
    said = {p: word if p == place else PLACES[p] for p, word in said.items()}
    rows = [event(n, said["key"], said["time"], said["tie"], said["column"]) for n in range(ROWS)]
    workspace = fk.Workspace(":memory:")
    words = {said["category"]: [said["alias"], "us"]}
    bucket = said["bucket"] if place == "bucket" else None
    workspace.vocabulary(said["vocabulary"], words, unknown=bucket)
    key = workspace.entity(said["entity"], f"{said['key']}:string").keys[0].name
    rules = {said["column"]: f"one of {text(said['rule'])}, 'us' default {text(said['rule'])}"}
    workspace.source(
        said["source"],
        rows,
        entity=said["entity"],
        time=said["time"],
        tie=said["tie"],
        rules=rules,
    )
    workspace.source(said["request"], kind="request", schema={said["asked"]: "double"})
    asked = f"{quoted(said['request'])}.{quoted(said['asked'])}"
    column = f"{quoted(said['source alias'])}.{quoted(said['column'])}"
    value = f"VOCAB({column}, {quoted(said['vocabulary'])})"
    cell = f"SELECT LAST({value}) OVER all_time AS {quoted(said['feature'])}, {asked} + 1 AS more, "
    cell += f"COUNT(*) OVER last_7d AS n FROM {quoted(said['source'])} "
    cell += f"AS {quoted(said['source alias'])}"
    workspace.feature(
        said["view"],
        cell,
        source=said["source"] if place != "source" else None,
        entity=said["entity"] if place != "entity" else None,
        owner=said["owner"],
        description=said["description"],
        tags=[said["tag"]],
    )
    workspace.publish(said["view"])
    workspace.feature_set(
        said["set"], [said["view"]], owner=said["owner"], description=said["description"]
    )
    assert key
    return workspace


def event(number: int, key: str, time: str, tie: str, column: str) -> dict[str, object]:
    """Return a row of the source, whatever its columns are called."""
    at = NOW - number * dt.timedelta(hours=1)
    return {key: "k", time: at, tie: number, column: "us"}


PLACES: Mapping[str, str] = {
    **{name: name for name in ("entity", "source", "view", "vocabulary", "category", "alias")},
    "key": "who",
    "column": "land",
    "time": "at",
    "tie": "number",
    "source alias": "t",
    "request": "checkout",
    "asked": "price",
    "feature": "latest",
    "set": "chosen",
    "rule": "xx",
    "owner": "ann@example.com",
    "description": "Plain words.",
    "tag": "plain",
    "bucket": "rest",
}


def package(workspace: fk.Workspace, place: str, name: str) -> dict[str, str]:
    """Return all files of the package of the set."""
    made = workspace.catalog.resolve_set(name if place == "set" else PLACES["set"])
    chosen = select(workspace.catalog, made.set.name)
    views = {
        reference: Described(view, made.metadata.owner, made.metadata.description)
        for reference, view in chosen.views.items()
    }
    members = tuple(
        Member(view.name, reference.partition("@")[2], tuple(f.name for f in view.features))
        for reference, view in chosen.views.items()
    )
    spec = PackageSpec(FeatureSet(made.set.name, members), "1.0", "0", views, "0.1.0", "")
    spec = replace(spec, owner=made.metadata.owner, description=made.metadata.description)
    return render(replace(spec, service=True))


class Page(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@cache
def plain(place: str) -> Mapping[str, str]:
    """Return the package in which nothing is hostile."""
    return package(defined(place, PLACES[place]), place, PLACES[place])


def calls(made: str) -> frozenset[str]:
    """Return what a file calls and imports, builtins and dotted names by their first word."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(made)):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                found.add(name)
            case ast.Import(names) | ast.ImportFrom(names=names):
                found |= {alias.name for alias in names}
            case _:
                pass
    return frozenset(found)


def problems(place: str, files: Mapping[str, str]) -> list[str]:
    """Return what in the files is more than data."""
    found: list[str] = []
    (top,) = {path.partition("/")[0] for path in files} - {"tests"}
    for path, made in files.items():
        before = plain(place).get(path.replace(top, PACKAGE), "")
        if made == before:
            continue
        made.encode()
        parts = PurePosixPath(path).parts
        safe = all(re.fullmatch(r"[A-Za-z0-9_.]+", one) and one.strip(".") for one in parts)
        if not safe or "\0" in made:
            found.append(f"the path or the bytes of {path!r}")
        if path.endswith(".py"):
            own = {node.name for node in ast.walk(ast.parse(made)) if isinstance(node, _DEFINED)}
            more = calls(made) - calls(before) - own if before else frozenset()
            found += [f"{path} calls {name}" for name in sorted(more) if hasattr(builtins, name)]
            found += [f"{path} calls {name}" for name in sorted(more) if "PWNED" in name]
        if PurePosixPath(path).name in {"Dockerfile", "requirements.txt"}:
            same = steps(made, top) == steps(before, PACKAGE)
            found += [] if same else [f"{path} has other instructions"]
        if path.endswith((".json", ".jsonl")):
            for line in made.splitlines() if path.endswith("l") else [made]:
                json.loads(line)
        if path.endswith(".md"):
            page = Page(re.sub(r"```.*?```|`[^`\n]*`", "", made, flags=re.DOTALL))
            if not page.tags <= {"code"} or page.attributes:
                found.append(f"{path} has tags {page.tags} {page.attributes}")
            odd = [one for one in made.splitlines() if re.match(r"#+ PWNED", one)]
            found += [f"{path} has a line of its own: {one}" for one in odd]
    return found


def steps(made: str, package: str) -> list[str]:
    """Return the lines of a file that are more than comments, the package's name apart."""
    lines = (line for line in made.split("\n") if line.strip() and not line.startswith("#"))
    return [line.replace(package, "PACKAGE") for line in lines]


_DEFINED = (ast.FunctionDef, ast.ClassDef)


def tried(place: str, name: str) -> str:
    """Return the code of the error that ``name`` gets, or check all that comes of it."""
    try:
        workspace = defined(place, name)
    except fk.FeatureError as error:
        return error.code if error.problem else "no problem"
    files = package(workspace, place, name)
    assert problems(place, files) == []
    source = name if place == "source" else PLACES["source"]
    html = Page(cards.bundle(of_source(workspace, source))["text/html"])
    assert html.tags <= to_html.TAGS
    assert html.attributes <= to_html.ATTRIBUTES
    return ""


WORST = '"""\'\n`PWNED()` {{ PWNED }} {PWNED} </script> */ ; -- ../PWNED $(PWNED) \\'


@pytest.mark.parametrize(
    "place",
    ["view", "column", "category", "description", "source alias", "request", "asked", "time"],
)
def test_a_hostile_name_is_refused_or_nothing_but_data(place: str) -> None:
    refused = {"view": "FK131", "request": "FK301", "asked": "FK907"}
    assert tried(place, WORST) == refused.get(place, "")


def test_a_column_without_a_name_is_refused() -> None:
    assert tried("column", "") == "FK226"


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_so_is_every_hostile_name_in_every_place(place: str) -> None:
    assert len(NAMES) >= 50
    codes = {name: tried(place, name) for name in NAMES}
    assert all(re.fullmatch(r"|FK[1-9]\d\d", code) for code in codes.values())
    strict = {"entity", "view", "feature", "set"}
    assert place not in strict or any(codes.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    ["key", "source", "column", "category", "alias", "rule", "time", "tie", "request", "asked"],
)
def test_a_package_of_a_hostile_name_answers_as_training_does(place: str, tmp_path: Path) -> None:
    served = 0
    narrow = place in {"source", "request"}  # most names are refused there
    for number, name in enumerate(NAMES if narrow else NAMES[::2]):
        try:
            workspace = defined(place, name)
        except fk.FeatureError:
            continue
        said = {**PLACES, place: name}
        key, asked = said["key"], {said["asked"]: 1.5}
        rows = [event(n, key, said["time"], said["tie"], said["column"]) for n in range(ROWS)]
        with imported(
            "chosen_features", put(package(workspace, place, name), tmp_path / f"{number}")
        ) as module:
            features = module.Features()
            call = Caller(service(features))
            for row in rows[1:]:
                features.ingest(said["source"], row)
            sent = {**rows[0], said["time"]: NOW.isoformat()}
            path = quote(said["source"], safe="")
            assert call("POST", f"/ingest/{path}", json=sent).status_code == 204, name
            answer = features.get({key: "k"}, asked, as_of=NOW)
            question = {"entity": {key: "k"}, "request": asked, "as_of": NOW.isoformat()}
            over_http = call("POST", "/features", json=question)
            assert json.loads(call("GET", "/openapi.json").text)["paths"]
        spine = pl.DataFrame({key: ["k"], "asked at": [NOW], **{n: [v] for n, v in asked.items()}})
        trained = workspace.training_set(spine, PLACES["set"], time="asked at").row(0)[3:]
        assert tuple(answer.values.values()) == trained
        assert over_http.json()["values"] == dict(answer.values)
        served += 1
    assert served > (1 if narrow else 5)


def service(features: object) -> object:
    """Return the application that serves ``features``."""
    created = importlib.import_module("chosen_features.service").create_app
    return created(features, clock=lambda: NOW)
