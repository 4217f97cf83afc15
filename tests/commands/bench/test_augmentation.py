"""What the benchmark tells of augmentation."""

import torch
from given.distinct_images import augmenting

from resnet_depth.commands.bench import augmentation
from resnet_depth.commands.bench.augmentation import KINDS, augmentation_costs
from resnet_depth.commands.bench.records import AugmentationCost
from resnet_depth.commands.bench.table import augmentation_table


def test_every_kind_is_timed_at_every_batch_size(monkeypatch):
    monkeypatch.setattr(augmentation, "IMAGES", 20)

    costs = augmentation_costs(augmenting(), torch.device("cpu"), [2, 3], repeats=1)

    assert [(cost.kind, cost.batch_size) for cost in costs] == [
        (kind, size) for kind in KINDS for size in (2, 3)
    ]
    assert min(cost.milliseconds for cost in costs) > 0


def test_the_table_has_a_line_a_kind_and_a_column_a_batch_size():
    costs = [
        AugmentationCost(kind=kind, batch_size=size, milliseconds=size / 100)
        for kind in ("none", "flip and crop")
        for size in (128, 512)
    ]

    assert augmentation_table(costs) == [
        "Augmentation, milliseconds a batch of so many images",
        "                       128     512",
        "none                  1.28    5.12",
        "flip and crop         1.28    5.12",
    ]
