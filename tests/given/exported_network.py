"""A small network, trained and exported by the functions that the stages call."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from given.digit_images import NO_IMAGES, digit_images
from given.small_job import small_job
from given.stage_files import write_card

from resnet_depth.base.files import file_digest, read_json, write_json
from resnet_depth.export.export import export_network
from resnet_depth.export.settings import ExportSettings
from resnet_depth.training.result import write_training
from resnet_depth.training.train import train

SETTINGS = ExportSettings(threads=1, calibration_images=16)


@dataclass(frozen=True)
class Exported:
    """Where a network's files lie, named as in dvc.yaml, under `root`."""

    root: Path

    @property
    def data(self):
        return self.root / "data" / "prepared" / "digits"

    @property
    def model(self):
        return self.root / "models" / "digits" / "reference" / "resnet18-seed0"

    @property
    def folder(self):
        return self.root / "data" / "exports" / "digits" / "reference" / "resnet18"


def make_exported(root, validation=True, **recipe):
    """Train ResNet-18 for an epoch on 60 digits and export it."""
    exported = Exported(root)
    parts = {"train": digit_images(0, 60), "validation": NO_IMAGES, "test": NO_IMAGES}
    if validation:
        parts["validation"] = digit_images(60, 20)
    exported.data.mkdir(parents=True)
    for name, part in parts.items():
        np.save(exported.data / f"{name}_images.npy", part.images)
        np.save(exported.data / f"{name}_labels.npy", part.labels)
    card = SimpleNamespace(card=exported.data / "dataset.json", dataset="digits")
    write_card(card, lossy=False, validation=validation, classes=tuple("0123456789"))
    arrays = {path.stem: file_digest(path) for path in exported.data.glob("*.npy")}
    counts = {name: len(part.labels) for name, part in parts.items()}
    write_json(card.card, read_json(card.card) | {"array_sha256": arrays, "counts": counts})
    trained = train(small_job(threads=1, **recipe), parts["train"], parts["validation"])
    write_training(trained, exported.model, root / "durations.json")
    export_network(exported.model, exported.data, SETTINGS, 0.95, exported.folder)
    return exported
