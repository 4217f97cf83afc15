"""What `make bench` lets run against each other, each in a process of its own.

A contender trains on and on, and pauses after the steps it was asked for, so that the others can
run in between: all meet the same state of the machine, and none the other's memory.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision.models import get_model

from resnet_depth.commands.bench.plain_training import PilImages, in_memory, loaded, train_plainly
from resnet_depth.machine.device import select_device, set_up, synchronize
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.fast.form import to_fast_form
from resnet_depth.networks.prediction import Images
from resnet_depth.runs.names import network_name
from resnet_depth.training.initial import initial_network
from resnet_depth.training.loop import TrainingLoop
from resnet_depth.training.settings import RecipeSettings, TrainSettings

CLASSES = 10
IMAGE_SIZE = 32
# As many as no benchmark comes to the end of.
EPOCHS = 10**6
IMAGES = 50_000
# CIFAR-10's, see the design; any others would take as long.
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
LIMIT_SIDE = 2048


@dataclass(frozen=True)
class Start:
    """What a contender is asked to train."""

    depth: int
    batch_size: int


class Over(Exception):  # noqa: N818, no error
    """The contender is to stop training."""


class Pace:
    """Called after every step; lets as many pass as are asked for, and reports their time."""

    def __init__(self, connection: Connection, device: torch.device) -> None:
        """Take orders from the other end of a connection."""
        self._connection, self._device = connection, device
        self._left, self._start = 0, 0.0

    def __call__(self, images: int) -> None:
        """Count a step of so many images; between orders, wait.

        Raises:
            Over: If the order was to stop.
        """
        del images
        if self._left:
            self._left -= 1
            if self._left:
                return
            synchronize(self._device)
            self._connection.send(time.perf_counter() - self._start)
        order = self._connection.recv()
        if order is None:
            raise Over
        self._left, self._start = order, time.perf_counter()


# What a recipe says where images stay as they are.
UNAUGMENTED: dict[str, Any] = {
    "flip": "none",
    "crop_padding": 0,
    "trivial_augment": False,
    "cutout": 0,
    "mixup": 0.0,
    "cutmix": 0.0,
}


@dataclass(frozen=True)
class Setup:
    """By which recipe our contender trains, and where all of them run.

    The plain loops take the recipe's lr.
    """

    recipe: RecipeSettings
    hardware: TrainSettings


def serve(name: str, setup: Setup, connection: Connection) -> None:
    """Be the contender of a name, until there is nothing more to train.

    The connection gives a `Start`, then numbers of steps to time, then None to end that training;
    then another `Start`, or None to end the process. Each number is answered by seconds.
    """
    torch.set_num_threads(setup.hardware.threads)
    device = select_device(setup.hardware.device)
    for start in iter(connection.recv, None):
        try:
            CONTENDERS[name](start, setup, Pace(connection, device))
        except Over:
            continue


def _images() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return random images and labels: how long a step takes doesn't depend on what is seen."""
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (IMAGES, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    return pixels, draw.integers(0, CLASSES, IMAGES, dtype=np.uint8)


def _plain(workers: int | None, start: Start, setup: Setup, pace: Pace) -> None:
    """Train plainly: images loaded by so many processes (0: by this one), or None: in memory."""
    device = select_device(setup.hardware.device)
    torch.manual_seed(0)
    network = get_model(network_name(start.depth), num_classes=CLASSES).to(device)
    images = PilImages(*_images(), MEAN, STD)
    if workers is None:
        batches = in_memory(DataLoader(images, start.batch_size))
    else:
        batches = loaded(DataLoader(images, start.batch_size, shuffle=True, num_workers=workers))
    train_plainly(network, batches, setup.recipe.lr, device, pace)


def _ours(augmented: bool, start: Start, setup: Setup, pace: Pace) -> None:
    """Train as the stage `train` does, or without what the recipe does to images."""
    device = set_up(setup.hardware.device, setup.hardware.threads)
    pixels, labels = _images()
    full = initial_network(start.depth, CLASSES, "imagenet", seed=0)
    network = to_fast_form(compact(full, IMAGE_SIZE), IMAGE_SIZE, device)
    changes = {"batch_size": start.batch_size} | ({} if augmented else UNAUGMENTED)
    recipe = setup.recipe.model_copy(update=changes)
    images = Images(pixels, MEAN, STD, device)
    loop = TrainingLoop(recipe, EPOCHS, 0, network, images, labels, device)
    while True:
        loop.run_epoch(pace)


def _multiply(
    product: Callable[[Tensor, Tensor], Any], start: Start, setup: Setup, pace: Pace
) -> None:
    """Multiply matrices: a step is one product of two square ones."""
    device = select_device(setup.hardware.device)
    left, right = (torch.randn(LIMIT_SIDE, LIMIT_SIDE, device=device) for _ in range(2))
    while True:
        product(left, right)
        pace(start.batch_size)


def _onednn_product(left: Tensor, right: Tensor) -> Any:
    """Multiply with oneDNN, on the CPU."""
    return torch.ops.mkldnn._linear_pointwise(left, right, None, "none", [], "")


def contenders(device: torch.device, recipe: RecipeSettings) -> list[str]:
    """Return the names of those that can run on a device, and have something to tell."""
    left_out = set()
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():
        left_out.add("onednn_mm")
    if recipe == recipe.model_copy(update=UNAUGMENTED):
        left_out.add("ours_unaugmented")
    return [name for name in CONTENDERS if name not in left_out]


CONTENDERS: dict[str, Callable[[Start, Setup, Pace], None]] = {
    "plain_loop_0_workers": partial(_plain, 0),
    "plain_loop_2_workers": partial(_plain, 2),
    "plain_network": partial(_plain, None),
    "ours": partial(_ours, True),
    "ours_unaugmented": partial(_ours, False),
    "torch_mm": partial(_multiply, torch.mm),
    "onednn_mm": partial(_multiply, _onednn_product),
}
