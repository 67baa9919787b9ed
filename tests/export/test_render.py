"""Packages as text: rendered, written, type-checked and run where only the standard library is."""

from __future__ import annotations

import ast
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from package_runs import put, running
from sample_packages import grain_package, package, shop_package, shop_views, thin_package
from team_checks import mypy_says, ran, ruff_says

from featurekit.backends.python_syntax import Names
from featurekit.export.package import Change, Described, PackageSpec
from featurekit.export.python_contract import ConflictingFields
from featurekit.export.render import BadPackageName, render, view_module
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Column
from featurekit.ir.view import Feature, Grain, View

GOLDEN = Path(__file__).parents[1] / "golden" / "packages"
ALONE = """
import sys, pytest
done = pytest.main(["-q", "-p", "no:cacheprovider", "tests"])
extra = sorted({"featurekit", "polars", "numpy", "duckdb", "sqlglot", "jinja2"} & set(sys.modules))
print("extra modules:", extra)
sys.exit(int(done) or len(extra))
"""


def python_files(spec: PackageSpec) -> dict[str, str]:
    return {path: text for path, text in render(spec).items() if path.endswith(".py")}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put(render(shop_package()), tmp_path_factory.mktemp("shop"))


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert render(shop_package()) == render(shop_package())


@pytest.mark.parametrize(
    "spec",
    [thin_package(), shop_package(), grain_package()],
    ids=["thin", "shop", "grain"],
)
def test_packages_are_as_the_golden_ones(spec: PackageSpec) -> None:
    folder = GOLDEN / spec.set.name
    files = render(spec)
    if os.environ.get("FEATUREKIT_WRITE_GOLDEN") == "1":
        for old in sorted(folder.rglob("*")) if folder.exists() else []:
            if old.is_file():
                old.unlink()
        put({f"{path}.txt": text for path, text in files.items()}, folder)
    kept = {
        str(file.relative_to(folder)).removesuffix(".txt"): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.txt")
    }
    assert files == kept


def test_a_package_passes_its_own_tests_with_nothing_but_pytest(shop: Path) -> None:
    done = ran(sys.executable, "-I", "-B", "-c", ALONE, folder=shop)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_versions_and_sets_are_tested_in_one_run(tmp_path: Path) -> None:
    first = replace(thin_package(), versions=("1.0",))
    second = replace(thin_package(), version="1.1", versions=("1.0", "1.1"))
    other = package(shop_views("wind"), "other")
    for spec in (first, second, other):
        put(render(spec), tmp_path)
    done = ran(sys.executable, "-I", "-B", "-c", ALONE, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_edited_file_fails_the_packages_own_test(tmp_path: Path) -> None:
    put(render(thin_package()), tmp_path)
    views = tmp_path / "thin_features/v1_0/views.py"
    views.write_text(views.read_text() + "\n# edited\n")
    done = ran(sys.executable, "-I", "-B", "-c", ALONE, folder=tmp_path)
    assert "test_a_generated_file_is_not_edited[thin_features/v1_0/views.py]" in done.stdout
    assert "1 failed" in done.stdout


@pytest.mark.parametrize("spec", [shop_package(), grain_package()], ids=["shop", "grain"])
def test_generated_code_passes_mypy_strict_and_ruff(spec: PackageSpec, tmp_path: Path) -> None:
    folder = put(render(spec), tmp_path)
    assert mypy_says(folder, spec.package, "tests") == ""
    assert ruff_says(folder) == ""


def test_generated_code_is_python_3_10_and_imports_the_standard_library_only() -> None:
    for path, text in python_files(shop_package()).items():
        tree = ast.parse(text, path, feature_version=(3, 10))
        assert "dt.UTC" not in text
        assert "StrEnum" not in text
        inside = {
            library
            for adapter, library in (
                ("/batch/parquet.py", "pyarrow"),
                ("/batch/parquet.py", "polars"),
                ("/redis_store.py", "redis"),
            )
            if path.endswith(adapter)
        }
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            allowed = {*sys.stdlib_module_names, "pytest", "shop_features"}
            assert {name.partition(".")[0] for name in names} <= allowed | inside, path


def test_generated_code_has_nothing_dynamic() -> None:
    for path, text in python_files(shop_package()).items():
        if path.startswith("tests/"):
            continue
        called = {
            n.func.id
            for n in ast.walk(ast.parse(text))
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        assert not called & {
            "eval",
            "exec",
            "getattr",
            "setattr",
            "__import__",
            "compile",
            "globals",
        }


def test_every_generated_file_says_where_it_comes_from() -> None:
    for path, text in render(shop_package()).items():
        if path.endswith((".json", ".jsonl", "py.typed")):
            continue
        first = text.splitlines()[0]
        assert "Generated by featurekit 0.1.0" in first
        assert "do not edit" in first
        if "/v1_0/" in path:
            assert "from shop@1.0 0123456789abcdef" in first


def test_the_manifest_keeps_the_given_facts_and_remembers_each_generated_file() -> None:
    spec = replace(thin_package(), manifest='{"owner": "ann@example.com"}')
    files = render(spec)
    manifest = json.loads(files["thin_features/v1_0/manifest.json"])
    assert manifest["owner"] == "ann@example.com"
    assert set(manifest["generated"]) == {
        path for path in files if not path.endswith(("manifest.json", "active.json"))
    }


def test_active_json_names_this_version_unless_told_otherwise() -> None:
    path = "thin_features/active.json"
    assert json.loads(render(thin_package())[path])["active"] == "1.0"
    spec = replace(thin_package(), version="1.1", versions=("1.0", "1.1"), active="1.0")
    assert json.loads(render(spec)[path]) == {"active": "1.0", "shadow": None, "log_sample": 0.01}


def test_a_later_version_writes_its_own_folder_and_what_is_shared() -> None:
    spec = replace(thin_package(), version="2.0", versions=("1.0", "2.0"))
    assert not [path for path in render(spec) if "/v1_0/" in path]


def test_features_that_are_not_wanted_are_left_out() -> None:
    views = shop_views("customer_spend")
    spec = package(views)
    member = replace(spec.set.members[0], features=("payments_7d",))
    views_py = render(replace(spec, set=replace(spec.set, members=(member,))))[
        "shop_features/v1_0/views.py"
    ]
    assert "payments_7d" in views_py
    assert "spend_30d" not in views_py


def test_only_operators_that_are_used_are_in_the_package() -> None:
    text = render(package(shop_views("city_payments")))["shop_features/v1_0/operators.py"]
    classes = [n.name for n in ast.parse(text).body if isinstance(n, ast.ClassDef)]
    assert classes == ["CountRows"]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("../x", "1.0"),
        ("class-x", "1.0"),
        ('a"b', "1.0"),
        ("x); DROP", "1.0"),
        ("a", "1/0"),
        ("é", "1.0"),
    ],
)
def test_a_name_that_cannot_be_a_folder_is_refused(name: str, version: str) -> None:
    spec = package(shop_views("wind"), name, version=version)
    with pytest.raises(BadPackageName) as caught:
        render(spec)
    assert caught.value.code == "FK481"


