"""Section `weights`: files of trained weights that a recipe can start from."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from resnet_depth.base.sections import Section, load_section
from resnet_depth.data.fetching.settings import Address
from resnet_depth.training.settings import FROM_SCRATCH

# torchvision's own files.
IMAGENET = "imagenet"
# What a recipe's `weights` can be without an entry here.
BUILTIN = (FROM_SCRATCH, IMAGENET)

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
    hosts: tuple[Address, ...] = Field(
        default=(),
        strict=False,
        description="a list of addresses serving the same file, {network} in them for resnet18 …",
    )


def described_weights(params: Path, key: str) -> dict[str, Any]:
    """Return the entry of a recipe's `weights` without its hosts; nothing for what has none.

    Raises:
        UserError: If there is no such entry, or something in it is wrong.
    """
    if key in BUILTIN:
        return {}
    return load_section(params, f"weights.{key}", WeightsSettings).model_dump(exclude={"hosts"})
