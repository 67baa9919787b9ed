"""The command line, as a shell runs it: what it prints where, and with which exit code."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from trade import OWNER, SPEND, define

import featurekit as fk
from featurekit import cli
from featurekit.draft import cell_text
from featurekit.ir.canonical import meaning_hash
from featurekit.verbs import VERBS

ORDERS = "SELECT COUNT(*) OVER all_time AS orders FROM transactions"
CELL = ("--from", "transactions", "--entity", "customer", "--owner", OWNER)
TRAIN = ("trainset", "churn", "--spine", "spine.parquet", "--time", "asked_at")


def shell(
    *words: str, stdin: str | None = "", cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m featurekit`` in a process of its own."""
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "featurekit", *words],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": root, **environment},
        check=False,
    )


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command line in this process: exit code, standard output, standard error."""
    code = cli.main(list(words))
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, verb, "--help")
    assert (code, err) == (0, "")
    assert VERBS[verb].summary.split()[0] in out
    assert f"featurekit {verb}" in out


def test_without_words_it_says_what_there_is() -> None:
    shown = shell()
    assert shown.returncode == 0
    assert all(f"  {verb} " in shown.stdout for verb in VERBS if verb != "build")
    assert shell("--version").stdout.startswith("featurekit 0.1")


AS_JSON: dict[tuple[str, ...], set[str]] = {
    ("status",): {"kind", "text", "catalog", "counts", "next"},
    ("connect", "catalog"): {"kind", "text", "catalog", "counts", "next"},
    ("catalog", "spend"): {"kind", "query", "rows", "next"},
    ("show", "customer_spend"): {"kind", "name", "title", "features", "sql", "python", "lints"},
    ("show", "churn"): {"kind", "name", "version", "owner", "features"},
    ("edit", "customer_spend"): {"kind", "name", "cell"},
    ("history", "customer_spend"): {"kind", "name", "versions"},
    ("history", "churn"): {"kind", "name", "versions"},
    ("lineage", "customer_spend"): {"kind", "name", "lineage"},
    ("entity", "shop", "shop_id:string"): {"kind", "name", "keys"},
    ("source", "ask", "x:float", "--kind", "request"): {"kind", "name", "columns", "session_only"},
    ("vocabulary", "sizes", "S=small,little"): {"kind", "name", "entries", "unknown"},
    (*TRAIN, "--out", "o.parquet"): {"kind", "rows", "columns", "features", "unmatched"},
    (*TRAIN, "--engine", "duckdb"): {"kind", "rows", "columns", "features", "unmatched"},
    ("parity", "churn", "--rows", "20"): {"kind", "rows", "compared", "differences", "held"},
    ("export", "churn", "--to", "s", "--dry-run"): {"kind", "tree", "dry_run", "package"},
    ("ops",): {"kind", "rows"},
    ("ops", "abs"): {"kind", "rows"},
    ("help",): {"kind", "verbs"},
    ("build",): {"kind", "sources"},
}


@pytest.mark.parametrize("words", AS_JSON, ids=" ".join)
def test_json_is_one_document_with_stable_keys(
    words: tuple[str, ...], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out, parse_constant=lambda bad: pytest.fail(f"{bad} is not JSON"))
    assert AS_JSON[words] <= set(found)


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("publish",),
        ("publish", "nothing"),
        ("--catalog",),
        ("--catalog", "sqlite:///x.db", "status"),
        ("--catalog", "/dev/null", "status"),
        ("show", "nothing"),
        ("history", "nothing"),
        ("lineage", "nothing"),
        ("diff", "customer_spend"),
        ("rollback", "customer_spend"),
        ("deprecate", "customer_spend@9"),
        ("ops", "nothing"),
        ("trainset", "churn"),
        ("trainset", "churn", "--spine", "nothing.parquet"),
        ("trainset", "churn", "--spine", "nothing"),
        (*TRAIN, "--out", "somewhere"),
        (*TRAIN, "--out", "x.xlsx"),
        (*TRAIN, "--out", "no/such/folder.csv"),
        (*TRAIN, "--engine", "spark"),
        ("parity", "churn", "--rows", "few"),
        ("parity", "churn", "--rows", "0"),
        ("export", "churn"),
        ("export", "nothing", "--to", "s"),
        ("export", "churn", "--to", "s", "--target", "cobol"),
        ("export", "churn", "--to", "s", "--branch", "; rm -rf"),
        ("check-export", "nowhere"),
        ("check", "nothing.ipynb"),
        ("check", "spine.parquet"),
        ("feature", "v", "--file", "nothing.sql"),
        ("feature", "v", "--file", "spine.parquet"),
        ("featureset", "v", "--file", "catalog"),
        ("source", "x", "spine.parquet", "--time", "nothing"),
        ("source", "x", "nothing/*.parquet", "--time", "t"),
        ("entity", "x"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_an_error_card_and_exit_code_2(
    words: tuple[str, ...], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in desk.rglob("*"))
    for extra in ((), ("--json",)):
        code, out, err = run(capsys, *extra, *words)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1].startswith("FeatureError[FK")
        assert "fix: " in err
        assert "fix: %" not in err
        assert "Traceback" not in err
    assert sorted(path for path in desk.rglob("*")) == before


def test_a_process_ends_with_the_code_and_no_traceback(desk: Path) -> None:
    assert shell("status").returncode == 0
    refused = shell("show", "nothing", "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Traceback" not in refused.stderr


INTERRUPTED_START = """
import runpy, sys
from importlib.abc import MetaPathFinder

