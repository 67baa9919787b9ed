"""Every error of the catalog and of the hand-off has a text that somebody looked at.

``FEATUREKIT_GOLDEN=write`` writes the texts anew; the change is then read in the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from featurekit.errors import FeatureError, catalog, export, labels, materializing, replay

GOLDEN = Path(__file__).parents[1] / "golden" / "store_and_hand_off_errors"
LOG = "catalog/log/00000002.json"
SERVICE = "../scoring-service"

ERRORS: tuple[FeatureError, ...] = (
    catalog.InvalidName("view", "../x", "a name becomes a column, a file and an identifier"),
    catalog.NameTaken("feature set", "Spend", "view 'spend'"),
    catalog.UnknownName("view", "spent", ["spend", "visits"]),
    catalog.UnknownVersion("spend", "7", ["1.0", "1.1"]),
    catalog.InvalidReference("spend@x"),
    catalog.MissingOwner("view", "spend"),
    catalog.UsesDraft("ratio", ["spend@draft"], ["spend"]),
    catalog.NothingEarlier("spend", "1.0"),
    catalog.NothingToPublish("spent", ["spend"]),
    catalog.InvalidSet("churn", "it has no features", "name at least one view: customer_spend@1"),
    catalog.InvalidTime("yesterday"),
    catalog.NotStorable("a value of type module"),
    catalog.StoreUnavailable("catalog/log", "written", "read-only file system"),
    catalog.StoreFull(LOG, "no space left on device"),
    catalog.NotAFolder("catalog"),
    catalog.CorruptEntry(LOG, "it is empty"),
    catalog.MissingEntry(LOG, "00000003.json"),
    catalog.ForeignFile("catalog/log/00000002 (copy).json"),
    catalog.BrokenChain(LOG, "catalog/log/00000001.json"),
    catalog.NewerFormat(LOG, "2", 1),
    catalog.StoreComesLater("postgresql://me:***@db.example.com/x", "postgresql"),
    catalog.CorruptDraft("catalog/drafts/spend.json", "spend", "it is empty"),
    catalog.TooManyWriters("catalog", 1000),
    catalog.NoHardLinks(LOG, "operation not supported"),
    labels.LabelAsFeature("churned"),
    labels.FeatureAsLabel("spend", ["churned"]),
    labels.ChangesSides("spend", label=True),
    export.MissingTarget("../no/such"),
    export.TargetNotAFolder("../notes.txt"),
    export.UnsafePath("churn_features/views.py", "it is a link"),
    export.HandEdited(SERVICE, ["churn_features/v1_0/views.py"]),
    export.ForeignFiles(SERVICE, ["churn_features/__init__.py"]),
    export.TargetUnwritable(SERVICE, "no space left on device", begun=False),
    export.ExportRunning(SERVICE),
    export.InterruptedExport(f"{SERVICE}/.featurekit-export", "its journal is damaged"),
    export.NotARepository(SERVICE, "fatal: not a git repository"),
    export.DirtyTree(SERVICE, ["README.md"]),
    export.BranchExists(SERVICE, "features/churn"),
    export.InvalidBranch("a b"),
    export.NoIdentity(SERVICE),
    export.GitMissing(),
    export.GitRefused(SERVICE, "make the branch", "fatal: cannot lock ref"),
    export.NotAPackage(SERVICE),
    export.DamagedManifest("churn_features/v1_0/manifest.json", "it is not JSON"),
    export.NewerManifest("churn_features/v1_0/manifest.json", "2", 1),
    export.EarlierLayout("churn_features", "1.0", "this catalog does not hold it"),
    export.SessionOnly("churn", ["transactions"]),
    materializing.EntitiesNotKnown(
        "churn@1.0",
        'SELECT "customer_id", CAST(NULL AS BIGINT) AS "age" FROM '
        '(SELECT DISTINCT "customer_id" FROM "transactions")',
        "a question carries age",
        ["age"],
    ),
    replay.UnreadableLog("rows.jsonl", "it is not a row", 7),
    replay.NothingLogged("rows.jsonl", "churn"),
    replay.HiddenInputs("rows.jsonl", ["transactions.customer_id", "question.channel"]),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.code}_{type(error).__name__}")
def test_an_error_says_what_where_why_and_how_to_fix_it(error: FeatureError) -> None:
    file = GOLDEN / f"{error.code}.txt"
    if os.environ.get("FEATUREKIT_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{error}\n", encoding="utf-8")
    assert f"{error}\n" == file.read_text(encoding="utf-8")
    assert error.fix


def test_every_error_of_the_catalog_has_its_text() -> None:
    assert {type(error) for error in ERRORS} >= set(catalog.CatalogError.__subclasses__()) - {
        cls for cls in catalog.CatalogError.__subclasses__() if cls.__module__ != catalog.__name__
    }
