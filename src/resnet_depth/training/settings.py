"""Section `train`: the recipe."""

from typing import Literal

from pydantic import ConfigDict, Field

from resnet_depth.base.sections import Device, Epochs, Section, Threads


class DatasetTraining(Section):
    """What training reads of a dataset's entry; the rest says where its images come from."""

    model_config = ConfigDict(extra="ignore")

    epochs: Epochs


class AugmentationSettings(Section):
    """Random changes of the training images, drawn anew for every image and epoch."""

    flip: Literal["none", "horizontal"] = Field(description="none or horizontal")
    crop_padding: int = Field(
        ge=0, le=64, description="a whole number of pixels from 0 (no random crop) to 64"
    )
    cutout: Literal[0] = Field(description="0 (cutout is not built yet)")
    mixup: Literal[0] = Field(description="0 (mixup is not built yet)")


class TrainSettings(Section):
    """The recipe, the same for every network. Keys with one allowed value are reserved."""

    device: Device
    threads: Threads
    precision: Literal["float32"] = Field(description="float32 (others are not built yet)")
    batch_size: int = Field(ge=2, le=65536, description="a whole number of images from 2 to 65536")
    optimizer: Literal["adam"] = Field(description="adam (others are not built yet)")
    lr: float = Field(gt=0, le=10, description="a number above 0, at most 10: Adam's step size")
    momentum: Literal[0] = Field(description="0 (momentum belongs to SGD, not built yet)")
    weight_decay: Literal[0] = Field(description="0 (weight decay is not built yet)")
    schedule: Literal["constant"] = Field(description="constant (others are not built yet)")
    warmup_epochs: Literal[0] = Field(description="0 (warm-up is not built yet)")
    label_smoothing: Literal[0] = Field(description="0 (label smoothing is not built yet)")
    gradient_clip: Literal[0] = Field(description="0 (gradient clipping is not built yet)")
    ema: Literal[0] = Field(description="0 (averaging of weights is not built yet)")
    augmentation: AugmentationSettings
