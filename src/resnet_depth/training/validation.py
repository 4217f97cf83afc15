"""How good a network is on the validation part, which alone may decide what is chosen."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.training.optimization.divergence import require_finite

# Images at once; bounds memory.
VALIDATION_BATCH = 500


def validate(
    network: nn.Module,
    images: Images,
    labels: Tensor,
    after_batch: Callable[[], None] = lambda: None,
) -> tuple[float, float] | tuple[None, None]:
    """Return loss (nats) and accuracy (fraction) on the validation part; Nones if it is empty.

    Args:
        network: On the device of the images; put in evaluation mode.
        images: Of the part.
        labels: Class indices, int64, shape (n,), on the CPU.
        after_batch: Called after each batch; may end the work by an exception.

    Raises:
        Diverged: If a weight or an output isn't finite.
    """
    if not len(images):
        return None, None
    logits = predict_logits(network, images, VALIDATION_BATCH, after_batch)
    require_finite(network, logits)
    accuracy = (logits.argmax(1) == labels).double().mean()
    return float(cross_entropy(logits.double(), labels)), float(accuracy)
