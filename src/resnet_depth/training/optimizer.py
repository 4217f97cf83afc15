"""Adam, a step of all parameters in one fused pass over memory.

Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2014), arXiv:1412.6980.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from resnet_depth.networks.fast.form import in_memory_order

# The paper's values, which are torch's defaults too.
BETAS = (0.9, 0.999)
EPSILON = 1e-8


class Adam:
    """The optimizer of the reference recipe.

    Bit for bit `torch.optim.Adam(parameters, lr, fused=True)`, whose kernel it calls; but making
    and stepping that one imports a compiler, which takes as long as importing torch itself.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        """Start with zero moments.

        Args:
            parameters: Float tensors with `requires_grad`, on one device,
                each contiguous or with channels last; in place ever after.
            lr: Step size, above 0.
        """
        self._parameters = list(parameters)
        self._lr = lr
        self._means = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._steps = torch.zeros((), device=self._parameters[0].device)
        # The kernel copies what isn't contiguous; these views of the same numbers are.
        groups = (self._parameters, self._means, self._squares)
        self._views = [[in_memory_order(each.detach()) for each in group] for group in groups]

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter by its gradient, and forget the gradients."""
        gradients = []
        for parameter in self._parameters:
            assert parameter.grad is not None
            gradients.append(in_memory_order(parameter.grad))
            parameter.grad = None
        self._steps += 1
        parameters, means, squares = self._views
        torch._fused_adam_(
            parameters,
            gradients,
            means,
            squares,
            [],
            [self._steps] * len(parameters),
            lr=self._lr,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        """Return the tensors that hold the optimizer's state, by name; not copies."""
        return {
            "steps": self._steps,
            **{f"mean.{index}": value for index, value in enumerate(self._means)},
            **{f"square.{index}": value for index, value in enumerate(self._squares)},
        }
