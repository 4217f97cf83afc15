"""Training: one seed governs all, curves say what happened, and a plain loop agrees."""

import json
import re
import shutil
from dataclasses import replace

import pytest
import torch
from given.digit_images import NO_IMAGES
from torch.nn.functional import cross_entropy

from resnet_depth.base.errors import Interrupted, UserError
from resnet_depth.base.files import file_digest
from resnet_depth.data.prepared import Part, channel_statistics
from resnet_depth.evaluation.evaluate import evaluate
from resnet_depth.evaluation.settings import EvaluateSettings
from resnet_depth.networks.compaction import expand
from resnet_depth.networks.live_taps import live_kernels
from resnet_depth.networks.prediction import Images
from resnet_depth.networks.resnet import meta_network
from resnet_depth.start.records import StartRecord
from resnet_depth.training.initial import initial_network
from resnet_depth.training.loop import TrainingLoop
from resnet_depth.training.result import write_training
from resnet_depth.training.seeding import Stream, generator
from resnet_depth.training.share import share_of
from resnet_depth.training.single_run import Interruption
from resnet_depth.training.starting import Start
from resnet_depth.training.train import train

EVALUATE = EvaluateSettings(device="cpu", threads=2, batch_size=20, calibration_bins=15)


def plain_training(job, part):
    """The recipe as most people write it: float images, default layout, a loop over steps."""
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1) for values in channel_statistics(part.images)
    )
    images = torch.from_numpy(part.images).permute(0, 3, 1, 2).contiguous().float() / 255
    images, labels = (images - mean) / std, torch.from_numpy(part.labels).long()
    network = initial_network(job.run.depth, 10, job.recipe.stem, job.run.seed).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=job.recipe.lr)
    order, losses = generator(job.run.seed, Stream.ORDER), []
    for _ in range(job.epochs):
        for indices in torch.randperm(len(labels), generator=order).split(job.recipe.batch_size):
            optimizer.zero_grad()
            loss = cross_entropy(network(images[indices]), labels[indices])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def test_the_first_step_is_that_of_a_plain_loop(make_job, training_part):
    # Later steps part: Adam divides by gradients that round-off has touched.
    job = make_job()

    trained = train(job, training_part, NO_IMAGES)

    assert trained.record.initial_loss == pytest.approx(
        plain_training(job, training_part)[0], rel=1e-5
    )


def test_a_run_twice_gives_the_same_bytes(make_job, training_part, validation_part, tmp_path):
    job = make_job(epochs=2, flip="random", crop_padding=4)
    for name in ("first", "second"):
        trained = train(job, training_part, validation_part)
        write_training(trained, tmp_path / name, tmp_path / f"{name}.json")

    for file in ("model.safetensors", "curves.csv", "train.json"):
        digests = {file_digest(tmp_path / name / file) for name in ("first", "second")}
        assert len(digests) == 1, file


def test_another_seed_gives_another_network(make_job, training_part):
    losses = {
        train(make_job(seed=seed), training_part, NO_IMAGES).curves[0].train_loss for seed in (0, 1)
    }

    assert len(losses) == 2


def test_training_learns(make_job, training_part, validation_part):
    trained = train(make_job(epochs=6), training_part, validation_part)

    assert trained.curves[-1].train_accuracy > 0.8
    assert trained.curves[-1].train_loss < trained.curves[0].train_loss


def test_the_record_says_what_was_trained(make_job, training_part, validation_part):
    record = train(make_job(epochs=2), training_part, validation_part).record

    # 60 images in batches of 16: 3 full ones and one of 12, twice.
    assert (record.steps, record.train_images, record.validation_images) == (8, 60, 20)
    assert (record.network, record.depth, record.seed) == ("resnet18", 18, 0)
    assert (record.parameters, record.macs) == (11_181_642, 37_016_576)
    assert (record.live_parameters, record.live_macs) == (4_234_826, 30_069_760)


def test_nothing_a_clock_or_machine_gave_is_in_the_record(make_job, training_part):
    trained = train(make_job(), training_part, NO_IMAGES)
    clocked = r"seconds|date|host|thread|device|commit|processor|version"

    words = re.findall(clocked, trained.record.model_dump_json())

    assert words == []
    assert trained.durations.train_seconds == sum(trained.durations.epoch_seconds)
    assert trained.durations.threads == 2


