"""The exponential moving average of a network's weights while it trains.

Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992); with an
exponential window as in Szegedy et al., "Rethinking the Inception Architecture" (2015),
arXiv:1512.00567. Bit for bit `torch.optim.swa_utils.AveragedModel` with `get_ema_multi_avg_fn`
and `use_buffers=True`, begun with the initial weights, except that whole numbers are taken over:
an average, rounded down, would count too few batches.

The average looks back over about 1 / (1 - decay) steps. Of a training that isn't several times as
long as that, it keeps much of the initial weights.
"""

import copy

import torch
from torch import Tensor, nn


class Average:
    """A network that follows another at a distance."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Begin with a network's weights as they are, on its device.

        Args:
            network: Its tensors stay where they are in memory ever after; never changed here.
            decay: Share of the average that every update keeps, in [0, 1).
        """
        self._decay = decay
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        averages, values = (
            [tensor.detach() for tensor in (*each.parameters(), *each.buffers())]
            for each in (self.network, network)
        )
        self._averages, self._counts = _apart(averages)
        self._values, self._current_counts = _apart(values)

    def update(self) -> None:
        """Take in the weights and running statistics as a step left them."""
        torch._foreach_lerp_(self._averages, self._values, 1 - self._decay)
        if self._counts:
            torch._foreach_copy_(self._counts, self._current_counts)

    def state(self) -> dict[str, Tensor]:
        """Return the averages and counts, named as the network's; not copies."""
        return dict(self.network.state_dict())


def _apart(tensors: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Return those of floating point and the others."""
    floating = [tensor for tensor in tensors if tensor.is_floating_point()]
    return floating, [tensor for tensor in tensors if not tensor.is_floating_point()]
