"""The benchmark: what is counted, how rounds are compared, and that it runs as typed."""

import json
import multiprocessing
import sys
from pathlib import Path

import pytest
import torch

from resnet_depth.base.cli import run
from resnet_depth.commands.bench import __main__ as command
from resnet_depth.commands.bench.benchmark import compared, projected, run_benchmark
from resnet_depth.commands.bench.contenders import Setup, Start
from resnet_depth.commands.bench.records import Benchmark
from resnet_depth.commands.bench.table import benchmark_table
from resnet_depth.networks.counts import training_flops
from resnet_depth.networks.shape import DEPTHS, NetworkShape
from resnet_depth.training.settings import TrainSettings, load_recipe

ROOT = Path(__file__).parents[3]
FIGURES = {
    "plain_loop_0_workers": [10.0, 20.0, 10.0],
    "plain_loop_2_workers": [12.0, 11.0, 12.0],
    "plain_network": [20.0, 20.0, 25.0],
    "ours": [36.0, 44.0, 60.0],
    "torch_mm": [50.0, 50.0, 50.0],
    "onednn_mm": [100.0, 88.0, 120.0],
}


def test_rounds_are_compared_one_by_one_with_the_better_plain_loop_and_limit():
    found = compared(Start(18, 64), FIGURES)

    assert found.plain_loop == "plain_loop_2_workers"
    assert found.over_plain_loop.model_dump() == {"median": 4.0, "min": 3.0, "max": 5.0}
    assert found.over_plain_network.model_dump() == {"median": 2.2, "min": 1.8, "max": 2.4}
    assert found.limit == "onednn_mm"
    fractions = [
        images * training_flops(NetworkShape(18, 10, "imagenet", 32)) / 1e9 / limit
        for images, limit in ((36, 100), (44, 88), (60, 120))
    ]
    assert found.fraction_of_limit.model_dump() == {
        "median": pytest.approx(fractions[1]),
        "min": pytest.approx(fractions[0]),
        "max": pytest.approx(fractions[2]),
    }
    assert "torch_mm" not in found.images_per_second


def test_the_reference_study_is_projected_from_medians_at_its_batch_size():
    rows = [compared(Start(depth, 64), FIGURES) for depth in (18, 34, 50)]
    rows.append(compared(Start(18, 256), {**FIGURES, "ours": [1e9] * 3}))

    found = projected(rows, 64)

    assert found.minutes["ours"] == pytest.approx(3 * 250_000 / 44 / 60)
    assert found.minutes["plain_loop"] == pytest.approx(3 * 250_000 / 12 / 60)
    assert projected(rows[1:], 64) is None
    assert projected(rows, 256) is None


def test_the_command_prints_a_table_and_writes_every_round(tmp_path, monkeypatch, capfd):
    out = tmp_path / "bench.json"
    arguments = ["--params", str(ROOT / "params.yaml"), "--quick", "--depth", "18"]
    arguments += ["--batch-size", "2", "--rounds", "2", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    # For the processes of the contenders.
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setattr(command, "QUICK_SEGMENT_SECONDS", 0.05)

    with pytest.raises(SystemExit) as ended:
        run(command.main)

    done = capfd.readouterr()
    assert ended.value.code == 0, done.err
    written = json.loads(out.read_text())
    row = written["results"][0]
    assert (row["depth"], row["batch_size"]) == (18, 2)
    rates = row["images_per_second"] | row["limit_gflops"]
    assert {"plain_loop_0_workers", "plain_loop_2_workers", "plain_network", "ours"} < set(rates)
    assert all(len(each) == 2 and min(each) > 0 for each in rates.values())
    assert written["study"] is None
    assert done.out == benchmark_table(Benchmark.model_validate(written))
    assert "ResNet-18" in done.out
    assert max(map(len, done.out.splitlines())) <= 110
    assert "Traceback" not in done.err
    assert multiprocessing.active_children() == []


def refused(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["bench", "--params", *arguments])
    with pytest.raises(SystemExit) as ended:
        run(command.main)
    return ended.value.code


def test_an_unknown_depth_is_refused_at_once(monkeypatch):
    said = refused(monkeypatch, str(ROOT / "params.yaml"), "--depth", "20")

    # Python says it on stderr and ends with status 1.
    assert said == f"--depth: need one of {list(DEPTHS)}, got 20"


def test_a_recipe_that_the_plain_loop_has_not_is_refused(monkeypatch, tmp_path):
    params = tmp_path / "params.yaml"
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    params.write_text(text.replace("    stem: imagenet", "    stem: half", 1), encoding="utf-8")

    said = refused(monkeypatch, str(params), "--recipe", "reference")

    assert said.startswith("--recipe reference: has stem half and images of 32 pixels; allowed:")
    assert "recipes.none is missing" in refused(monkeypatch, str(params), "--recipe", "none")


def test_the_recipe_decides_what_is_timed(monkeypatch, tmp_path):
    taken = []

    def stop(setup, *_):
        taken.append(setup.recipe)
        raise SystemExit(0)

    monkeypatch.setattr(command, "run_benchmark", stop)

    refused(monkeypatch, str(ROOT / "params.yaml"), "--recipe", "fast")

    assert taken == [load_recipe(ROOT / "params.yaml", "fast")]


def test_a_device_that_is_not_there_is_refused():
    if torch.cuda.is_available():
        pytest.skip("CUDA is there")
    hardware = TrainSettings(device="cuda", threads=1)
    setup = Setup(load_recipe(ROOT / "params.yaml", "reference"), hardware)

    with pytest.raises(Exception, match="device cuda isn't available here"):
        run_benchmark(setup, [18], [2], 1, 0.1)