def test_a_lone_last_image_is_left_out_of_its_epoch(make_job, training_part):
    # 49 = 3 · 16 + 1, and batch norm can't take a variance of one 1×1 map.
    part = Part(training_part.images[:49], training_part.labels[:49])

    assert train(make_job(), part, NO_IMAGES).record.steps == 3


@pytest.mark.parametrize(
    ("recipe", "images", "found"),
    [
        # Adam's steps are as long as lr: weights of 1e30 overflow float32 in the first layers.
        ({}, 60, "the loss isn't finite from step 2 on, at a rate of 1e+30"),
        # The only step of an epoch leaves a network whose outputs nothing else would look at.
        ({}, 16, "the network's outputs aren't finite"),
        ({"optimizer": "sgd"}, 16, "the network's outputs aren't finite"),
        ({"optimizer": "muon"}, 60, "the loss isn't finite from step 2 on, at a rate of 1e+30"),
    ],
)
@pytest.mark.parametrize("validated", [True, False])
def test_a_training_that_diverges_is_one_clear_line(
    make_job, training_part, validation_part, recipe, images, found, validated
):
    job = make_job(**recipe)
    job = replace(job, recipe=job.recipe.model_copy(update={"lr": 1e30}))
    part = Part(training_part.images[:images], training_part.labels[:images])

    with pytest.raises(UserError) as told:
        train(job, part, validation_part if validated else NO_IMAGES)

    muon = r" or muon_lr (0.05)" if "muon" in recipe.values() else ""
    assert str(told.value) == (
        f"digits reference/resnet18-seed0, epoch 1: diverged: {found}; lower lr (1e+30){muon}, "
        "lengthen the warm-up or set gradient_clip in the recipe, in params.yaml, and repeat"
    )


def test_too_few_images_are_refused(make_job, training_part):
    with pytest.raises(UserError, match="1 training images; at least 2 needed"):
        train(make_job(), Part(training_part.images[:1], training_part.labels[:1]), NO_IMAGES)


class StopAfter(Interruption):
    """Asks to stop once it has been looked at that many times."""

    def __init__(self, looks):
        self.left = looks

    @property
    def requested(self):
        self.left -= 1
        return self.left < 0


def outputs(trained, folder):
    write_training(trained, folder / "m", folder / "d.json")
    return {path.name: path.read_bytes() for path in sorted((folder / "m").iterdir())}


def weights_of(depth, classes=10):
    """What the stage `start` leaves of a network with weights that no seed of the tests gives."""
    record = StartRecord(
        weights="given",
        title="Given weights",
        digest=f"sha256:{'1' * 64}",
        channel_mean=(0.4, 0.5, 0.6),
        channel_std=(0.2, 0.3, 0.4),
    )
    return Start(record, initial_network(depth, classes, "imagenet", seed=99).state_dict())


# Together they have every optimizer and schedule, and every kind of augmentation.
RECIPES = {
    "adam": {"flip": "random", "crop_padding": 4, "schedule": "cosine"},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.05, "mixup": 0.2, "ema": 0.9},
    "sgd": {"optimizer": "sgd", "lr": 0.05, "schedule": "step", "step_epochs": [1], "cutmix": 1.0},
    "muon": {
        **{"optimizer": "muon", "lr": 0.05, "schedule": "one_cycle", "warmup_fraction": 0.2},
        **{"flip": "alternating", "cutout": 8, "trivial_augment": True, "gradient_clip": 1.0},
        **{"label_smoothing": 0.1, "bias_lr_factor": 4},
    },
    "frozen": {"weights": "given", "freeze": "layer2", "train_fraction": 0.9, "ema": 0.5},
}


@pytest.mark.parametrize(("depth", "recipe"), [*((18, name) for name in RECIPES), (50, "adam")])
def test_a_training_stopped_anywhere_ends_with_the_same_bytes(
    make_job, training_part, validation_part, tmp_path, depth, recipe
):
    job = make_job(depth=depth, epochs=2, threads=1, **RECIPES[recipe])
    start = weights_of(depth) if "freeze" in RECIPES[recipe] else None
    whole = train(job, training_part, validation_part, start=start)
    expected = outputs(whole, tmp_path / "whole")

    # Each process gets a little further: in an epoch, before and after validation, at its end.
    stops, trained = 0, None
    while trained is None:
        try:
            asked = StopAfter(2)
            trained = train(
                job, training_part, validation_part, tmp_path / "checkpoint", asked, start
            )
        except Interrupted:
            stops += 1

    assert stops >= 3
    assert outputs(trained, tmp_path / "stopped") == expected


