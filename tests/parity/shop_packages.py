"""The shop's cells as rendered packages, and the training path over made-up rows."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl
from shop_cells import Cell, views_of, wanted_of

from featurekit.export.package import Described, PackageSpec
from featurekit.export.render import render
from featurekit.ir.definitions import FeatureSet, Member
from featurekit.ir.view import View
from featurekit.parity.rows import Shape, shape
from featurekit.parity.vectors import Train
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData


def shape_of(case: Cell) -> Shape:
    views = views_of(case)
    return shape(wanted_of(views), views)


def specification(made: Shape) -> PackageSpec:
    members = tuple(
        Member(view.name, reference.partition("@")[2], tuple(f.name for f in view.features))
        for reference, view in made.views.items()
    )
    described = {reference: Described(view) for reference, view in made.views.items()}
    return PackageSpec(FeatureSet("shop", members), "1.0", "0", described, "0.1", "ann@example.com")


def package_of(made: Shape) -> dict[str, str]:
    return render(specification(made))


def trainer(made: Shape) -> Train:
    def train(
        views: Mapping[str, View],
        spine: pl.DataFrame,
        frames: Mapping[str, pl.DataFrame],
        time: str,
    ) -> pl.DataFrame:
        data = {name: SourceData(made.sources[name], f.lazy()) for name, f in frames.items()}
        return training_set(spine, made.wanted, views, data, time=time).frame

    return train


def of_functions(package: Mapping[str, str]) -> dict[str, str]:
    """Return a package that answers with its functions over rows in place of window states."""
    path = "shop_features/v1_0/__init__.py"
    states = r"= (\w+)\.(\w+)\(asked, moment(.*)\)$"
    functions = r"= views.\2(\1.rows, asked, moment\3)"
    text = re.sub(states, functions, package[path], flags=re.MULTILINE)
    return {**package, path: text}
