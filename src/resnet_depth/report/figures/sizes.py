"""Figure of how large networks are: weights and work as they are counted, and what is alive."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from resnet_depth.evidence.costs import Cost
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import by_network, count, network_title, percent
from resnet_depth.report.figures.drawing import (
    COLOURS,
    Plate,
    label,
    new_figure,
    number_axis,
    rows_of,
)

# Opacity of what is counted.
PALE = 0.35
_UNITS = ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands"), (1, "number"))


def sizes(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw parameters and multiply-adds of each depth, all of them and those alive."""
    card = evidence.card
    pixels = f"{card.image_size}×{card.image_size}"
    title = "Parameters and work: all, and the part that is alive"
    subtitle = (
        f"{evidence.title}, images of {pixels} pixels. Pale: all, as usually counted; solid: the "
        "part that is alive, because a pixel can reach it."
    )
    figure = new_figure(title, subtitle, width=7.5, height=1.0 + 0.55 * len(costs))
    left, right = figure.subplots(1, 2, sharey=True)
    parameters = [(cost.size.live_parameters, cost.size.parameters) for cost in costs]
    work = [(cost.size.live_macs, cost.size.macs) for cost in costs]
    _bars(left, "Parameters", costs, parameters)
    _bars(right, "Multiply-adds (MACs) of one image", costs, work)
    left.set_ylim(len(costs) - 0.5, -0.5)
    told = {
        cost.depth: f"{count(alive)} of {count(all_)} ({percent(alive / all_, 0)})"
        for cost, (alive, all_) in zip(costs, parameters, strict=True)
    }
    caption = f"At {pixels} pixels a pixel can reach every parameter: all of them are alive."
    if any(alive < all_ for alive, all_ in parameters):
        caption = (
            f"At {pixels} pixels the last feature maps are so small that many cells of a 3×3 "
            "kernel only ever meet padding: they multiply zeros, change no output and never get a "
            "gradient. They can be left out without any change; only the others are trained and "
            "stored here. The work counts whole kernels wherever they are applied."
        )
    return Plate("sizes", title, caption, f"Parameters alive: {by_network(told)}.", figure)


def _bars(
    axes: Axes, title: str, costs: Sequence[Cost], numbers: Sequence[tuple[int, int]]
) -> None:
    """Draw one quantity of all depths: (alive, counted) pairs."""
    axes.set_title(title)
    rows_of(axes, [network_title(cost.depth) for cost in costs])
    most = max(counted for _, counted in numbers)
    size, unit = next((size, unit) for size, unit in _UNITS if most >= size)
    for place, (cost, (alive, counted)) in enumerate(zip(costs, numbers, strict=True)):
        colour = COLOURS[cost.depth]
        share = f"{count(alive)} ({percent(alive / counted, 0)})"
        for number, text, y, height, alpha, size_of_text, weight in (
            (alive, share, place - 0.12, 0.36, 0.85, 8.5, "bold"),
            (counted, count(counted), place + 0.2, 0.2, PALE, 8, "normal"),
        ):
            axes.barh(y, number / size, height=height, color=colour, alpha=alpha)
            style = {"va": "center", "size": size_of_text, "weight": weight, "color": colour}
            label(axes, text, (number / size, y), (4, 0), **style)
    number_axis(axes.xaxis, unit.capitalize())
    axes.set_xlim(0, 1.42 * most / size)
