"""The files that the stages leave, in their real formats.

The numbers are made up, plausible and the same at every call.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from resnet_depth.base.files import read_json, write_json, write_text
from resnet_depth.base.sections import load_section
from resnet_depth.data.prepared import PARTS
from resnet_depth.evaluation.metrics import expected_calibration_error
from resnet_depth.pruning.settings import PruneSettings
from resnet_depth.training.settings import load_recipe

PARAMS = Path(__file__).parents[2] / "params.yaml"
CLASSES = tuple(f"class {k}" for k in "abcdefghij")
PARAMETERS = {18: 11_181_642, 34: 21_289_802, 50: 23_528_522, 101: 42_520_650, 152: 58_164_298}
MACS = {18: 37_118_976, 34: 74_867_712, 50: 83_886_080, 101: 161_000_000, 152: 238_000_000}
TEST_IMAGES = 360
BINS = 15
ENVIRONMENT = {
    "machine_class": {
        "processor": "Example CPU @ 2.50GHz (family 6, model 143, step 8)",
        "instruction_sets": "0123456789ab",
        "system": "Linux",
        "architecture": "x86_64",
        "python": "3.11",
        "packages": {"torch": "2.14.1+cpu", "torchvision": "0.29.1+cpu", "numpy": "2.4.6"},
    },
    "cores": 2,
    "dvc": "3.67.1",
    "date": "2026-01-31T12:00:00+00:00",
    "commit": "0123456789abcdef0123456789abcdef01234567",
}


def write_card(study, lossy, validation, classes):
    write_json(
        study.card,
        {
            "key": study.dataset,
            "title": "Constructed digits",
            "kind": "digits",
            "lossy": lossy,
            "source": "made up for a test",
            "digest": "sha256:" + "ab" * 32,
            "citation": "Nobody: A constructed dataset (2026)",
            "image_size": 32,
            "class_names": list(classes),
            "counts": {"train": 1293, "validation": 144 if validation else 0, "test": TEST_IMAGES},
            "channel_mean": [0.3, 0.3, 0.3],
            "channel_std": [0.37, 0.37, 0.37],
            "array_sha256": {"train_images": "cd" * 32},
            "split": {
                "seed": 0,
                "validation_fraction": 0.1 if validation else 0.0,
                "test_fraction": 0.2,
            },
            "duplicates": {
                "within": dict.fromkeys(PARTS, 0),
                "across": {"train_validation": 0, "train_test": 0, "validation_test": 0},
                "contradicting": 0,
            },
        },
    )


def write_images(path):
    """Write test images that differ: a gradient whose colours go with the image's index."""
    slope = np.linspace(0, 200, 32).astype(np.uint8)
    images = np.zeros((TEST_IMAGES, 32, 32, 3), np.uint8)
    images[..., 0] = slope[:, None]
    images[..., 1] = slope[None, :]
    images[..., 2] = (np.arange(TEST_IMAGES) % 256).astype(np.uint8)[:, None, None]
    np.save(path, images)


def write_recipe(path, epochs, changes):
    """Write a recipe whole: the shipped reference's, of so many epochs, with changes."""
    recipe = load_recipe(PARAMS, "reference")
    write_json(path, recipe.model_dump() | {"epochs": epochs} | changes)


def write_training(folder, run, epochs, reached, validation, random, recipes):
    depth, seed = run.depth, run.seed
    settings = read_json(recipes / f"{run.recipe}.json")
    weights = settings["weights"]
    write_json(
        folder / "train.json",
        {
            "dataset": "digits",
            "recipe": run.recipe,
            "network": f"resnet{depth}",
            "depth": depth,
            "seed": seed,
            "stem": "imagenet",
            "classes": 10,
            "image_size": 32,
            "epochs": epochs,
            "steps": 21 * epochs,
            "batch_size": 64,
            "train_images": round(1293 * settings["train_fraction"]),
            "validation_images": 144 if validation else 0,
            "channel_mean": [0.3, 0.3, 0.3],
            "channel_std": [0.37, 0.37, 0.37],
            "parameters": PARAMETERS[depth],
            "live_parameters": PARAMETERS[depth] // 2,
            "macs": MACS[depth],
            "live_macs": MACS[depth] // 2,
            "weights_title": None if weights == "none" else f"the weights {weights}",
            "weights_digest": None if weights == "none" else "sha256:" + "ef" * 32,
            "made_anew": () if weights == "none" else ("fc",),
            "initial_loss": 2.5 + seed / 100,
            "settings": settings,
        },
    )
    epoch = np.arange(1, epochs + 1)
    rate = 1.0 + 0.3 * (50 - min(depth, 50)) / 32
    learnt = (1 - np.exp(-rate * epoch)) / (1 - np.exp(-rate * epochs))
    noise = random.normal(0, 0.008, (2, epochs))
    train_accuracy = np.clip(0.1 + (reached - 0.09) * learnt + noise[0], 0, 1)
    validation_accuracy = np.clip(0.1 + (reached - 0.1) * learnt + 2 * noise[1], 0, 1)
    curves = pd.DataFrame(
        {
            "epoch": epoch,
            "learning_rate_begin": 0.001,
            "learning_rate_end": 0.001,
            "train_loss": 2.5 * (1.02 - train_accuracy),
            "train_accuracy": train_accuracy,
            "validation_loss": 2.6 * (1.03 - validation_accuracy) if validation else np.nan,
            "validation_accuracy": validation_accuracy if validation else np.nan,
        }
    )
    write_text(folder / "curves.csv", curves.to_csv(index=False, lineterminator="\n"))


