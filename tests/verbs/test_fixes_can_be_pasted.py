"""What an error tells its reader to write is right, and works when it is pasted."""

from __future__ import annotations

import pytest
from trade import define

import featurekit as fk


def test_a_draft_that_is_exported_or_put_into_a_set_is_said_to_be_a_draft(
    trade: fk.Workspace,
) -> None:
    define(trade, name="m9")
    for use in (
        lambda: trade.export("m9", to="service"),
        lambda: trade.feature_set("churn", ["m9"], owner="risk@example.com"),
    ):
        with pytest.raises(fk.FeatureError) as caught:
            use()
        assert caught.value.code in {"FK350", "FK303"}
        assert "'m9' is a draft" in caught.value.problem
        assert "did you mean" not in caught.value.problem
        assert caught.value.fix == "%feature publish m9"