def test_one_request_column_with_two_types_is_refused() -> None:
    def view(name: str, field: Field) -> View:
        source = Source(f"{name}_request", SourceKind.REQUEST, (field,))
        column = Column(source.name, field.name, field.type)
        return View(name, Grain.ROW, (Feature("x", column),), source, requests=(source,))

    texts = {
        f.name: f.type for f in shop_views("basket_size")["basket_size@1.0"].requests[0].fields
    }
    views = {
        "one@1.0": view("one", Field("amount", texts["amount"])),
        "two@1.0": view("two", Field("amount", texts["items"])),
    }
    with pytest.raises(ConflictingFields) as caught:
        render(package(views))
    assert caught.value.code == "FK480"
    assert "amount" in caught.value.problem


HOSTILE = (
    'a"b',
    "a'b",
    "x); DROP TABLE y; --",
    '"""; import os; os.system("echo pwned"); """',
    "\nimport os\nos.system('echo pwned')\n#",
    "\r\nimport os\r\n",
    "\u2028import os\u2029",
    "\x0cimport os",
    "back\\slash\\",
    "{{ 7 * 7 }}{% raw %}",
    "{x}%s%(x)s",
    "<script>alert(1)</script>",
    "`code` | pipe | [link](javascript:alert(1))",
    "-->",
    "\x00",
    "\ud800",
    "\\N{BULLET}\\u0041",
    "# noqa",
    "😀İß",
)


def spoilt(text: str) -> PackageSpec:
    """Put ``text`` wherever a text of an author can stand."""
    spec = thin_package()
    described = {
        reference: Described(
            one.view, text, text, {feature.name: text for feature in one.view.features}
        )
        for reference, one in spec.views.items()
    }
    return replace(
        spec,
        views=described,
        owner=text,
        description=text,
        hash=text,
        toolkit=text,
        changes=(Change("1.0", text),),
    )


def shape(text: str) -> str:
    """Return the syntax of a file without its comments and texts."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_an_author_becomes_code(text: str) -> None:
    plain, hostile = python_files(spoilt("plain")), python_files(spoilt(text))
    assert {path: shape(t) for path, t in hostile.items()} == {
        p: shape(t) for p, t in plain.items()
    }
    for path, made in render(spoilt(text)).items():
        assert "\x00" not in made
        made.encode()
        if path.endswith(".md"):
            assert "<script" not in made
            assert made.startswith("<!--")
            assert made.splitlines()[0].endswith("-->")
            assert made.splitlines()[0].count("-->") == 1


@pytest.mark.parametrize(
    "name", [*HOSTILE, "class", "as_of", "request", "print", "__x", "l", "dt", "1"]
)
def test_no_name_becomes_code(name: str, tmp_path: Path) -> None:
    """Columns, features, views, sources and categories of any name give a package that runs."""
    source = Source(name, SourceKind.REQUEST, (Field(name, shop_text()),))
    column = Column(name, name, shop_text())
    view = View(name, Grain.ROW, (Feature(name, column),), source, requests=(source,))
    spec = package({"odd@1.0": replace(view, name="odd")})
    spec = replace(spec, views={"odd@1.0": Described(view)})
    with running(spec, tmp_path) as module:
        import datetime as dt

        answer = module.Features().get(
            {}, {name: "a"}, as_of=dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        )
        assert answer.values[f"odd__{name}"] == "a"


def shop_text() -> object:
    return shop_views("basket_size")["basket_size@1.0"].requests[0].fields[3].type


def test_one_views_source_can_be_read_by_itself() -> None:
    text = view_module(shop_views("customer_spend")["customer_spend@1.0"], {"spend_30d": "SUM(x)"})
    ast.parse(text)
    assert "def customer_spend(" in text
    assert "    # SUM(x)\n" in text


def test_a_derived_view_by_itself_reads_the_answers_it_rests_on() -> None:
    text = view_module(shop_views("customer_spend", "wind", "mood")["mood@1.0"])
    ast.parse(text)
    assert 'used["customer_spend"]["spend_30d"]' in text
    assert "request[" not in text


def test_names_are_handed_out_once() -> None:
    names = Names(["taken"])
    assert [names.new(w) for w in ("a", "a", "taken", "class", "print", "1x", "é é", "")] == [
        *("a", "a_2", "taken_2", "class_2", "print_2", "n_1x", "value", "value_2"),
    ]
