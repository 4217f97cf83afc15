"""Copies of one publication, changed here and there, as studies to compare or to pool."""

import shutil

import pandas as pd
import pytest
from given.published_study import publish_finished, write_published_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.commands.publishing.study import open_study


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the folder of a publication that all studies here are copies of."""
    study = write_published_study(tmp_path_factory.mktemp("comparison"), shared=[(18, 2)])
    return publish_finished(study)


@pytest.fixture
def studies(published, tmp_path):
    """Return a function that makes a study: the published one with some of it changed."""

    def make(name, *, params=(), depths=(18, 34, 50), seeds=(0, 1, 2), epochs=6, better=0.0):
        folder = tmp_path / name
        shutil.copytree(published, folder)
        text = (folder / "params.yaml").read_text(encoding="utf-8")
        for old, new in params:
            assert old in text
            text = text.replace(old, new)
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        tested = folder / "tables" / "accuracy.csv"
        runs = pd.read_csv(tested)
        own = runs[runs.depth.isin(depths) & runs.seed.isin(seeds)]
        if own.empty:
            own = runs[runs.depth == 18].assign(depth=depths[0])
        own.to_csv(tested, index=False)
        table = folder / "tables" / "curves.csv"
        curves = pd.read_csv(table)
        curves["validation_accuracy"] += better
        kept = curves.depth.isin(depths) & curves.seed.isin(seeds) & (curves.epoch <= epochs)
        curves[kept].to_csv(table, index=False)
        for path in (folder / "training").rglob("*.json"):
            write_json(path, read_json(path) | {"epochs": epochs})
        return open_study(tmp_path, name)

    return make
