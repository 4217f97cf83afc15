"""Section `models`: one entry a network, `resnet18` to `resnet152`."""

from typing import Literal

from pydantic import Field

from resnet_depth.base.sections import Section
from resnet_depth.networks.shape import Stem


class ModelSettings(Section):
    """How one network differs from torchvision's."""

    stem: Stem = Field(
        description="imagenet (7×7 stride 2, max-pool), half (3×3 stride 2) or cifar (3×3 stride 1)"
    )
    weights: Literal["none"] = Field(description="none (pre-trained weights are not built yet)")
    freeze: Literal["none"] = Field(description="none (freezing layers is not built yet)")
