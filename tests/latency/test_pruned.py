"""Latency of pruned networks: all kept levels are timed beside the plain network."""

import pytest
import torch
from given.narrow_network import narrow
from given.stage_files import ENVIRONMENT, write_levels, write_pruned
from torch import nn

from resnet_depth.base.errors import UserError
from resnet_depth.latency.measure import torch_form
from resnet_depth.latency.pruned import deployed_form, measure_pruned_latency
from resnet_depth.latency.settings import BatchTiming, LatencySettings
from resnet_depth.latency.timing import compare_outputs, random_images
from resnet_depth.networks.storage import load_network, save_network
from resnet_depth.runs.names import Run
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord

SETTINGS = LatencySettings(
    device="cpu",
    threads=1,
    sessions=2,
    pause=0,
    band=0.5,
    single=BatchTiming(batch_size=1, warmup=1, repeats=3),
    batched=BatchTiming(batch_size=16, warmup=1, repeats=2),
)
# By `write_levels`; the control's networks aren't kept.
KEPT = [
    ("exact", "nothing", 0.0),
    *(("inner", "l2", share) for share in (0.5, 0.75)),
    *(("groups", "l2", share) for share in (0.5, 0.75)),
    *(("weights", "magnitude", share) for share in (0.8, 0.9)),
]


@pytest.fixture
def record(exported):
    return read_record(exported.model / "train.json", TrainingRecord, "train")


@pytest.fixture
def pruned(exported, record, tmp_path):
    """The folder of a pruning: its record, and a network a level that is kept."""
    levels, folder = tmp_path / "levels.json", tmp_path / "pruned"
    write_levels(levels, "reference", [18])
    run = Run("reference", 18, 0)
    write_pruned(levels, folder, tmp_path / "clock.json", run, 0.9, ENVIRONMENT)
    for kind, chosen_by, share in KEPT:
        network = load_network(exported.model, record.shape)
        if chosen_by == "l2":
            narrow(network)
        name = f"{kind}-{chosen_by}-{100 * share:g}" if share else kind
        save_network(network, folder / name)
    return folder


def measure(exported, pruned):
    card = exported.data / "dataset.json"
    return measure_pruned_latency(exported.model, pruned, card, SETTINGS)


def test_every_level_but_the_control_is_timed_in_the_sessions_of_the_plain_network(
    exported, pruned
):
    found = measure(exported, pruned)

    assert [(each.kind, each.chosen_by, each.share) for each in found.levels] == KEPT
    for timings in (found.plain, *(each.timings for each in found.levels)):
        assert (timings.single.batch_size, timings.batched.batch_size) == (1, 16)
        assert len(timings.single.session_medians) == 2
        assert timings.single.counted == found.plain.single.counted
    assert (found.network, found.seed, found.dtype) == ("resnet18", 0, "float32")
    assert (found.device, found.threads, found.band) == ("cpu", 1, 0.5)
    assert found.deployed_by.startswith("ONNX Runtime 1.")


def test_a_levels_deployed_form_gives_the_outputs_of_its_network(record, pruned, tmp_path):
    network, cpu = load_network(pruned / "inner-l2-50", record.shape), torch.device("cpu")

    deployed = deployed_form(network, record, cpu, SETTINGS, 32, tmp_path / "model.onnx")

    plain = torch_form(network, record, cpu, torch.contiguous_format)
    difference, largest = compare_outputs(plain, deployed, random_images(5, 32))
    assert difference < 1e-4 * largest


def test_on_another_device_it_is_the_folded_network_in_torch(record, pruned, tmp_path):
    network, elsewhere = load_network(pruned / "inner-l2-50", record.shape), torch.device("meta")

    deployed = deployed_form(network, record, elsewhere, SETTINGS, 32, tmp_path / "model.onnx")

    folded = deployed(random_images(1, 32)).func
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in folded.modules())
    assert {each.device.type for each in folded.parameters()} == {"meta"}
    assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("prune.json", "'dvc repro prune@digits-18-0'"),
        ("weights-magnitude-90/model.safetensors", "weights-magnitude-90: no readable network"),
    ],
)
def test_what_is_missing_of_a_pruning_is_named_in_one_line(exported, pruned, file, said):
    (pruned / file).unlink()

    with pytest.raises(UserError, match=said) as caught:
        measure(exported, pruned)

    assert "\n" not in str(caught.value)
