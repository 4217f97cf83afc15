"""Figure of how large networks are: weights and work as they are counted, and what is alive."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from resnet_depth.evidence.costs import Cost
from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import by_network, count, network_title, percent
from resnet_depth.report.figures.drawing import COLOURS, Plate, label, new_figure

# Opacity of what is counted.
PALE = 0.35
_UNITS = ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands"), (1, "number"))


def sizes(evidence: Evidence, costs: Sequence[Cost]) -> Plate:
    """Draw parameters and multiply-adds of each depth, counted and alive."""
    card = evidence.card
    pixels = f"{card.image_size}×{card.image_size}"
    title = "Parameters and work, counted and alive"
    subtitle = (
        f"{evidence.title}, images of {pixels} pixels. Pale: as they are usually counted; solid: "
        "alive, those that can meet a pixel, with their share."
    )
    figure = new_figure(title, subtitle, width=7.5, height=1.0 + 0.55 * len(costs))
    left, right = figure.subplots(1, 2, sharey=True)
    parameters = [(cost.size.live_parameters, cost.size.parameters) for cost in costs]
    work = [(cost.size.live_macs, cost.size.macs) for cost in costs]
    _bars(left, costs, parameters)
    _bars(right, costs, work)
    left.set_title("Parameters")
    right.set_title("Multiply-adds (MACs) of one image")
    left.set_yticks(range(len(costs)), [network_title(cost.depth) for cost in costs])
    left.set_ylim(len(costs) - 0.5, -0.5)
    told = {
        cost.depth: f"{count(alive)} of {count(all_)} ({percent(alive / all_, 0)})"
        for cost, (alive, all_) in zip(costs, parameters, strict=True)
    }
    caption = (
        f"At {pixels} pixels the last feature maps are so small that most cells of a 3×3 kernel "
        "only ever meet padding: they multiply zeros, reach no output and never get a gradient. "
        "Leaving them out changes no output; only the alive ones are trained and stored here. The "
        "work counted is that of whole kernels at every place where they are applied."
    )
    return Plate("sizes", title, caption, f"Parameters alive: {by_network(told)}.", figure)


def _bars(axes: Axes, costs: Sequence[Cost], numbers: Sequence[tuple[int, int]]) -> None:
    """Draw one quantity of all depths: (alive, counted) pairs."""
    most = max(counted for _, counted in numbers)
    size, unit = next((size, unit) for size, unit in _UNITS if most >= size)
    for place, (cost, (alive, counted)) in enumerate(zip(costs, numbers, strict=True)):
        colour = COLOURS[cost.depth]
        axes.barh(place - 0.12, alive / size, height=0.36, color=colour, alpha=0.85)
        axes.barh(place + 0.2, counted / size, height=0.2, color=colour, alpha=PALE)
        share = f"{count(alive)} ({percent(alive / counted, 0)})"
        for text, at, size_of_text, weight in (
            (share, (alive / size, place - 0.12), 8.5, "bold"),
            (count(counted), (counted / size, place + 0.2), 8, "normal"),
        ):
            style = {"va": "center", "size": size_of_text, "weight": weight, "color": colour}
            label(axes, text, at, (4, 0), **style)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, 1.42 * most / size)
    axes.set_xlabel(unit.capitalize())
