"""FK170-FK179 and FK354-FK356: labels, which look ahead, and the features that must not."""

from __future__ import annotations

from collections.abc import Sequence

from featurekit.errors.base import Where, listed
from featurekit.errors.catalog import CatalogError
from featurekit.errors.definition import DefinitionError


class LabelRefused(DefinitionError):
    """Something that only features have, or that says nothing of what comes."""

    code = "FK170"

    def __init__(self, problem: str, why: str, fix: str, where: Where | str | None) -> None:
        super().__init__(problem, where=where, why=why, fix=fix)


class LooksBackOnly(DefinitionError):
    """A label that is known at the moment of asking."""

    code = "FK171"

    def __init__(self, name: str, where: Where | None) -> None:
        super().__init__(
            f"label {name!r} looks at nothing that comes later",
            where=where,
            why="what is known at the moment is a feature; a label reads it in hindsight, late "
            "rows included, which no service could do",
            fix="OVER next_30d, or move it to a %%feature cell",
        )


class LabelAsFeature(CatalogError):
    """FK354: a label where what is named becomes an input of a model."""

    code = "FK354"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' is a label: it is made of what comes after the moment",
            why="as a feature it would tell the model what it is to predict, and no service has it",
            fix=f"labels=['{name}'] (%trainset SET --labels {name}); of features a view of its own",
        )


class FeatureAsLabel(CatalogError):
    """FK355: a view of features among the labels."""

    code = "FK355"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"'{name}' is no label",
            why="features are known at the moment; what is to be predicted comes later",
            fix=f"one of: {listed(known)}" if known else f"%%label {name} ... OVER next_30d",
        )


class ChangesSides(CatalogError):
    """FK356: one name for features and, in another version, for labels."""

    code = "FK356"

    def __init__(self, name: str, *, label: bool) -> None:
        was, now = ("features", "labels") if label else ("labels", "features")
        super().__init__(
            f"'{name}' has versions that are {was}; it cannot become {now}",
            why="whoever pinned the name would get what comes later for what was known, or the "
            "reverse",
            fix=f"another name: {name}_{'label' if label else 'features'}",
        )