def test_a_finished_training_is_restored_without_a_step(
    make_job, training_part, validation_part, tmp_path, monkeypatch
):
    job, checkpoint = make_job(), tmp_path / "checkpoint"
    first = train(job, training_part, validation_part, checkpoint)
    monkeypatch.setattr(TrainingLoop, "run_epoch", None)

    again = train(job, training_part, validation_part, checkpoint)

    assert outputs(again, tmp_path / "again") == outputs(first, tmp_path / "first")
    assert again.durations == first.durations


@pytest.mark.parametrize("change", ["recipe", "data"])
def test_a_checkpoint_of_another_training_is_not_used(
    make_job, training_part, validation_part, tmp_path, change
):
    train(make_job(), training_part, validation_part, tmp_path)
    job, part = make_job(lr=2e-3) if change == "recipe" else make_job(), training_part
    if change == "data":
        part = Part(255 - training_part.images, training_part.labels)

    found = train(job, part, validation_part, tmp_path)

    expected = train(job, part, validation_part)
    assert found.curves == expected.curves


DAMAGED_VALUES = {
    "null": {"curves": None},
    "no value": {"steps": None},
    "too many steps": {"steps": 99},
    "an epoch too far": {"epoch": 2},
    "a number for a list": {"epoch_seconds": 1.0},
    "another shape of a row": {"curves": [{"epoch": 1}]},
    "an unknown value": {"more": 1},
    "half of a pair": {"passed": [1.0]},
}


@pytest.fixture(scope="module")
def undisturbed(make_job, training_part, validation_part, tmp_path_factory):
    """What a training leaves that was never stopped, and a checkpoint of its first step."""
    folder = tmp_path_factory.mktemp("undisturbed")
    expected = outputs(train(make_job(), training_part, validation_part), folder / "expected")
    with pytest.raises(Interrupted):
        train(make_job(), training_part, validation_part, folder / "checkpoint", StopAfter(1))
    return expected, folder / "checkpoint"


@pytest.mark.parametrize("damage", [*DAMAGED_VALUES, "another shape", "another name"])
def test_a_checkpoint_with_damaged_values_is_set_aside_and_training_starts_over(
    make_job, training_part, validation_part, undisturbed, tmp_path, capsys, damage
):
    expected, checkpoint = undisturbed
    folder = shutil.copytree(checkpoint, tmp_path / "checkpoint")
    state = json.loads((folder / "state.json").read_text())
    if damage in DAMAGED_VALUES:
        state["values"] |= DAMAGED_VALUES[damage]
    else:
        name, dtype, (length, *others) = state["arrays"][-1]
        state["arrays"][-1] = (
            (f"{name}_", dtype, (length, *others))
            if damage == "another name"
            else (name, dtype, (1, length, *others))
        )
    (folder / "state.json").write_text(json.dumps(state))

    found = train(make_job(), training_part, validation_part, folder)

    assert "damaged checkpoint (" in capsys.readouterr().err
    assert (tmp_path / "checkpoint.damaged").is_dir()
    assert outputs(found, tmp_path / "found") == expected


def test_durations_add_up_over_interruptions(make_job, training_part, validation_part, tmp_path):
    job = make_job(epochs=2)
    with pytest.raises(Interrupted):
        train(job, training_part, validation_part, tmp_path, StopAfter(7))
    kept = json.loads((tmp_path / "state.json").read_text())["values"]

    durations = train(job, training_part, validation_part, tmp_path).durations

    assert durations.epoch_seconds[0] == kept["epoch_seconds"][0]
    assert durations.train_seconds > kept["seconds"] * 0.5


def test_curves_hold_the_rate_of_each_epochs_first_and_last_step(make_job, training_part):
    # 4 steps an epoch. Up to the whole rate in the first 2 of 8, then down by a sixth a step.
    job = make_job(epochs=2, schedule="one_cycle", warmup_fraction=0.25, one_cycle_down="linear")

    curves = train(job, training_part, NO_IMAGES).curves

    assert [row.learning_rate_begin for row in curves] == pytest.approx([5e-5, 4e-3 / 6])
    assert [row.learning_rate_end for row in curves] == pytest.approx([5e-3 / 6, 1e-3 / 6])