def write_evaluation(folder, run, reached, classes, random):
    """Spread the images evenly over the classes; about `reached` of them are right."""
    depth, seed = run.depth, run.seed
    actual = np.arange(TEST_IMAGES) % len(classes)
    # Some images are hard for all networks.
    hardness = np.random.default_rng(0).random(TEST_IMAGES) + random.normal(0, 0.04, TEST_IMAGES)
    wrong = np.argsort(hardness)[TEST_IMAGES - round((1 - reached) * TEST_IMAGES) :]
    predicted = actual.copy()
    predicted[wrong] = (actual[wrong] + 1 + random.integers(0, 2, len(wrong))) % len(classes)
    probabilities = _probabilities(predicted, len(classes), random)
    _write_predictions(folder / "predictions.csv", actual, predicted, probabilities)
    confusion = np.zeros((len(classes), len(classes)), int)
    np.add.at(confusion, (actual, predicted), 1)
    totals = confusion.sum(axis=1)
    write_json(
        folder / "metrics.json",
        {
            "network": f"resnet{depth}",
            "depth": depth,
            "seed": seed,
            "images": TEST_IMAGES,
            "test_accuracy": reached if len(classes) > 1 else 1.0,
            "test_loss": 3 * (1 - reached),
            "expected_calibration_error": expected_calibration_error(
                probabilities, actual, bins=BINS
            ),
            "class_accuracy": [
                float(k / n) for k, n in zip(confusion.diagonal(), totals, strict=True)
            ],
            "confusion": confusion.tolist(),
        },
    )


def _probabilities(predicted, classes, random):
    """Return distributions in which the predicted class leads, the others being equal."""
    certainty = 1 / classes + (1 - 1 / classes) * random.beta(6, 1, len(predicted))
    rest = (1 - certainty) / max(1, classes - 1)
    probabilities = np.repeat(rest[:, None], classes, axis=1)
    probabilities[np.arange(len(predicted)), predicted] = certainty
    return probabilities.astype(np.float32)


def _write_predictions(path, actual, predicted, probabilities):
    head = ",".join(["index", "label", "prediction"])
    names = ",".join(f"probability_{k}" for k in range(probabilities.shape[1]))
    lines = [
        ",".join(map(str, (index, *answer, *row)))
        for index, (answer, row) in enumerate(
            zip(zip(actual, predicted, strict=True), probabilities.tolist(), strict=True)
        )
    ]
    write_text(path, "\n".join([f"{head},{names}", *lines]) + "\n")


def write_durations(path, run, epochs, seconds, shared, environment):
    write_json(
        path,
        {
            "recipe": run.recipe,
            "network": f"resnet{run.depth}",
            "depth": run.depth,
            "seed": run.seed,
            "train_seconds": seconds,
            "epoch_seconds": [seconds / epochs] * epochs,
            "images_per_second": epochs * 1293 / seconds,
            "other_load": 0.4 if shared else 0.01,
            "shared": shared,
            "device": "cpu",
            "device_title": "cpu",
            "threads": 2,
            "precision": "float32",
            "batch_size": 64,
            "code": "0" * 64,
            "environment": environment,
        },
    )


def write_export(path, run, training, classes):
    """Write what was exported of a network, given its training's record as JSON has it."""
    depth, validation = run.depth, training["validation_images"]
    reached = 0.9 + min(depth, 60) / 1000 if validation else None
    sizes = {"model.onnx": 2, "model_int8.onnx": 1, "model.safetensors": 4}
    write_json(
        path,
        training
        | {
            "class_names": list(classes),
            "pixels": 32,
            "calibration_images": 512,
            "validation_accuracy": reached,
            "onnx_validation_accuracy": reached,
            "int8_validation_accuracy": reached and reached - 0.002,
            "largest_output_difference": 2e-6,
            "largest_output": 12.5,
            "files": {
                name: {"bytes": PARAMETERS[depth] * size, "sha256": "ef" * 32}
                for name, size in sizes.items()
            },
        },
    )


def write_latency(path, run, environment):
    """Write times of all forms of a network; see `_timings`."""
    random = np.random.default_rng(run.depth)
    forms = {
        form: _timings(random, factor * 0.0002 * run.depth)
        for form, factor in (("plain", 3), ("deployed", 1), ("int8", 0.5))
    }
    same = {"largest_output_difference": 2e-6, "largest_output": 12.5}
    write_json(path, _timed(run, environment) | forms | same)


