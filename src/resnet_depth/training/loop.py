"""The steps of one training, which can stop after any of them and go on in another process."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from resnet_depth.networks.fast.form import in_memory_order
from resnet_depth.networks.prediction import Images
from resnet_depth.training.augmentation import augment
from resnet_depth.training.checkpoints import Checkpoint
from resnet_depth.training.optimizer import Adam, Group, Optimizer
from resnet_depth.training.seeding import Stream, generator
from resnet_depth.training.settings import TrainSettings


class TrainingLoop:
    """The optimisation of one network: all of its state, from step to step."""

    def __init__(
        self,
        recipe: TrainSettings,
        seed: int,
        network: nn.Module,
        images: Images,
        labels: NDArray[np.uint8],
        device: torch.device,
    ) -> None:
        """Start at the beginning of the first epoch.

        Order and augmentation come from the run's seed. The network, with its initial weights, and
        the images of the training part are on the device; the network is changed in place. Labels
        are class indices, shape (n,).
        """
        self._recipe = recipe
        self._network = network
        self._images = images
        self._labels = torch.from_numpy(labels).long().to(device)
        self._device = device
        parameters: dict[str, Tensor] = dict(network.named_parameters())
        adam = Adam(Group(parameters, recipe.lr, 0.0), torch._fused_adam_)
        self._optimizer = Optimizer(adam.parameters, [adam], gradient_clip=0.0)
        self._order = generator(seed, Stream.ORDER)
        self._augmentation = generator(seed, Stream.AUGMENTATION)
        # Of the epoch at work: the generator of its order as it began, and each step's result.
        # One tensor for all steps, made beforehand: many small ones that stay, made between large
        # ones that go, would let the process grow by a megabyte a step.
        self._order_state = self._order.get_state()
        self._steps = 0
        count = math.ceil(len(labels) / recipe.batch_size)
        self._losses = torch.zeros(count, device=device)
        self._corrects = torch.zeros(count, dtype=torch.int64, device=device)
        self.initial_loss = math.nan

    @property
    def done_images(self) -> int:
        """How many images of the epoch at work have been seen."""
        return min(self._steps * self._recipe.batch_size, len(self._images))

    def run_epoch(self, after_step: Callable[[int], None]) -> tuple[float, float]:
        """Pass once over the images in a new order, or over those that are left of them.

        Args:
            after_step: Called with the number of images after every step. It may save the state,
                and may end the epoch early by an exception.

        Returns:
            Mean loss, in nats, and accuracy over all images of the epoch.
        """
        self._network.train()
        sizes = []
        for step, indices in enumerate(self._batches()):
            sizes.append(len(indices))
            if step == self._steps:
                self._step(indices)
                after_step(len(indices))
        if math.isnan(self.initial_loss):
            self.initial_loss = float(self._losses[0])
        weights = torch.tensor(sizes, dtype=torch.float64)
        losses, corrects = (each[: len(sizes)].cpu() for each in (self._losses, self._corrects))
        mean_loss = (losses.double() * weights).sum() / weights.sum()
        accuracy = corrects.sum() / weights.sum()
        self._order_state = self._order.get_state()
        self._steps = 0
        return float(mean_loss), float(accuracy)

    def _step(self, indices: Tensor) -> None:
        labels = self._labels[indices]
        batch = augment(self._images.select(indices), self._recipe.augmentation, self._augmentation)
        logits = self._network(self._images.normalize(batch))
        loss = cross_entropy(logits, labels)
        loss.backward()
        self._optimizer.step(1.0)
        # Kept on the device: reading a number here would wait for the step to finish.
        self._losses[self._steps] = loss.detach()
        self._corrects[self._steps] = (logits.detach().argmax(1) == labels).sum()
        self._steps += 1

    def _batches(self) -> Iterator[Tensor]:
        """Yield index tensors that together name every image once, in a new random order."""
        self._order.set_state(self._order_state)
        order = torch.randperm(len(self._images), generator=self._order).to(self._device)
        for indices in order.split(self._recipe.batch_size):
            # Batch norm has no variance of a single value, which is all that 1×1 maps leave.
            if len(indices) > 1:
                yield indices

    def state(self) -> Checkpoint:
        """Return all that another loop with the same arguments needs to go on from here."""
        tensors = {
            "order": self._order_state,
            "augmentation": self._augmentation.get_state(),
            **self._tensors(),
        }
        initial_loss = None if math.isnan(self.initial_loss) else self.initial_loss
        packed = {name: in_memory_order(value.detach()) for name, value in tensors.items()}
        arrays = {name: value.cpu().numpy() for name, value in packed.items()}
        return Checkpoint(arrays, {"initial_loss": initial_loss, "steps": self._steps})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from what `state` returned in a loop with the same arguments."""
        arrays = {name: torch.from_numpy(value) for name, value in checkpoint.arrays.items()}
        self._order_state = arrays["order"]
        self._augmentation.set_state(arrays["augmentation"])
        self._steps = checkpoint.values["steps"]
        with torch.no_grad():
            for name, target in self._tensors().items():
                in_memory_order(target).copy_(arrays[name])
        if checkpoint.values["initial_loss"] is not None:
            self.initial_loss = checkpoint.values["initial_loss"]

    def _tensors(self) -> dict[str, Tensor]:
        """Return the tensors of the epoch, the network and the optimizer; not copies."""
        return {
            "losses": self._losses,
            "corrects": self._corrects,
            **{f"network.{name}": value for name, value in self._network.state_dict().items()},
            **{f"optimizer.{name}": value for name, value in self._optimizer.state().items()},
        }
