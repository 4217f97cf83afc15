"""What a timing of inference leaves in JSON."""

from resnet_depth.deployment.records import Timings
from resnet_depth.machine.environment import Clocked


class LatencyRecord(Clocked):
    """Inference times of one depth, of the plain network and of the deployed forms.

    `deployed_by` is what runs those, with its version; `int8` is the one in 8-bit integers, where
    the device has it. Sessions count by the plain network's medians, within `band` of theirs.
    `largest_output_difference` is that of the plain and the deployed network's logits on
    `compared_images` images, and `largest_output` the largest logit's size among them.
    """

    image_size: int
    dtype: str
    deployed_by: str
    band: float
    plain: Timings
    deployed: Timings
    int8: Timings | None
    compared_images: int
    largest_output_difference: float
    largest_output: float
