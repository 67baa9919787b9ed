"""Damaged data, cells in another order, a catalog that cannot be written, words at random."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from trade import OWNER, SPEND, define, registered, spine

import featurekit as fk
from featurekit import cli
from featurekit.verbs import VERBS

ASK: dict[str, Callable[[fk.Workspace], Any]] = {
    "training": lambda ws: ws.training_set(spine(), "churn", time="asked_at"),
    "duckdb": lambda ws: ws.training_set(spine(), "churn", time="asked_at", engine="duckdb"),
    "serving": lambda ws: ws.served("churn", spine(), time="asked_at"),
    "parity": lambda ws: ws.parity("churn", rows=5),
    "preview": lambda ws: ws.preview("churn"),
    "export": lambda ws: ws.export("churn", to="service"),
}


def damaged(good: bytes) -> dict[str, bytes | None]:
    """Return what a file may have become."""
    return {
        "missing": None,
        "empty": b"",
        "cut off": good[: len(good) // 2],
        "its end only": good[-200:],
        "another format": b"customer_id,event_time\n",
        "damaged inside": good[:100] + bytes(200) + good[300:],
    }


@pytest.mark.parametrize("harm", damaged(b""))
def test_a_damaged_file_is_named_on_every_path(harm: str, desk: Path) -> None:
    path = desk / "transactions.parquet"
    content = damaged(path.read_bytes())[harm]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for ask in ASK.values():
        with pytest.raises(fk.FeatureError, match="transactions") as caught:
            ask(fk.Workspace("catalog"))
        assert caught.value.code in {"FK201", "FK202"}
    assert not (desk / "service").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame.drop("amount"), "FK205"),
        (lambda frame: frame.drop("customer_id"), "FK205"),
        (lambda frame: frame.with_columns(amount=pl.lit("much")), "FK207"),
        (
            lambda frame: frame.with_columns(pl.col("event_time").dt.replace_time_zone(None)),
            "FK209",
        ),
        (lambda frame: frame.with_columns(amount=pl.lit([1.0])), "FK206"),
    ],
)
def test_data_that_changed_under_its_definition_is_named(
    desk: Path, change: Any, code: str
) -> None:
    path = desk / "transactions.parquet"
    frame = pl.read_parquet(path)
    change(frame).write_parquet(path)
    for ask in ASK.values():
        with pytest.raises(fk.FeatureError, match="transactions") as caught:
            ask(fk.Workspace("catalog"))
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "FK109"),
        ("SELEC amount", None),
        ("SELECT SUM(amount OVER last_7d AS x FROM transactions", None),
        ("SELECT SUM(amout) OVER last_7d AS x FROM transactions", "FK111"),
        ("SELECT SUM(amount) OVER last_7x AS x FROM transactions", None),
        ("SELECT SUM(amount) OVER last_7d AS x FROM transaction", None),
        ("SELECT SUM(status) OVER last_7d AS x FROM transactions", None),
        ("SELECT amount AS x FROM transactions", None),
        ("SELECT 1 AS a, 2 AS a FROM transactions", None),
        ("SELECT VOCAB(country, nothing) AS x FROM transactions", None),
        ("SELECT now() AS x FROM transactions", None),
        ("DROP TABLE transactions", None),
        ("SELECT 1 AS x FROM transactions; DROP TABLE transactions", None),
        ("SELECT (SELECT 1) AS x FROM transactions", None),
        ("SELECT read_csv('/etc/passwd') AS x FROM transactions", None),
        ("SELECT '" + "x" * 100_000, None),
        ("SELECT " + "(" * 5000 + "1" + ")" * 5000 + " AS x FROM transactions", None),
        ("SELECT \0 AS x FROM transactions", None),
    ],
    ids=lambda value: str(value)[:40].replace("\0", "NUL"),
)
def test_a_cell_that_is_refused_leaves_the_draft_as_it_was(
    trade: fk.Workspace, cell: str, code: str | None
) -> None:
    define(trade)
    with pytest.raises(fk.FeatureError) as caught:
        define(trade, cell)
    assert caught.value.code.startswith("FK1")
    assert caught.value.fix
    assert code in {None, caught.value.code}
    assert trade.draft("customer_spend").record.text == SPEND


def test_cells_in_another_order_say_what_is_missing() -> None:
    workspace = fk.Workspace(":memory:")
    cell: dict[str, Any] = {"entity": "customer", "owner": OWNER}
    derived = "SELECT spend_30d * 2 AS twice FROM customer_spend"

    def refused(ask: Callable[[], Any]) -> str:
        with pytest.raises(fk.FeatureError) as caught:
            ask()
        return caught.value.code

    early = [
        refused(lambda: workspace.feature("v", derived, source="customer_spend", **cell)),
        refused(lambda: define(workspace)),
        refused(lambda: workspace.publish("customer_spend")),
        refused(lambda: workspace.feature_set("churn", ["customer_spend"], owner=OWNER)),
        refused(lambda: workspace.training_set(spine(), "churn", time="asked_at")),
        refused(lambda: workspace.source("s", [{"k": 1}], entity="customer", time="k")),
    ]
    assert early == ["FK110", "FK110", "FK309", "FK303", "FK350", "FK115"]
    assert not workspace.catalog.drafts()
    registered(workspace)
    define(workspace)
    workspace.feature("v", derived, source="customer_spend", **cell)
    assert refused(lambda: workspace.publish("v")) == "FK307"
    workspace.publish("customer_spend")
    workspace.feature("v", derived, source="customer_spend", **cell)
    assert workspace.publish("v") == "1.0"


def test_a_catalog_that_cannot_be_written_keeps_what_it_has(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()}
    opened = os.open

    def read_only(path: Any, flags: int, *more: Any, **other: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **other)

    workspace = fk.Workspace("catalog")
    asks: list[Callable[[], Any]] = [
        lambda: workspace.entity("shop", "shop_id:string"),
        lambda: workspace.vocabulary("sizes", {"S": ["small"]}),
        lambda: define(workspace, SPEND.replace("30d", "31d")),
        lambda: workspace.feature_set("other", ["customer_spend"], owner=OWNER),
        lambda: workspace.deprecate("customer_spend@1.0"),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        for ask in asks:
            with pytest.raises(fk.FeatureError) as caught:
                ask()
            assert caught.value.code.startswith("FK32")
    assert {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()} == before
    assert len(workspace.training_set(spine(), "churn", time="asked_at")) == len(spine())


WORDS = (
    *("customer_spend", "churn", "customer_spend@1", "churn@1.0", "customer", "transactions"),
    *("spine.parquet", "transactions.parquet", "asked_at", "cell.sql", "x:string", "US=USA"),
    *("../x", "class", 'a"b', "x); DROP", "", "-", "--", "-i", "\0", "\udcff", "é", "a" * 300),
    *("--json", "--spine", "--time", "--out", "o.csv", "--rows", "3", "-1", "--to", "s", "--file"),
    *("--dry-run", "--branch", "--from", "--entity", "--owner", OWNER, "--kind", "request"),
    *("--zone", "UTC", "--max-age", "7d", "--tag", "--reason", "--table", "--quick", "--help"),
    *("--catalog", ":memory:", "sqlite:///x", "%s", "{x}", "$HOME", "`id`", "'", "*", "**/*"),
)


def fuzzed(seed: int) -> list[str]:
    """Return a command line at random, half of them with a verb and its options."""
    draw = random.Random(seed)  # noqa: S311  the same words every time
    verb = draw.choice([*sorted(set(VERBS) - {"build"}), "nonsense"])
    words = [draw.choice(WORDS) for _ in range(draw.randrange(7))]
    if draw.random() < 0.5:
        usable = VERBS.get(verb)
        for argument in usable.arguments if usable else ():
            name = argument.names[0]
            words[:0] = [draw.choice(WORDS)] if name[0] != "-" else [name, draw.choice(WORDS)]
    return [verb, *words]


FAST, SLOW = range(3), range(3, 10)


@pytest.mark.parametrize(
    "block", [*FAST, *(pytest.param(block, marks=pytest.mark.slow) for block in SLOW)]
)
def test_words_at_random_are_done_or_refused_and_harm_nothing(
    block: int, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "cell.sql").write_text(SPEND)
    log = sorted((desk / "catalog" / "log").iterdir())
    before = [path.read_bytes() for path in log]
    for seed in range(50 * block, 50 * block + 50):
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        words = fuzzed(seed)
        code = cli.main(words)
        shown = capsys.readouterr()
        assert code in {0, 1, 2}, words
        assert (code == 2) == ("FeatureError[FK" in shown.err), words
        assert "Traceback" not in shown.out + shown.err, words
    assert [path.read_bytes() for path in log] == before
    assert not list(desk.parent.glob("x*"))
    workspace = fk.Workspace("catalog")
    assert len(workspace.training_set(spine(), "churn@1.0", time="asked_at")) == len(spine())


def test_a_catalog_whose_name_no_file_system_has_is_refused() -> None:
    with pytest.raises(fk.FeatureError) as refused:
        fk.Workspace("a\0b")
    assert refused.value.code == "FK322"


def test_an_empty_word_that_a_verb_does_not_take_is_refused() -> None:
    with pytest.raises(fk.FeatureError) as refused:
        VERBS["ops"].parser().parse_args(["x", "", ""])
    assert refused.value.code == "FK902"
