"""Section `export`: how a trained network is written for use elsewhere."""

from pydantic import Field

from resnet_depth.base.sections import Section, Threads


class ExportSettings(Section):
    """How the files are checked, and by which images the one in 8-bit integers is calibrated."""

    threads: Threads
    calibration_images: int = Field(
        ge=1, le=100_000, description="a whole number of training images from 1 to 100000"
    )
