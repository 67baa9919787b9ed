"""``materialize`` from a shell and from a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shop_floor as floor

from featurekit import cli
from featurekit.notebook.cards import blocks
from featurekit.verbs import Session, run_line


def test_the_command_line_prints_what_was_written(
    ws: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--as-of", "2024-03-31T00:00:00Z", "--catalog", ws.url, "--json"]
    for out, rows in (("scores.csv", 4), ("store.sqlite", 70)):
        words = ["materialize", "floor", "--out", str(tmp_path / out), *asked]
        assert cli.main(words) == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["set"], facts["rows"], facts["unchanged"]) == ("floor@1.0", rows, False)
        assert facts["sources"][0] == {"source": "readings", "visible": 534}
        assert cli.main(words) == 0
        assert json.loads(capsys.readouterr().out)["unchanged"]
    late = [*words[:4], "--as-of", "2024-03-31", "--catalog", ws.url]
    assert cli.main(late) == 2
    assert "FK250" in capsys.readouterr().err


def test_the_magic_takes_a_variable_and_shows_a_card(ws: Any, tmp_path: Path) -> None:
    session = Session()
    session.use(ws)
    out = tmp_path / "scores.parquet"
    line = f"floor --as-of {floor.START.isoformat()} --out {out} --entities mine"
    facts = run_line(session, "materialize", line, None, {"mine": [{"machine": "m1"}]})
    assert (facts["rows"], facts["as_of"]) == (1, "2024-03-01T00:00:00Z")
    shown = repr(blocks(facts))
    for words in ("floor@1.0", "2024-03-01T00:00:00Z", "1 row", "readings"):
        assert words in shown