def write_pruned_latency(levels, path, run, environment, shared=False):
    """Write times of all levels that chance didn't choose: the fewer, the less work is left."""
    random, base = np.random.default_rng([8, run.depth]), 0.0002 * run.depth
    plain = _timings(random, 3 * base)
    timed = [
        {
            **{"kind": each.kind, "chosen_by": each.chosen_by, "share": each.share},
            "timings": _timings(random, base * (1 if each.kind == "weights" else _kept(each))),
        }
        for each in load_section(levels, "", PruneSettings).levels()
        if each.chosen_by != "random"
    ]
    write_json(path, _timed(run, environment, shared) | {"plain": plain, "levels": timed})


def _timed(run, environment, shared=False):
    """What all timings of inference say."""
    return {
        "recipe": run.recipe,
        "network": f"resnet{run.depth}",
        "depth": run.depth,
        "seed": run.seed,
        "image_size": 32,
        "device": "cpu",
        "device_title": "cpu",
        "threads": 2,
        "dtype": "float32",
        "deployed_by": "ONNX Runtime 1.32.0",
        "band": 0.1,
        "other_load": 0.4 if shared else 0.01,
        "shared": shared,
        "environment": environment,
    }


def _timings(random, single):
    """Times of three sessions, the third slower, of which as many count as are near.

    One image takes about `single` seconds.
    """
    times = {}
    for name, batch, repeats in (("single", 1, 100), ("batched", 256, 10)):
        base = single * (1 if batch == 1 else 60)
        sessions = [base * slow * (1 + random.gamma(1.5, 0.05, repeats)) for slow in (1, 1.02, 1.5)]
        medians = [float(np.median(session)) for session in sessions]
        seconds = np.concatenate(sessions[:2])
        median = (medians[0] + medians[1]) / 2
        p90, p99 = (float(value) for value in np.percentile(seconds, [90, 99]))
        times[name] = {
            "batch_size": batch,
            "warmup": 10,
            "repeats": repeats,
            "session_medians": medians,
            "counted": [True, True, False],
            "median_seconds": median,
            "p90_seconds": p90,
            "p99_seconds": p99,
            "images_per_second": batch / median,
            "seconds": seconds.tolist(),
        }
    return times


def _kept(level):
    """The share of all work that is left at a level."""
    return (1 - level.share) ** (2 if level.kind == "groups" else 1)


def write_levels(path, recipe, depths):
    """Write which depths are pruned, and how far: by everything that there is."""
    settings = load_section(PARAMS, "prune", PruneSettings).model_dump(mode="json")
    shares = {"l2": [0.5, 0.75], "random": [0.5]}
    levels = {"inner": shares, "groups": shares, "weights": [0.8, 0.9]}
    write_json(path, settings | {"recipe": recipe, "depths": list(depths)} | levels)


def write_pruned(levels, folder, durations, run, reached, environment, shared=False):
    """Write what the pruning of a run left; each level's accuracy falls with what goes."""
    random = np.random.default_rng([7, run.depth, run.seed])
    live, macs = PARAMETERS[run.depth] // 2, MACS[run.depth] // 2
    level = {"kind": "full", "chosen_by": "nothing", "share": 0.0, "at_once_accuracy": reached}
    level |= {"recalibrated_accuracy": None, "tuned_accuracy": None}
    rows = [level | _left(PARAMETERS[run.depth], live, MACS[run.depth])]
    times = []
    for each in load_section(levels, "", PruneSettings).levels():
        named = {"kind": each.kind, "chosen_by": each.chosen_by, "share": each.share}
        kept = _kept(each)
        whole = each.kind == "weights"
        size = _left(live if whole else int(live * kept), int(live * kept), int(macs * kept))
        loss = (1 - kept) * np.array([0.4, 0.1, 0.01]) + random.normal(0, 0.002, 3)
        names = ("at_once_accuracy", "recalibrated_accuracy", "tuned_accuracy")
        accuracies = dict(zip(names, (reached - loss).clip(0, 1).tolist(), strict=True))
        rows.append(named | size | accuracies)
        times.append(named | {"recalibrate_seconds": 0.5, "tune_seconds": 1.0 + kept})
    who = {"recipe": run.recipe, "network": f"resnet{run.depth}", "depth": run.depth}
    who |= {"seed": run.seed}
    counts = {"epochs": 1, "train_images": 1293, "validation_images": 144}
    same = {"largest_output_difference": 2e-6, "largest_output": 12.5}
    record = {"dataset": "digits", **who, **counts, **same, "levels": rows}
    write_json(folder / "prune.json", record)
    machine = {"device": "cpu", "device_title": "cpu", "threads": 2, "environment": environment}
    load = {"other_load": 0.4 if shared else 0.01, "shared": shared}
    write_json(durations, {**who, **machine, **load, "levels": times})


def _left(parameters, nonzero, macs):
    return {
        "parameters": parameters,
        "nonzero_parameters": nonzero,
        "macs": macs,
        "file_bytes": 4 * parameters + 40_000,
    }