class Interrupt(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "featurekit.verbs":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
runpy.run_module("featurekit", run_name="__main__")
"""


def test_an_interrupt_while_it_starts_is_no_traceback() -> None:
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_START],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "interrupted; nothing was half-written\n"


def test_the_catalog_is_found_by_option_environment_and_file(desk: Path) -> None:
    deep = desk / "deep" / "er"
    deep.mkdir(parents=True)
    here = str(desk / "catalog")

    def views(*words: str, **environment: str) -> int:
        shown = shell(*words, "status", "--json", cwd=deep, **environment)
        return int(json.loads(shown.stdout)["counts"]["views"])

    assert views() == 0
    assert views("--catalog", here) == 1
    assert views(f"--catalog={here}", FEATUREKIT_CATALOG=":memory:") == 1
    assert views(FEATUREKIT_CATALOG=here) == 1
    (desk / "featurekit.toml").write_text('catalog = "catalog"\n')
    assert views() == 1
    assert views(FEATUREKIT_CATALOG=":memory:") == 0


@pytest.mark.parametrize("said", [b"catalog = 3", b"catalog = ", b"\xff", b'catalog = ""'])
def test_a_malformed_featurekit_toml_is_named(
    said: bytes, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "featurekit.toml").write_bytes(said)
    code, _, err = run(capsys, "status")
    assert code == 2
    assert str(desk / "featurekit.toml") in err


def test_a_definition_comes_from_a_file_or_a_pipe(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "cell.sql").write_text(ORDERS)
    _, out, _ = run(capsys, "feature", "a", *CELL, "--file", "cell.sql", "--json")
    assert [f["name"] for f in json.loads(out)["features"]] == ["orders"]
    piped = shell("feature", "b", *CELL, "--quick", "--json", stdin=ORDERS)
    assert json.loads(piped.stdout)["status"] == "draft"
    monkeypatch.setattr(sys, "stdin", io.StringIO(ORDERS))
    assert run(capsys, "feature", "c", *CELL, "--quick", "--file", "-")[0] == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))
    code, _, err = run(capsys, "feature", "d", *CELL)
    assert code == 2
    assert "--file" in err
    assert fk.Workspace("catalog").catalog.drafts() == ("a", "b", "c")


@pytest.fixture
def told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Return what runs the command line with a cell's text, and gives its facts."""

    def tell(*words: str, stdin: str = "") -> dict[str, Any]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code, out, err = run(capsys, *words, "--json")
        assert code == 0, err
        return dict(json.loads(out))

    return tell


def test_a_view_goes_from_draft_to_set(
    desk: Path, capsys: pytest.CaptureFixture[str], told: Callable[..., dict[str, Any]]
) -> None:
    changed = SPEND.replace("last_30d", "last_7d")
    assert told("feature", "customer_spend", *CELL, stdin=changed)["title"].startswith("draft on")
    compared = told("diff", "customer_spend")
    assert compared["impact"] == "values change"
    assert {one["feature"] for one in compared["data"]} >= {"spend_30d"}
    assert told("publish", "customer_spend", "--dry-run")["version"] is None
    published = told("publish", "customer_spend")
    assert published["version"] == "2.0"
    assert published["undo"] == "featurekit rollback customer_spend@1.0"
    pinned = told("featureset", "churn", "--owner", OWNER, stdin="customer_spend@2:spend_30d # y")
    assert pinned["version"] == "2.0"
    told("rollback", "customer_spend@1.0")
    versions = {one["version"]: one for one in told("history", "customer_spend")["versions"]}
    assert versions["1.0"]["current"]
    assert told("deprecate", "customer_spend@2.0")["versions"][0]["deprecated"] == ""
    assert "deprecated" in run(capsys, "history", "customer_spend")[1]


def test_a_view_becomes_strict_in_a_version_of_its_own(
    desk: Path, capsys: pytest.CaptureFixture[str], told: Callable[..., dict[str, Any]]
) -> None:
    drafted = told("feature", "customer_spend", *CELL, "--strict", "--quick", stdin=SPEND)
    assert [code["code"] for code in drafted["lints"] if code["code"] == "FKL12"] == ["FKL12"]
    assert "strict" in dict(drafted["semantics"])
    compared = told("diff", "customer_spend")
    assert compared["impact"] == "statuses change"
    assert {"feature": "spend_30d", "change": "statuses"} in compared["changes"]
    assert [one["feature"] for one in compared["changes"]].count("(strict)") == 1
    assert {one["rows_changed"] for one in compared["data"]} == {0}
    assert told("publish", "customer_spend")["version"] == "2.0"
    assert told("featureset", "churn", "--owner", OWNER, stdin="customer_spend@2")["version"] == (
        "2.0"
    )
    levels = {
        one["version"]: one["impact"] for one in told("history", "customer_spend")["versions"]
    }
    assert levels == {"1.0": "new", "2.0": "statuses"}
    found = fk.Workspace("catalog").catalog.resolve("customer_spend")
    assert cell_text(found.name, found.header, found.text).startswith(
        "%%feature customer_spend --strict --from"
    )
    assert "--strict" in run(capsys, "feature", "customer_spend", *CELL, "--help")[1]
    assert told("feature", "customer_spend", *CELL, "--quick", stdin=SPEND)["title"].startswith("d")
    assert told("publish", "customer_spend")["version"] == "1.0"  # what it means, was published


def test_a_training_set_lands_in_the_file_that_is_named(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, *TRAIN, "--out", "train.parquet")[0] == 0
    frame = pl.read_parquet(desk / "train.parquet")
    assert frame.columns[3:] == [
        f"customer_spend__{name}" for name in ("spend_30d", "orders_7_days", "spend_per_order")
    ]
    below = desk / "below"
    below.mkdir()
    (desk / "spine.parquet").rename(below / "spine.parquet")
    monkeypatch.chdir(below)
    assert run(capsys, *TRAIN, "--out", "train.csv", "--catalog", "../catalog")[0] == 0
    assert (below / "train.csv").is_file()
    assert not list(desk.rglob("*.part"))


def test_an_export_is_checked_and_a_hand_edit_is_seen(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "export", "churn", "--to", "service", "--dry-run")[0] == 0
    assert not (desk / "service").exists()
    assert run(capsys, "export", "churn", "--to", "service")[0] == 0
    assert run(capsys, "check-export", "service")[0] == 0
    [answers] = (desk / "service").rglob("answers.py")
    answers.write_text(answers.read_text() + "# by hand\n")
    edited = shell("check-export", "service", "--json")
    assert edited.returncode == 1
    assert json.loads(edited.stdout)["held"] is False
    assert run(capsys, "export", "churn", "--to", "service")[0] == 2
    assert answers.read_text().endswith("# by hand\n")


def test_an_export_commits_on_a_branch_of_its_own(desk: Path) -> None:
    service = desk / "service"
    service.mkdir()
    who = {f"GIT_{role}_{what}": "ada@example.com" for role in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    git = ["git", "-C", str(service), "-c", "init.defaultBranch=main"]
    environment = {**os.environ, **who}
    subprocess.run([*git, "init", "-q"], check=True, env=environment)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True, env=environment)
    made = shell("export", "churn", "--to", "service", "--branch", "features", "--json", **who)
    assert made.returncode == 0, made.stderr
    found = json.loads(made.stdout)
    assert (found["branch"], bool(found["commit"])) == ("features", True)
    again = shell("export", "churn", "--to", "service", "--branch", "features", **who)
    assert again.returncode == 2


def test_parity_that_does_not_hold_is_exit_code_1(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from featurekit import proof

    honest = proof.served_answers

    def wrong(*given: Any) -> Any:
        answers = list(honest(*given))
        monkeypatch.setattr(proof, "served_answers", honest)
        return [answers[-1], *answers[1:-1], answers[0]]

    monkeypatch.setattr(proof, "served_answers", wrong)
    code, out, _ = run(capsys, "parity", "churn", "--rows", "40", "--json")
    assert code == 1
    assert json.loads(out)["differences"] > 0
    assert json.loads(out)["worst"]
    assert run(capsys, "parity", "churn", "--rows", "40")[0] == 0


def _notebook(path: Path, *cells: str) -> str:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, path)
    return str(path)


def test_a_notebook_is_checked_without_a_kernel(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = f"%%feature customer_spend {' '.join(CELL)}\n"
    same = _notebook(desk / "same.ipynb", "import this", head + SPEND)
    changed = _notebook(desk / "changed.ipynb", head + SPEND.replace("last_30d", "last_9d"))
    wrong = _notebook(desk / "wrong.ipynb", head + ORDERS.replace("*", "nothing"))
    assert run(capsys, "check", same)[0] == 0
    code, out, _ = run(capsys, "check", same, changed, wrong, "--json")
    assert code == 1
    assert len(json.loads(out)["problems"]) == 2


def test_a_cell_in_polars_is_checked_and_shown_in_both_languages(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = f"%%feature in_polars --polars {' '.join(CELL)}\n"
    text = '# How much.\nspend = pl.col("amount").mean().over("last_30d") / 3\n'
    workspace = fk.Workspace("catalog")
    header = {"source": "transactions", "entity": "customer", "owner": OWNER}
    draft = workspace.feature("in_polars", text, language="polars", **header)
    equal = workspace.feature(
        "in_sql", "SELECT AVG(amount) OVER last_30d / 3 AS spend FROM transactions", **header
    )
    assert meaning_hash(draft.view) == meaning_hash(equal.view)
    assert [found.code for found in draft.lints if found.code == "FKL20"] == ["FKL20"]
    workspace.publish("in_polars")
    same = _notebook(desk / "same.ipynb", head + text)
    changed = _notebook(desk / "changed.ipynb", head + text.replace("mean", "max"))
    wrong = _notebook(desk / "wrong.ipynb", head + text.replace("mean()", "map_elements(str)"))
    assert run(capsys, "check", same)[0] == 0
    code, out, _ = run(capsys, "check", changed, wrong, "--json")
    assert code == 1
    assert "FK162" in json.loads(out)["problems"][1]
    code, out, _ = run(capsys, "show", "in_polars", "--json")
    facts = json.loads(out)
    assert (facts["language"], facts["description"]) == ("polars", "How much.")
    assert "AVG(amount) OVER last_30d / 3.0 AS spend" in facts["sql"]
    code, out, _ = run(capsys, "edit", "in_polars", "--json")
    cell = json.loads(out)["cell"]
    assert cell.startswith("%%feature in_polars --polars ")
    assert cell.endswith(text)


def test_a_view_whose_data_is_gone_can_still_be_read(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = fk.Workspace("catalog")
    workspace.feature(
        "customer_spend", ORDERS, source="transactions", entity="customer", owner=OWNER
    )
    (desk / "transactions.parquet").write_bytes(b"PAR1 broken")
    code, out, _ = run(capsys, "show", "customer_spend@1.0")
    assert code == 0
    assert "no data" in out
    assert "last_30d" in out
    code, out, _ = run(capsys, "diff", "customer_spend")
    assert code == 0
    assert "no data" in out


def test_letters_that_a_terminal_does_not_have_are_no_reason_to_fail(desk: Path) -> None:
    shown = shell("show", "customer_spend", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    refused = shell("show", "\udcff")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def full(_: str) -> int:
    """Refuse to be written, as a disk without room does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_answer_that_cannot_be_written_is_no_traceback(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys.stdout, "write", full)
    assert cli.main(["status"]) == 2
    assert "No space left" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_error(desk: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-m", "featurekit", "ops", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.read(10)
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 0


def test_several_views_are_asked_for_in_one_call(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = fk.Workspace("catalog")
    define(workspace, "SELECT COUNT(*) OVER last_7d AS n FROM transactions", name="visits")
    words = ["customer_spend", "visits:n", "--spine", "spine.parquet", "--time", "asked_at"]
    code, told, _ = run(capsys, "trainset", *words, "--json")
    assert code == 0
    facts = json.loads(told)
    assert facts["set"] == "customer_spend visits:n"
    assert facts["features"][-1]["column"] == "visits__n"
    for more in (["--memory", "1GB", "--out", "t.parquet"], ["--engine", "duckdb", "--explain"]):
        code, told, _ = run(capsys, "trainset", *words, *more, "--json")
        assert json.loads(told)["features"][-1]["column"] == "visits__n"


def test_a_draft_that_was_never_published_is_not_said_to_have_a_version(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = fk.Workspace("catalog")
    define(workspace, "SELECT COUNT(*) OVER last_7d AS n FROM transactions", name="visits")
    words = ["--spine", "spine.parquet", "--time", "asked_at"]
    assert "visits@1" not in run(capsys, "trainset", "visits", *words)[1]
    define(workspace)
    assert "customer_spend@1 asks" in run(capsys, "trainset", "customer_spend", *words)[1]
