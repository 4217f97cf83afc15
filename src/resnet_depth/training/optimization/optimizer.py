"""The optimizers that a recipe can name, each a step of all parameters in few passes over memory.

`adam`, `adamw` and `sgd` are bit for bit torch's own of these names with `fused=True`, as they
call the same kernels; but making and stepping those imports a compiler, which takes as long as
importing torch itself. Of `muon` the better part is in a module of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from resnet_depth.networks.fast.form import in_memory_order
from resnet_depth.training.optimization.muon import Muon, short_side, suits_muon
from resnet_depth.training.settings import RecipeSettings

# Of Adam: the paper's values, which are torch's defaults too.
BETAS = (0.9, 0.999)
EPSILON = 1e-8


@dataclass(frozen=True)
class Group:
    """Parameters, by name, that share a step size and a weight decay.

    Attributes:
        parameters: At least one; float tensors on one device, each contiguous or with channels
            last; in place ever after.
        rate: Step size, above 0, which a step's factor is multiplied by.
        weight_decay: How much of a parameter is added to its gradient; for `adamw`, how much of
            it a step of size 1 takes away.
    """

    parameters: dict[str, Tensor]
    rate: float
    weight_decay: float

    def views(self) -> list[Tensor]:
        """Return the parameters as the kernels want them, who copy what isn't contiguous."""
        return [in_memory_order(each.detach()) for each in self.parameters.values()]

    def named(self, prefix: str, values: list[Tensor]) -> dict[str, Tensor]:
        """Return one value for each parameter by a name like `mean.conv1.weight`."""
        names = (f"{prefix}.{name}" for name in self.parameters)
        return dict(zip(names, values, strict=True))


class Update(Protocol):
    """What moves some of a network's parameters by their gradients."""

    parameters: list[Tensor]

    def step(self, gradients: list[Tensor], factor: float) -> None:
        """Move the parameters.

        Args:
            gradients: One for each parameter, as `in_memory_order` gives it; maybe overwritten.
            factor: What the step size is multiplied by.
        """

    def state(self) -> dict[str, Tensor]:
        """Return the tensors that hold the state, by name, all contiguous; not copies."""


