"""The steps of one training, which can stop after any of them and go on in another process."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resnet_depth.networks.fast.form import in_memory_order
from resnet_depth.networks.prediction import Images
from resnet_depth.training.augmentation.augmentation import Augmentation
from resnet_depth.training.augmentation.mixing import Mixing
from resnet_depth.training.checkpoints import Checkpoint
from resnet_depth.training.loss import loss_and_right
from resnet_depth.training.optimization.averaging import Average
from resnet_depth.training.optimization.divergence import Diverged, require_finite
from resnet_depth.training.optimization.freezing import freeze_parts
from resnet_depth.training.optimization.optimizer import make_optimizer
from resnet_depth.training.optimization.schedule import rate_factor
from resnet_depth.training.seeding import Stream, generator
from resnet_depth.training.settings import RecipeSettings

# Training images whose outputs tell, after each epoch, whether the network still puts out numbers.
FEW_IMAGES = 16


def steps_an_epoch(images: int, batch_size: int) -> int:
    """Return how many batches are made of so many images: all, but for a last one of one image.

    Batch norm has no variance of a single value, which is all that 1×1 maps leave of an image.
    """
    full, rest = divmod(images, batch_size)
    return full + (rest > 1)


class TrainingLoop:
    """The optimisation of one network: all of its state, from step to step."""

    def __init__(
        self,
        recipe: RecipeSettings,
        epochs: int,
        seed: int,
        network: nn.Module,
        images: Images,
        labels: NDArray[np.uint8],
        device: torch.device,
    ) -> None:
        """Start at the beginning of the first of `epochs` epochs.

        Order and augmentation come from the run's seed. The network, with its initial weights, and
        the images of the training part are on the device; the network is changed in place. Labels
        are class indices, shape (n,).
        """
        self._recipe = recipe
        self._network = network
        self._images = images
        self._labels = torch.from_numpy(labels).long().to(device)
        self._device = device
        self._frozen = freeze_parts(network, recipe.freeze)
        self._optimizer = make_optimizer(network, recipe)
        self._average = Average(network, recipe.ema) if recipe.ema else None
        self._augmentation = Augmentation(recipe, seed, images)
        self._mixing = Mixing(recipe, seed, len(images), device)
        self._order = generator(seed, Stream.ORDER)
        # Of the epoch at work: its number, from 0, the generator of its order as it began, and each
        # step's result. One tensor for all steps, made beforehand: many small ones that stay, made
        # between large ones that go, would let the process grow by a megabyte a step.
        self._epoch = 0
        self._order_state = self._order.get_state()
        self._steps = 0
        self._epoch_steps = steps_an_epoch(len(labels), recipe.batch_size)
        self._all_steps = epochs * self._epoch_steps
        self._losses = torch.zeros(self._epoch_steps, device=device)
        self._rights = torch.zeros(self._epoch_steps, device=device)
        self.initial_loss = math.nan

    @property
    def done_images(self) -> int:
        """How many images of the epoch at work have been seen."""
        return min(self._steps * self._recipe.batch_size, len(self._images))

    @property
    def trained(self) -> nn.Module:
        """The network as it is validated and kept: the average, where the recipe has one."""
        return self._average.network if self._average else self._network

    def rates(self, epoch: int) -> tuple[float, float]:
        """Return the learning rate of the first and of the last step of an epoch, from 0."""
        first = epoch * self._epoch_steps
        return self._rate(first), self._rate(first + self._epoch_steps - 1)

    def _rate(self, step: int) -> float:
        return self._recipe.lr * rate_factor(self._recipe, step, self._all_steps)

    def run_epoch(self, after_step: Callable[[int], None]) -> tuple[float, float]:
        """Pass once over the images in a new order, or over those that are left of them.

        Args:
            after_step: Called with the number of images after every step. It may save the state,
                and may end the epoch early by an exception.

        Returns:
            Mean loss, in nats, and accuracy over all images of the epoch; see `loss_and_right`.

        Raises:
            Diverged: If a loss, or afterwards a weight or an output, isn't finite.
        """
        self._network.train()
        for part in self._frozen:
            part.eval()
        self._augmentation.begin(self._epoch)
        self._mixing.begin(self._epoch)
        sizes = []
        for step, indices in enumerate(self._batches()):
            sizes.append(len(indices))
            if step == self._steps:
                self._step(indices)
                after_step(len(indices))
        if math.isnan(self.initial_loss):
            self.initial_loss = float(self._losses[0])
        self._require_finite()
        weights = torch.tensor(sizes, dtype=torch.float64)
        mean_loss = (self._losses.cpu().double() * weights).sum() / weights.sum()
        accuracy = self._rights.cpu().double().sum() / weights.sum()
        self._order_state = self._order.get_state()
        self._epoch += 1
        self._steps = 0
        return float(mean_loss), float(accuracy)

    def _step(self, indices: Tensor) -> None:
        labels = self._labels[indices]
        batch = self._images.normalize(self._augmentation.batch(indices))
        images, mixture = self._mixing.mix(batch, labels, indices)
        logits = self._network(images)
        smoothing = self._recipe.label_smoothing
        loss, right = loss_and_right(logits, labels, smoothing, mixture)
        loss.backward()
        step = self._epoch * self._epoch_steps + self._steps
        self._optimizer.step(rate_factor(self._recipe, step, self._all_steps))
        if self._average is not None:
            self._average.update()
        # Kept on the device: reading a number here would wait for the step to finish.
        self._losses[self._steps] = loss.detach()
        self._rights[self._steps] = right
        self._steps += 1

    def _require_finite(self) -> None:
        """See that the epoch that was passed left everything finite."""
        finite = torch.isfinite(self._losses)
        if not finite.all():
            step = int(finite.int().argmin())
            rate = self._rate(self._epoch * self._epoch_steps + step)
            raise Diverged(f"the loss isn't finite from step {step + 1} on, at a rate of {rate:g}")
        with torch.inference_mode():
            few = self._images.normalize(self._images.slice(0, FEW_IMAGES))
            require_finite(self.trained, self.trained.eval()(few))

    def _batches(self) -> Iterator[Tensor]:
        """Yield index tensors that together name every image once, in a new random order."""
        self._order.set_state(self._order_state)
        order = torch.randperm(len(self._images), generator=self._order).to(self._device)
        yield from order.split(self._recipe.batch_size)[: self._epoch_steps]

    def state(self) -> Checkpoint:
        """Return all that another loop with the same arguments needs to go on from here."""
        tensors = {"order": self._order_state, **self._tensors()}
        initial_loss = None if math.isnan(self.initial_loss) else self.initial_loss
        packed = {name: in_memory_order(value.detach()) for name, value in tensors.items()}
        arrays = {name: value.cpu().numpy() for name, value in packed.items()}
        values = {"initial_loss": initial_loss, "epoch": self._epoch, "steps": self._steps}
        return Checkpoint(arrays, values)

    def require_fitting(self, checkpoint: Checkpoint) -> None:
        """See that a checkpoint is one that `state` could have returned here.

        Raises:
            ValueError: If not.
        """
        values, arrays = checkpoint.values, dict(checkpoint.arrays)
        if not 0 <= values["steps"] <= self._epoch_steps:
            raise ValueError(f"{values['steps']} steps of {self._epoch_steps}")
        for name, tensor in {"order": self._order_state, **self._tensors()}.items():
            expected, found = in_memory_order(tensor.detach()), arrays.pop(name, None)
            kind = str(expected.dtype).removeprefix("torch.")
            if found is None or (found.shape, str(found.dtype)) != (expected.shape, kind):
                raise ValueError(f"{name} isn't {kind} of shape {tuple(expected.shape)}")
        if arrays:
            raise ValueError(f"{next(iter(arrays))} belongs to nothing")

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from what `state` returned in a loop with the same arguments."""
        arrays = {name: torch.from_numpy(value) for name, value in checkpoint.arrays.items()}
        self._order_state = arrays["order"]
        self._epoch, self._steps = checkpoint.values["epoch"], checkpoint.values["steps"]
        with torch.no_grad():
            for name, target in self._tensors().items():
                in_memory_order(target).copy_(arrays[name])
        if checkpoint.values["initial_loss"] is not None:
            self.initial_loss = checkpoint.values["initial_loss"]

    def _tensors(self) -> dict[str, Tensor]:
        """Return the tensors of the epoch, the network and the optimizer; not copies."""
        averages = self._average.state() if self._average else {}
        return {
            "losses": self._losses,
            "rights": self._rights,
            **{f"network.{name}": value for name, value in self._network.state_dict().items()},
            **{f"optimizer.{name}": value for name, value in self._optimizer.state().items()},
            **{f"average.{name}": value for name, value in averages.items()},
        }
