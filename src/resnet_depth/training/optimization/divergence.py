"""What tells that a training diverged: a loss, weights or outputs that aren't finite."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from resnet_depth.base.errors import UserError
from resnet_depth.networks.storage import not_finite
from resnet_depth.training.settings import RecipeSettings


class Diverged(Exception):  # noqa: N818, not an error of the program
    """A training left the finite numbers; the text says what, and from when on."""


def require_finite(network: nn.Module, outputs: Tensor) -> None:
    """See that all of a network, and what it puts out, is finite.

    Raises:
        Diverged: If not.
    """
    if (name := not_finite(network.state_dict())) is not None:
        raise Diverged(f"{name} isn't finite")
    if not torch.isfinite(outputs).all():
        raise Diverged("the network's outputs aren't finite")


@contextmanager
def as_mistake(where: str, recipe: RecipeSettings) -> Iterator[None]:
    """Make a divergence a mistake in the settings, told in one line: where, and what to try.

    Raises:
        UserError: In place of `Diverged`.
    """
    try:
        yield
    except Diverged as what:
        muon = f" or muon_lr ({recipe.muon_lr})" if recipe.optimizer == "muon" else ""
        raise UserError(
            f"{where}: diverged: {what}; lower lr ({recipe.lr}){muon}, lengthen "
            "the warm-up or set gradient_clip in the recipe, in params.yaml, and repeat"
        ) from None
