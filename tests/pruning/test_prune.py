"""The stage `prune`: every level measured, the same bytes each time, nothing half-written."""

import re
from dataclasses import replace

import pytest
import torch
from given.digit_images import NO_IMAGES
from given.small_job import small_job

from resnet_depth.base.errors import Interrupted, UserError
from resnet_depth.base.files import file_digest
from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.networks.storage import load_network
from resnet_depth.pruning.prune import prune
from resnet_depth.pruning.result import write_pruning
from resnet_depth.pruning.settings import EXACT, ChannelShares, PruneSettings
from resnet_depth.runs.records import read_record
from resnet_depth.training.records import TrainingRecord
from resnet_depth.training.result import write_training
from resnet_depth.training.single_run import Interruption
from resnet_depth.training.train import train

ALL = PruneSettings(
    recipe="reference",
    depths=[18],
    epochs=1,
    lr_factor=1,
    inner=ChannelShares(l2=[0.5], random=[0.5]),
    groups=ChannelShares(l2=[0.5], random=[]),
    weights=[0.9],
).levels()
# Each level is tuned for an epoch.
JOB = small_job(threads=1)


@pytest.fixture(scope="module")
def model(tmp_path_factory, training_part, validation_part):
    """The folder of a network that was trained on a few digits."""
    folder = tmp_path_factory.mktemp("model")
    trained = train(small_job(threads=1, epochs=3), training_part, validation_part)
    write_training(trained, folder / "model", folder / "durations.json")
    return folder / "model"


@pytest.fixture(scope="module")
def pruning(model, training_part, validation_part):
    return prune(JOB, ALL, model, training_part, validation_part)


def levels_of(pruning):
    names = ("kind", "chosen_by")
    return {tuple(getattr(each, n) for n in names): each for each in pruning.record.levels}


def test_every_level_says_what_is_left(pruning):
    found = levels_of(pruning)

    assert {key: (each.parameters, each.macs) for key, each in found.items()} == {
        ("full", "nothing"): (11_181_642, 37_016_576),
        ("exact", "nothing"): (4_234_826, 30_069_760),
        ("inner", "l2"): (2_213_578, 16_438_272),
        ("inner", "random"): (2_213_578, 16_438_272),
        ("groups", "l2"): (1_064_746, 8_120_832),
        ("weights", "magnitude"): (4_234_826, 30_069_760),
    }
    # A tenth of the weights is left, and all of 4,800 scales, 4,800 shifts and 10 biases.
    weights = 4_234_826 - 9_610
    assert (
        found["weights", "magnitude"].nonzero_parameters == weights - round(0.9 * weights) + 9_610
    )
    assert found["full", "nothing"].nonzero_parameters <= 4_234_826


def test_outputs_that_are_no_numbers_are_not_taken_for_equal(
    model, training_part, validation_part, monkeypatch
):
    monkeypatch.setattr(
        "resnet_depth.pruning.level.predict_logits", lambda *_: torch.full((4, 10), torch.nan)
    )

    with pytest.raises(RuntimeError, match="without dead taps logits differ by nan"):
        prune(JOB, [EXACT], model, training_part, validation_part)


def test_zeros_make_no_file_smaller_and_fewer_channels_do(pruning):
    sizes = {key: each.file_bytes for key, each in levels_of(pruning).items()}

    assert sizes["weights", "magnitude"] == sizes["exact", "nothing"]
    assert sizes["groups", "l2"] < sizes["inner", "l2"] < sizes["exact", "nothing"]
    assert sizes["exact", "nothing"] < sizes["full", "nothing"]


def test_without_dead_taps_a_network_says_the_same(pruning):
    full, exact = pruning.record.levels[:2]

    assert full.at_once_accuracy == exact.at_once_accuracy
    assert full.recalibrated_accuracy is None
    assert full.tuned_accuracy is None
    assert 0 < pruning.record.largest_output_difference < 1e-4 * pruning.record.largest_output


def test_what_is_written_are_the_networks_but_the_control_as_they_were_measured(
    pruning, model, validation_part, tmp_path
):
    write_pruning(pruning, tmp_path / "out", tmp_path / "clock.json")
    trained = read_record(model / "train.json", TrainingRecord, "train")
    held_out = Images(
        validation_part.images, trained.channel_mean, trained.channel_std, torch.device("cpu")
    )

    written = {path.parent.name for path in (tmp_path / "out").glob("*/model.safetensors")}
    assert written == {"exact", "inner-l2-50", "groups-l2-50", "weights-magnitude-90"}
    for level, network in pruning.networks.items():
        folder = tmp_path / "out" / level.name
        measured = levels_of(pruning)[level.kind, level.chosen_by]
        if level.name in written:
            assert (folder / "model.safetensors").stat().st_size == measured.file_bytes
            logits = predict_logits(load_network(folder, trained.shape), held_out, 20)
            expected = predict_logits(network, held_out, 20)
            assert (logits - expected).norm() < 1e-5 * expected.norm()
            right = (logits.argmax(1).numpy() == validation_part.labels).mean()
            assert right == pytest.approx(measured.tuned_accuracy)


def test_the_same_pruning_gives_the_same_bytes(model, training_part, validation_part, tmp_path):
    for name in ("first", "second"):
        found = prune(JOB, ALL, model, training_part, validation_part)
        write_pruning(found, tmp_path / name, tmp_path / f"{name}.json")

    files = [p.relative_to(tmp_path / "first") for p in (tmp_path / "first").rglob("*.*")]
    assert len(files) == 5
    for file in files:
        digests = {file_digest(tmp_path / name / file) for name in ("first", "second")}
        assert len(digests) == 1, file


def test_nothing_a_clock_or_machine_gave_is_in_the_record(pruning):
    clocked = r"seconds|date|host|thread|device|commit|processor|version"

    assert re.findall(clocked, pruning.record.model_dump_json().replace("validation", "")) == []
    assert [each.level for each in pruning.durations.levels] == list(pruning.networks)
    assert all(each.tune_seconds > 0 for each in pruning.durations.levels)


def test_asked_to_stop_it_says_that_nothing_is_kept(model, training_part, validation_part):
    asked = Interruption()
    asked.request()

    with pytest.raises(Interrupted, match="reference/resnet18-seed0, pruning: stopped; nothing"):
        prune(JOB, [EXACT], model, training_part, validation_part, asked)


def test_without_validation_images_it_says_what_to_do(model, training_part):
    with pytest.raises(UserError, match=r"no validation images.*prune\.depths to \[\]"):
        prune(JOB, [EXACT], model, training_part, NO_IMAGES)


def test_a_loss_that_diverges_names_the_level(model, training_part, validation_part):
    work = replace(JOB, recipe=JOB.recipe.model_copy(update={"lr": 1e30}))

    with pytest.raises(UserError, match=r"exact, epoch 1 of tuning: diverged: the loss isn't"):
        prune(work, [EXACT], model, training_part, validation_part)
