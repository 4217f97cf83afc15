"""Taking whole channels out of a network: it gets smaller, and computes less.

A channel goes with all that belongs to it: what the convolution before it computes it by, its batch
norm, and what the layers behind it read it by. Channels that shortcuts add to each other go
together. torch-pruning finds all this by tracing the network: Fang et al., "DepGraph: Towards Any
Structural Pruning" (2023), arXiv:2301.12900.

By `l2` those with the smallest weights go: Li et al., "Pruning Filters for Efficient ConvNets"
(2016), arXiv:1608.08710, who take the L1 norm of the computing filter and find L2 to do as well;
here the norm is of all weights of convolutions and classifier that belong to the channel. By
`random` they are drawn. Either way each layer loses the same share, so that nothing but the choice
differs.
"""

from collections.abc import Iterator

import torch
import torch_pruning
from torch import Tensor, nn

from resnet_depth.networks.resnet import Bottleneck, ResNet, placed_convolutions
from resnet_depth.pruning.settings import Choice, Level
from resnet_depth.training.seeding import Stream, generator


def prune_channels(network: ResNet, image_size: int, level: Level, seed: int) -> None:
    """Take a share of the channels out of a network; at least one of each layer stays.

    Args:
        network: Compact, on the CPU and in evaluation mode; changed in place.
        image_size: The side of its images, in pixels.
        level: Of kind `inner` or `groups`.
        seed: The run's. By chance, a smaller share's channels are among a larger one's.
    """
    images = torch.zeros(1, network.conv1.in_channels, image_size, image_size)
    graph = torch_pruning.DependencyGraph().build_dependency(network, images)
    draw = generator(seed, Stream.PRUNING)
    # All scored before the first goes: what one group loses is a part of another's weights.
    chosen = []
    for layer in _roots(network, image_size, graph, inner=level.kind == "inner"):
        group = _group(graph, layer, range(layer.out_channels))
        order = _order(group, layer.out_channels, level.chosen_by, draw)
        count = min(round(level.share * len(order)), len(order) - 1)
        chosen.append((layer, order[:count].tolist()))
    for layer, channels in chosen:
        if channels:
            _group(graph, layer, channels).prune()


def _roots(
    network: ResNet, image_size: int, graph: torch_pruning.DependencyGraph, *, inner: bool
) -> Iterator[nn.Conv2d]:
    """Yield the first convolution of each group of channels, in the order of computation."""
    within = ("conv1", "conv2") if isinstance(network.layer1[0], Bottleneck) else ("conv1",)
    seen = set[nn.Module]()
    for place in list(placed_convolutions(network, image_size)):
        stage, _, name = place.name.rpartition(".")
        if place.layer in seen or (inner and not (stage and name in within)):
            continue
        group = _group(graph, place.layer, range(place.layer.out_channels))
        seen |= {
            each.target.module for each, _ in group if graph.is_out_channel_pruning_fn(each.handler)
        }
        yield place.layer


def _group(
    graph: torch_pruning.DependencyGraph, layer: nn.Conv2d, channels: range | list[int]
) -> torch_pruning.Group:
    """Return all that goes with some of a convolution's output channels."""
    return graph.get_pruning_group(layer, torch_pruning.prune_conv_out_channels, list(channels))


def _order(
    group: torch_pruning.Group, channels: int, chosen_by: Choice, draw: torch.Generator
) -> Tensor:
    """Return the channels of a whole group by index, what is to go first in front."""
    if chosen_by == "random":
        return torch.randperm(channels, generator=draw)
    norm = torch_pruning.importance.GroupMagnitudeImportance(
        p=2, normalizer=None, target_types=[nn.Conv2d, nn.Linear]
    )
    scores: Tensor = norm(group)
    return scores.argsort(stable=True)
