"""torchvision's own weights: its enumeration says where they are, and how they see images."""

from torchvision.models import get_model_weights

from resnet_depth.base.errors import UserError
from resnet_depth.runs.names import network_name
from resnet_depth.start.settings import IMAGENET
from resnet_depth.start.weights_file import WeightsFile

# There is a newer version of the deeper networks, by another recipe. Of this one there are all, so
# that what starts from them differs in depth alone.
VERSION = "IMAGENET1K_V1"


def imagenet_weights(depth: int) -> WeightsFile:
    """Return torchvision's file of a depth, whose name has the first eight digits of its digest.

    Raises:
        UserError: If torchvision has none of that depth.
    """
    try:
        found = get_model_weights(network_name(depth))[VERSION]
    except (ValueError, KeyError):
        raise UserError(
            f"imagenet: torchvision has no {VERSION} of {network_name(depth)}"
        ) from None
    preprocessing = found.transforms()
    digits = found.url.rpartition("-")[2].removesuffix(".pth")
    return WeightsFile(
        key=IMAGENET,
        title=f"torchvision's {found}",
        digest=f"sha256:{digits}",
        channel_mean=tuple(preprocessing.mean),
        channel_std=tuple(preprocessing.std),
        addresses=(found.url,),
    )