class Adam:
    """A group's update by Adam, or by AdamW, whose weight decay leaves the moments alone.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2014), arXiv:1412.6980; Loshchilov
    and Hutter, "Decoupled Weight Decay Regularization" (2017), arXiv:1711.05101.
    """

    def __init__(self, group: Group, kernel: Callable[..., None]) -> None:
        """Start with zero moments; the kernel is torch's for the one or the other."""
        self.parameters = list(group.parameters.values())
        self._group, self._kernel, self._views = group, kernel, group.views()
        self._means = [torch.zeros_like(view) for view in self._views]
        self._squares = [torch.zeros_like(view) for view in self._views]
        self._steps = torch.zeros((), device=self._views[0].device)

    def step(self, gradients: list[Tensor], factor: float) -> None:
        """Move the parameters; see `Update`."""
        self._steps += 1
        self._kernel(
            *(self._views, gradients, self._means, self._squares),
            *([], [self._steps] * len(self._views)),
            lr=self._group.rate * factor,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=self._group.weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        """Return the moments and the number of steps; see `Update`."""
        return {
            f"steps.{next(iter(self._group.parameters))}": self._steps,
            **self._group.named("mean", self._means),
            **self._group.named("square", self._squares),
        }


class Sgd:
    """A group's update by stochastic gradient descent with Nesterov's momentum.

    As in Sutskever et al., "On the importance of initialization and momentum in deep learning"
    (2013), in torch's form of it.
    """

    def __init__(self, group: Group, momentum: float) -> None:
        """Start at rest; a momentum of 0 leaves plain descent."""
        self.parameters = list(group.parameters.values())
        self._group, self._momentum, self._views = group, momentum, group.views()
        self._momenta = [torch.zeros_like(view) for view in self._views] if momentum else []

    def step(self, gradients: list[Tensor], factor: float) -> None:
        """Move the parameters; see `Update`."""
        torch._fused_sgd_(
            *(self._views, gradients, self._momenta),
            weight_decay=self._group.weight_decay,
            momentum=self._momentum,
            lr=self._group.rate * factor,
            dampening=0.0,
            nesterov=bool(self._momentum),
            maximize=False,
            # The first step differs only in not reading the momenta, which are zero.
            is_first_step=False,
        )

    def state(self) -> dict[str, Tensor]:
        """Return the momenta; see `Update`."""
        return self._group.named("momentum", self._momenta) if self._momenta else {}


class Optimizer:
    """Moves all parameters of a network."""

    def __init__(
        self, parameters: list[Tensor], updates: list[Update], gradient_clip: float
    ) -> None:
        """Start with updates that together move each of the parameters once.

        Gradients are clipped to the largest norm of all together; 0 is for none.
        """
        self._parameters = parameters
        self._updates = updates
        self._gradient_clip = gradient_clip

    @torch.no_grad()
    def step(self, factor: float) -> None:
        """Move every parameter by its gradient, and forget the gradients.

        Args:
            factor: What all rates are multiplied by in this step.
        """
        if self._gradient_clip:
            nn.utils.clip_grad_norm_(self._parameters, self._gradient_clip)
        for update in self._updates:
            update.step([_gradient(each) for each in update.parameters], factor)
        for parameter in self._parameters:
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """Return the tensors that hold the state, by name, all contiguous; not copies.

        They are in place ever after. Another optimizer that was made in the same way goes on bit
        for bit when these are copied into its own.
        """
        return {name: value for update in self._updates for name, value in update.state().items()}


def make_optimizer(network: nn.Module, recipe: RecipeSettings) -> Optimizer:
    """Return the recipe's optimizer for a network that lies where and how it will be trained.

    Weight decay is of weights: what has fewer than two dimensions, hence biases and the scales of
    batch norms, is spared. Dead taps (see `live_taps`) are no weights of a compact network, so
    that nothing shrinks them; the full network's would shrink, which no output would show.

    `bias_lr_factor` multiplies the rate of all biases, which are those of batch norms and of `fc`;
    the scales of batch norms have the rate of weights. In airbench (K. Jordan, "94% on CIFAR-10 in
    3.29 Seconds on a Single GPU" (2024), arXiv:2404.00498), from where it is, scales are not
    trained and the last layer has no bias.

    Args:
        network: In the fast form; parameters that take no gradient are left as they are.
        recipe: Read are optimizer, lr, momentum, muon_lr, weight_decay, bias_lr_factor and
            gradient_clip.
    """
    parameters: dict[str, Tensor] = {
        name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad
    }
    updates = OPTIMIZERS[recipe.optimizer](parameters, recipe)
    return Optimizer(list(parameters.values()), updates, recipe.gradient_clip)


def _gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return in_memory_order(parameter.grad)


def _groups(parameters: dict[str, Tensor], recipe: RecipeSettings) -> list[Group]:
    """Return those of three groups that have parameters: weights, scales and biases."""
    weights, scales, biases = dict[str, Tensor](), dict[str, Tensor](), dict[str, Tensor]()
    for name, parameter in parameters.items():
        is_bias = name.rpartition(".")[2] == "bias"
        kind = weights if parameter.dim() >= 2 else biases if is_bias else scales
        kind[name] = parameter
    groups = (
        Group(weights, recipe.lr, recipe.weight_decay),
        Group(scales, recipe.lr, 0.0),
        Group(biases, recipe.lr * recipe.bias_lr_factor, 0.0),
    )
    return [group for group in groups if group.parameters]


def _adam(parameters: dict[str, Tensor], recipe: RecipeSettings) -> list[Update]:
    return [Adam(group, torch._fused_adam_) for group in _groups(parameters, recipe)]


def _adamw(parameters: dict[str, Tensor], recipe: RecipeSettings) -> list[Update]:
    return [Adam(group, torch._fused_adamw_) for group in _groups(parameters, recipe)]


def _sgd(parameters: dict[str, Tensor], recipe: RecipeSettings) -> list[Update]:
    return [Sgd(group, recipe.momentum) for group in _groups(parameters, recipe)]


def _muon(parameters: dict[str, Tensor], recipe: RecipeSettings) -> list[Update]:
    """Return updates by Muon of the matrices of each short side, and SGD's of all that is left."""
    sides, rest = dict[int, dict[str, Tensor]](), dict[str, Tensor]()
    for name, parameter in parameters.items():
        if suits_muon(parameter):
            sides.setdefault(short_side(parameter), {})[name] = parameter
        else:
            rest[name] = parameter
    matrices = [Muon(weights, recipe.muon_lr, recipe.momentum) for weights in sides.values()]
    return [*matrices, *_sgd(rest, recipe)]


OPTIMIZERS: dict[str, Callable[[dict[str, Tensor], RecipeSettings], list[Update]]] = {
    "adam": _adam,
    "adamw": _adamw,
    "sgd": _sgd,
    "muon": _muon,
}
