"""Section `weights`: files of trained weights that a recipe can start from."""

from typing import Annotated

from pydantic import Field

from resnet_depth.base.sections import Section

# What a recipe's `weights` can be without an entry here: torchvision's own files.
IMAGENET = "imagenet"

Sha256 = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
NetworkName = Annotated[str, Field(pattern="^resnet[0-9]+$")]
Channels = tuple[float, float, float]


class WeightsSettings(Section):
    """One file for each depth, and how its networks saw images.

    Where a file comes from is no part of a result: `hosts` can change, and the environment variable
    `<KEY>_SOURCE` can name another place, without anything being run again.
    """

    title: str = Field(min_length=1, description="the name that results carry, as text")
    digests: dict[NetworkName, Sha256 | None] = Field(
        min_length=1,
        description="a mapping of networks such as resnet18, each to sha256:<64 hex digits> of its "
        "file, or null where it is not known yet (the stage start then says which to write)",
    )
    channel_mean: Channels = Field(
        strict=False,
        description="a list of three numbers, by which its networks' images were centred "
        "(red, green, blue; fractions of 255)",
    )
    channel_std: Channels = Field(
        strict=False, description="a list of three numbers, by which they were divided; likewise"
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="a list of addresses serving the same file, {network} in them for resnet18 …",
    )
