"""Section `evaluate`: how a trained network is tested."""

from pydantic import Field

from resnet_depth.base.sections import Device, Section, Threads


class EvaluateSettings(Section):
    """Where the test runs, whether on mirror images too, and how calibration is binned."""

    device: Device
    threads: Threads
    batch_size: int = Field(ge=1, le=65536, description="a whole number of images from 1 to 65536")
    mirrored_too: bool = Field(
        default=False,
        description="true (also test the mean of what is said of an image and its mirror image) or "
        "false",
    )
    calibration_bins: int = Field(ge=1, le=1000, description="a whole number of bins, 1 to 1000")
