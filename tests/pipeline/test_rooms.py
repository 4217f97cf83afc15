"""A stage depends on rooms: which edit of the library makes which stages stale, as DVC sees it.

Named are the stages whose own code has changed. What follows them runs again too where what they
write comes out otherwise; where the bytes are the same, it stops there.
"""

from functools import cache

import pytest
from dvc.dependency import param
from dvc.repo import Repo

TRAIN, EVALUATE = (
    {f"{stage}@tiny-reference-{d}-0" for d in (18, 34)} for stage in ("train", "evaluate")
)
LEVELS, PRUNE, PRUNED_LATENCY = {"levels@tiny"}, {"prune@tiny-18-0"}, {"pruned_latency@tiny-18"}
EXPORT, LATENCY = (
    {f"{stage}@tiny-reference-{d}" for d in (18, 34)} for stage in ("export", "latency")
)
SUMMARIZE, REPORT = {"summarize@tiny"}, {"report@tiny"}
RECIPE = {"recipe@reference"}
START = {"start@reference-18", "start@reference-34"}
WITH_DATA = {"download@tiny", "prepare@tiny"}
CLOCKS = LATENCY | PRUNED_LATENCY
NETWORKS = TRAIN | EVALUATE | EXPORT | CLOCKS | PRUNE
ALL = {"settings"} | RECIPE | START | WITH_DATA | LEVELS | NETWORKS | SUMMARIZE | REPORT


@pytest.fixture(scope="module")
def repository(finished, tmp_path_factory):
    """A finished study: its rooms' folder, and DVC at work in it."""
    study = finished.copy(tmp_path_factory.mktemp("rooms"))
    with Repo(str(study.folder)) as repo, repo.lock, pytest.MonkeyPatch.context() as patch:
        # For each stage DVC would read params.yaml again, which no test here edits.
        patch.setattr(param, "load_path", cache(param.load_path))
        yield study.folder / "src" / "resnet_depth", repo


def stale_stages(repo):
    return {stage.name for stage in repo.index.stages if stage.status(check_updates=True)}


def test_a_study_that_was_not_edited_has_nothing_stale(repository):
    assert stale_stages(repository[1]) == set()


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        ("base/files.py", ALL),
        ("params.py", {"settings"}),
        ("runs/names.py", ALL - RECIPE - {"download@tiny"} - LEVELS),
        ("machine/stopwatch.py", NETWORKS | SUMMARIZE | REPORT),
        ("data/fetching/fetch.py", WITH_DATA | START | REPORT),
        ("data/preparation/readers.py", {"prepare@tiny"} | REPORT),
        (
            "data/prepared.py",
            {"prepare@tiny"}
            | (TRAIN | EVALUATE | EXPORT | PRUNE | PRUNED_LATENCY)
            | (SUMMARIZE | REPORT),
        ),
        ("networks/resnet.py", START | NETWORKS),
        ("training/loop.py", TRAIN | PRUNE | SUMMARIZE | REPORT),
        ("start/imagenet.py", START),
        ("start/settings.py", {"settings"} | RECIPE | START),
        ("start/records.py", START | TRAIN | PRUNE),
        (
            "training/settings.py",
            {"settings"} | RECIPE | START | TRAIN | PRUNE | SUMMARIZE | REPORT,
        ),
        ("training/optimization/muon.py", TRAIN | PRUNE | SUMMARIZE | REPORT),
        ("evaluation/metrics.py", EVALUATE | SUMMARIZE | REPORT),
        ("deployment/onnx_graph.py", EXPORT | CLOCKS),
        ("export/card.md.jinja", EXPORT | REPORT),
        ("export/records.py", EXPORT | CLOCKS | REPORT),
        ("latency/measure.py", CLOCKS | REPORT),
        ("latency/settings.py", {"settings"} | CLOCKS | REPORT),
        ("latency/pruned.py", CLOCKS | REPORT),
        ("pruning/channels.py", PRUNE | SUMMARIZE | REPORT),
        (
            "pruning/settings.py",
            {"settings"} | LEVELS | PRUNE | PRUNED_LATENCY | SUMMARIZE | REPORT,
        ),
        ("evidence/statistics.py", SUMMARIZE | REPORT),
        ("findings/growth.py", REPORT),
        ("report/results_table.py", REPORT),
        ("report/page.html.jinja", REPORT),
        ("report/page.js", REPORT),
        ("report/page.css", REPORT),
        ("report/figures/pareto.py", REPORT),
        ("commands/publishing/publish.py", set()),
        ("commands/reproducing/reproduce.py", set()),
        ("commands/sweeping/sweep.py", set()),
        ("commands/predicting/predict.py", set()),
        ("commands/bench/benchmark.py", set()),
    ],
)
def test_an_edit_reruns_the_stages_that_reach_its_room(repository, file, stale):
    rooms, repo = repository
    before = (rooms / file).read_bytes()
    (rooms / file).write_bytes(before + b"\n# edited\n")
    try:
        assert stale_stages(repo) == stale
    finally:
        (rooms / file).write_bytes(before)


@pytest.mark.parametrize(
    "file", ["training/.loop.py.swp", "training/README.md", "training/__pycache__/loop.pyc"]
)
def test_what_is_no_code_of_a_room_reruns_nothing(repository, file):
    rooms, repo = repository
    (rooms / file).parent.mkdir(exist_ok=True)
    (rooms / file).write_bytes(b"no code")
    try:
        assert stale_stages(repo) == set()
    finally:
        (rooms / file).unlink()


def test_every_room_has_its_row(repository):
    rooms, _ = repository
    rows = test_an_edit_reruns_the_stages_that_reach_its_room.pytestmark[0].args[1]

    assert {file.split("/")[0] for file, _ in rows} == {
        path.name for path in rooms.iterdir() if path.name not in ("__init__.py", "__pycache__")
    }
