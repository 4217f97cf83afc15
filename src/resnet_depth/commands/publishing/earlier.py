"""Settings of studies that were published before there were recipes.

Then section `models` gave each network its stem, `train` was the one recipe, `prepare` the image
size, and each dataset had epochs of its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from resnet_depth.commands.reproducing.lock import Entry
from resnet_depth.runs.names import Run, instance, network_name
from resnet_depth.training.settings import REFERENCE

# The recipe's keys that came later, with the value that all earlier trainings had; where it had no
# effect, today's reference's, so that a comparison tells no difference that made none.
_LATER = {
    "momentum": 0.9,
    "zero_init_residual": False,
    "muon_lr": 0.05,
    "bias_lr_factor": 1,
    "warmup_fraction": 0,
    "one_cycle_down": "cosine",
    "step_epochs": [],
    "step_factor": 0.1,
    "trivial_augment": False,
    "cutmix": 0,
    "weights": "none",
    "freeze": "none",
    "train_fraction": 1,
}
# Those of section `train` that stay there, or had one value only.
_NO_RECIPE = ("device", "threads", "precision", "augmentation")
# What verifying, which neither exports nor times inference, needs of what came later still: values
# that are allowed.
_NOTHING_PRUNED = {
    **{"recipe": REFERENCE, "depths": [], "epochs": 1, "lr_factor": 1, "weights": []},
    **{kind: {"l2": [], "random": []} for kind in ("inner", "groups")},
}
_EXPORT = {"threads": 1, "calibration_images": 1}
_SESSIONS = {"sessions": 1, "pause": 0, "band": 1}
_FLIPS = {"none": "none", "horizontal": "random"}


def recipe_of_earlier(params: Mapping[str, Any], dataset: str, depth: int) -> dict[str, Any]:
    """Return by which recipe earlier settings trained a network of a depth on a dataset."""
    train, model = params["train"], params["models"][network_name(depth)]
    augmentation = train["augmentation"]
    return {
        "image_size": params["prepare"]["image_size"],
        "stem": model["stem"],
        "epochs": params["datasets"][dataset]["epochs"],
        **{key: value for key, value in train.items() if key not in _NO_RECIPE},
        **{key: augmentation[key] for key in ("crop_padding", "cutout", "mixup")},
        "flip": _FLIPS[augmentation["flip"]],
        "crop_fill": "zero" if augmentation["crop_padding"] else "reflect",
        **_LATER,
    }


def todays_form(params: Mapping[str, Any], dataset: str, depth: int) -> dict[str, Any]:
    """Return today's form of what earlier settings say, of one depth's trainings on one dataset."""
    recipe = recipe_of_earlier(params, dataset, depth)
    datasets = {}
    for key, entry in params["datasets"].items():
        others = {name: value for name, value in entry.items() if name != "epochs"}
        datasets[key] = {**others, "epochs_factor": entry["epochs"] / recipe["epochs"]}
    kept = {key: value for key, value in params.items() if key not in ("models", "train")}
    return {
        **kept,
        "study": {**params["study"], "recipes": [REFERENCE]},
        "datasets": datasets,
        "recipes": {REFERENCE: recipe},
        "train": {key: params["train"][key] for key in ("device", "threads")},
    }


def params_of_earlier(params: Mapping[str, Any], dataset: str, depth: int) -> dict[str, Any]:
    """Return settings that are allowed today for such trainings, which are to be verified."""
    return {
        **todays_form(params, dataset, depth),
        "weights": {},
        "export": _EXPORT,
        "prune": _NOTHING_PRUNED,
        "report": {**params["report"], "pruning_loss": 0.005},
        "latency": {**params["latency"], **_SESSIONS},
    }


def entries_of_earlier(entries: Mapping[str, Entry], dataset: str, run: Run) -> dict[str, Entry]:
    """Return a run's entries of an earlier dvc.lock, and the shared ones, by today's names.

    The model folder is left out of what they have: the form of a training's curves and record
    changed. The evaluation's didn't, and equal probabilities of all test images tell equal
    networks.
    """
    name = run.name.removeprefix(f"{run.recipe}/")
    todays = dict(entries)
    for stage in ("train", "evaluate"):
        new = instance(stage, dataset, run)
        was = todays.pop(new.replace(f"-{run.recipe}-", "-"))
        outs = {
            path.replace(f"/{name}", f"/{run.name}"): md5
            for path, md5 in was.outs.items()
            if not path.startswith("models/")
        }
        todays[new] = replace(was, outs=outs)
    return todays