def test_an_average_is_what_is_validated_and_kept_and_training_goes_on_without_it(
    make_job, training_part, validation_part
):
    plain, averaged = (
        train(make_job(epochs=2, ema=ema), training_part, validation_part) for ema in (0, 0.9)
    )

    losses = [[row.train_loss for row in each.curves] for each in (plain, averaged)]
    assert losses[0] == losses[1]
    assert plain.curves[-1].validation_loss != averaged.curves[-1].validation_loss
    assert not torch.equal(plain.network.fc.weight, averaged.network.fc.weight)


def test_images_are_scaled_to_the_recipes_size(make_job, training_part, validation_part, tmp_path):
    trained = train(make_job(image_size=64), training_part, validation_part)
    write_training(trained, tmp_path / "m", tmp_path / "d.json")

    tested = evaluate(tmp_path / "m", validation_part, EVALUATE)

    assert trained.record.image_size == 64
    # Stage 4 sees 2×2 pixels, so that more taps are alive than at 32.
    assert trained.record.live_parameters > 4_234_826
    assert tested.metrics.test_accuracy == trained.curves[-1].validation_accuracy
    assert tested.metrics.test_loss == pytest.approx(trained.curves[-1].validation_loss, rel=1e-5)


def test_a_training_goes_on_from_weights_and_sees_images_as_their_network_did(
    make_job, training_part, capsys
):
    start = weights_of(18)
    mean, std = start.record.channel_mean, start.record.channel_std
    images = Images(training_part.images, mean, std, torch.device("cpu"))
    network = initial_network(18, 10, "imagenet", seed=99).train()
    first = torch.randperm(60, generator=generator(0, Stream.ORDER))[:16]
    logits = network(images.normalize(images.select(first)))
    labels = torch.from_numpy(training_part.labels).long()[first]

    record = train(make_job(weights="given"), training_part, NO_IMAGES, start=start).record

    assert record.initial_loss == pytest.approx(cross_entropy(logits, labels).item(), rel=1e-5)
    assert (record.channel_mean, record.channel_std) == (mean, std)
    assert (record.weights_title, record.weights_digest) == ("Given weights", f"sha256:{'1' * 64}")
    assert record.made_anew == ()
    assert "digits reference/resnet18-seed0: starts from Given weights\n" in capsys.readouterr().err


def test_layers_of_other_shapes_are_made_anew_and_named(make_job, training_part, capsys):
    job = make_job(stem="cifar", weights="given")

    record = train(job, training_part, NO_IMAGES, start=weights_of(18, classes=1000)).record

    assert record.made_anew == ("conv1", "fc")
    assert "made anew: conv1, fc, of other shapes" in capsys.readouterr().err


@pytest.mark.parametrize("freeze", ["layer1", "layer3", "layer4", "all_but_fc"])
def test_what_is_frozen_stays_to_the_last_bit_and_the_rest_is_trained(
    make_job, training_part, validation_part, freeze
):
    start = weights_of(18)
    frozen = ["conv1", "bn1", *(f"layer{i}" for i in range(1, 5))]
    frozen = frozen[: 6 if freeze == "all_but_fc" else 2 + int(freeze[-1])]
    job = make_job(weights="given", freeze=freeze)

    trained = train(job, training_part, validation_part, start=start)

    full = expand(trained.network.state_dict(), trained.record.shape)
    kernels = live_kernels(meta_network(trained.record.shape), 32)
    for name, value in full.items():
        layer = name.rpartition(".")[0]
        window = kernels[layer].window if layer in kernels else ...
        kept = torch.equal(value[window], start.tensors[name][window])
        assert kept == (name.split(".")[0] in frozen), name


def test_a_share_of_the_training_images_is_all_that_is_seen(make_job, training_part):
    part = share_of(training_part, 0.5, 0)
    whole, shared = make_job(), make_job(train_fraction=0.5)

    found = train(shared, training_part, NO_IMAGES)

    assert found.curves == train(whole, part, NO_IMAGES).curves
    assert found.record.train_images == len(part.labels) < 40
