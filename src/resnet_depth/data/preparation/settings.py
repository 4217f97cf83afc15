"""Section `prepare`: how a dataset becomes arrays with a training, validation and test part."""

from typing import Literal

from pydantic import Field

from resnet_depth.base.sections import Section


class PrepareSettings(Section):
    """Size of the images and the division into parts."""

    image_size: int = Field(ge=8, le=512, description="a whole number of pixels a side, 8 to 512")
    validation_fraction: float = Field(
        ge=0,
        lt=1,
        description="a number from 0 (no validation part) to below 1: of the training images",
    )
    test_fraction: float = Field(
        gt=0,
        lt=1,
        description="a number above 0 and below 1: of all images, where a dataset has no test part",
    )
    seed: int = Field(
        ge=0, lt=2**32, description="a whole number from 0 to 4294967295, for the division alone"
    )
    duplicates: Literal["report", "refuse"] = Field(
        default="report", description="report (counted and told) or refuse: images of equal pixels"
    )
