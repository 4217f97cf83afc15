"""How all figures look: one colour and marker per depth, the header, and how axes are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import RcKeyType
from numpy.typing import NDArray

from resnet_depth.evidence.wording import network_title, shortest
from resnet_depth.report.figures.line_names import height_of_names

INK = "#1f2430"
MUTED = "#5b6270"
RULE = "#c9ced6"
GRID = "#e6e9ee"
# Of a matrix, and of a number on a full cell of it.
CELL, ON_CELL = "#2171b5", "#fdfdfd"

# Okabe and Ito's palette, told apart with any colour vision (https://jfly.uni-koeln.de/color/);
# of its members those with a contrast of 3 or more against white.
COLOURS = {18: "#0072b2", 34: "#d55e00", 50: "#009e73", 101: "#b5629b", 152: "#4d4d4d"}
MARKERS = {18: "o", 34: "s", 50: "D", 101: "^", 152: "v"}

# Figures are drawn and saved with it; what matplotlib was set to returns afterwards.
STYLE: dict[RcKeyType, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    # A dollar sign in a class's name is a dollar sign.
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "white",
    # No layout but the one a figure asks for.
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    # Text stays text; ids come from this salt instead of a random one.
    "svg.fonttype": "none",
    "svg.hashsalt": "resnet-depth",
}

# In inches.
HEADER_LINE = 0.19
HEADER_MARGIN = 0.22
MARGIN = 0.06
# In points.
SUBTITLE_SIZE = 8.5
# The share of a line that text may fill: few dots an inch, or a font in DejaVu's place, widen it.
ROOM_FOR_FONTS = 0.95


@dataclass(frozen=True)
class Plate:
    """A finished figure with the words that go with it.

    `name` is that of its files without ending; `alt` tells what is seen to who can't see it.
    """

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure


def new_figure(title: str, subtitle: str, *, width: float, height: float) -> Figure:
    """Return an empty figure with title and subtitle set at its top left.

    Args:
        title: One line in bold.
        subtitle: What the data are and what the marks mean; wrapped to the width.
        width: In inches.
        height: Of the part below the header, in inches.

    Returns:
        The figure, laid out so that axes keep clear of the header.
    """
    lines = _wrapped(subtitle, 72 * ROOM_FOR_FONTS * (width - 4 * MARGIN))
    header = HEADER_MARGIN + 0.26 + HEADER_LINE * len(lines)
    full = height + header
    figure = Figure(figsize=(width, full))
    FigureCanvasAgg(figure)
    rect = (MARGIN / width, MARGIN / full, 1 - 2 * MARGIN / width, (height - MARGIN) / full)
    figure.set_layout_engine("constrained", rect=rect)
    left, top = 2 * MARGIN / width, 1 - 2 * MARGIN / full
    figure.text(left, top, title, size=12, weight="bold", va="top")
    for k, line in enumerate(lines):
        y = top - (0.26 + HEADER_LINE * k) / full
        figure.text(left, y, line, size=SUBTITLE_SIZE, color=MUTED, va="top")
    return figure


def _wrapped(text: str, most: float) -> list[str]:
    """Return a subtitle's lines, each at most so many points wide, or a single longer word."""
    font = FontProperties(family=STYLE["font.family"], size=SUBTITLE_SIZE)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        width, _, _ = text_to_path.get_text_width_height_descent(longer, font, ismath=False)
        if width <= most or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def explained(marks: Sequence[str]) -> str:
    """Return what marks mean as a sentence that follows a subtitle's first; nothing for none."""
    text = "; ".join(marks)
    return f" {text[0].upper()}{text[1:]}." if text else ""


def side_by_side(
    title: str, subtitle: str, names: Sequence[str], lines: Sequence[str] = ()
) -> tuple[Figure, Axes]:
    """Return a figure of categories at x = 0, 1, …, with room for marks beside them.

    And above them, for the names of `lines`; see `line_names`.
    """
    width = max(4.4, 1.35 * len(names))
    figure = new_figure(title, subtitle, width=width, height=3.2 + height_of_names(lines, width))
    axes = figure.subplots()
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="x", length=0)
    return figure, axes


def column_a_depth(
    title: str,
    subtitle: str,
    depths: Sequence[int],
    height: float,
    ratios: tuple[float, float] = (1, 1),
) -> tuple[Figure, NDArray[np.object_]]:
    """Return a figure of two rows of panels, whose heights have `ratios`; shape (2, depths)."""
    width = max(4.6, min(7.5, 2.5 * len(depths)))
    figure = new_figure(title, subtitle, width=width, height=height)
    grid = figure.subplots(
        2, len(depths), sharex=True, sharey="row", squeeze=False, height_ratios=ratios
    )
    for axes, depth in zip(grid[0], depths, strict=True):
        axes.set_title(network_title(depth), color=COLOURS[depth])
    return figure, grid


def rows_of(axes: Axes, names: Sequence[str]) -> None:
    """Name rows at y = 0, 1, …, with a grid for what is read along x."""
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")


def interval(
    axes: Axes, x: float, mean: float, half_width: float, colour: str, most: float = 1.0
) -> ErrorbarContainer:
    """Draw the interval of a mean of values that lie between 0 and `most`, and end it there."""
    reach = [[min(half_width, mean)], [min(half_width, most - mean)]]
    return axes.errorbar(x, mean, reach, color=colour, lw=2, capsize=5, capthick=2)


def spread_of_points(index: int, total: int) -> float:
    """Return how far right of its category's middle a point is set, so that equal ones show."""
    return 0.0 if total == 1 else 0.22 * (index / (total - 1) - 0.5)


def label(
    axes: Axes, text: str, at: tuple[float, float], off: tuple[float, float], **style: Any
) -> None:
    """Write a text so many points to the right of and above a place in the data."""
    axes.annotate(text, at, xytext=off, textcoords="offset points", **style)


def value_below(axes: Axes, place: int, text: str, colour: str, weight: str = "bold") -> None:
    """Write a category's value below its name, which ends in a line break to leave room.

    There no point and no interval is in its way.
    """
    style = {"ha": "center", "va": "top", "weight": weight, "color": colour}
    label(axes, text, (place, 0), (0, -18), xycoords=("data", "axes fraction"), **style)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, cut off where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def number_axis(axis: Axis, name: str, factor: float = 1.0, steps: int = 6) -> None:
    """Write an axis by its values times `factor`: about so many round steps, no idle decimals."""
    axis.set_major_locator(MaxNLocator(nbins=steps, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: shortest(factor * value))
    axis.set_label_text(name)


def percent_axis(axis: Axis, name: str, steps: int = 6) -> None:
    """Write an axis of fractions in percent, without the sign, which its name has."""
    number_axis(axis, name, 100, steps)


def accuracy_axis(axes: Axes, name: str, which: Literal["x", "y"] = "y") -> None:
    """Write an axis of accuracies in percent and keep it to what they can be.

    An interval may reach further. There is room for the marks at 0 and 1.
    """
    percent_axis(getattr(axes, f"{which}axis"), name)
    axes.set(**{f"{which}margin": {"x": 0.05, "y": 0.12}[which]})
    low, high = getattr(axes, f"get_{which}lim")()
    room = 0.03 * (min(high, 1) - max(low, 0))
    axes.set(**{f"{which}lim": (max(low, -room), min(high, 1 + room))})
