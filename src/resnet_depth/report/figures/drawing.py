"""How all figures look: one colour and marker a depth, the header, and the files they become."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path
from matplotlib.ticker import PercentFormatter
from matplotlib.typing import RcKeyType

from resnet_depth.evidence.wording import network_title

INK = "#1f2430"
MUTED = "#5b6270"
RULE = "#c9ced6"
GRID = "#e6e9ee"

# Okabe and Ito's palette, told apart with any colour vision (https://jfly.uni-koeln.de/color/);
# of its members those with a contrast of 3 or more against white.
COLOURS = {18: "#0072b2", 34: "#d55e00", 50: "#009e73", 101: "#b5629b", 152: "#4d4d4d"}
MARKERS = {18: "o", 34: "s", 50: "D", 101: "^", 152: "v"}

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


@contextmanager
def style() -> Iterator[None]:
    """Draw and save with this module's style; what matplotlib was set to returns afterwards."""
    with mpl.rc_context(STYLE):
        yield


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


def width_of(categories: int) -> float:
    """Return the width, in inches, of a figure with so many categories side by side."""
    return max(4.4, 1.35 * categories)


def leave_room_for_points(axes: Axes, places: int) -> None:
    """Set the x range of categories drawn at 0, 1, … so that marks beside them fit."""
    axes.set_xlim(-0.6, places - 0.4)
    axes.tick_params(axis="x", length=0)


def spread_of_points(index: int, total: int) -> float:
    """Return how far right of its category's middle a point is set, so that equal ones show."""
    return 0.0 if total == 1 else 0.22 * (index / (total - 1) - 0.5)


def label(
    axes: Axes, text: str, at: tuple[float, float], off: tuple[float, float], **style: Any
) -> None:
    """Write a text so many points to the right of and above a place in the data."""
    axes.annotate(text, at, xytext=off, textcoords="offset points", **style)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, cut off where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def percent_axis(axis: Axis) -> None:
    """Write an axis of fractions in percent, without the sign, which its label has."""
    axis.set_major_formatter(PercentFormatter(1.0, symbol=""))


def limit_to_possible(axes: Axes, axis: Literal["x", "y"] = "y") -> None:
    """Keep an axis of accuracies to what they can be; an interval may reach further."""
    if axis == "x":
        axes.margins(x=0.05)
        axes.autoscale_view()
        axes.set_xlim(_possible(*axes.get_xlim()))
    else:
        axes.margins(y=0.12)
        axes.autoscale_view()
        axes.set_ylim(_possible(*axes.get_ylim()))


def _possible(low: float, high: float) -> tuple[float, float]:
    """Return limits cut to the fractions from 0 to 1, with room for the marks there."""
    room = 0.03 * (min(high, 1) - max(low, 0))
    return max(low, -room), min(high, 1 + room)


def depth_legend(axes: Axes, depths: Sequence[int]) -> None:
    """Name the depths with their marks in one line above the axes, in their order."""
    for depth in depths:
        label = network_title(depth)
        axes.plot([], [], MARKERS[depth], color=COLOURS[depth], ms=6, mec="white", label=label)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(depths),
        frameon=False,
        borderaxespad=0.2,
        borderpad=0.2,
        handletextpad=0.1,
        columnspacing=1.2,
        labelcolor="linecolor",
    )


def _settle(figure: Figure) -> None:
    """Lay a figure out once and for all, its axes at rounded places.

    The layout's solver adds its terms in the order of their addresses in memory, so that the last
    digits of a place differ between two drawings of the same.
    """
    if not isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        return
    figure.draw_without_rendering()
    # With an engine, even one that does nothing, a figure is drawn twice whenever it is saved.
    figure.set_layout_engine(None)
    for axes in figure.axes:
        bounds = [round(value, 6) for value in axes.get_position(original=True).bounds]
        axes.set_position((bounds[0], bounds[1], bounds[2], bounds[3]), which="original")


def as_svg(figure: Figure) -> str:
    """Return a figure as SVG with text as text, equal for equal figures."""
    _settle(figure)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    # Verdana, of equal widths, stands in where the reader has no DejaVu.
    return re.sub(r"'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif", buffer.getvalue())


def as_png(figure: Figure, dpi: int) -> bytes:
    """Return a figure as PNG.

    Args:
        figure: What to draw.
        dpi: Dots per inch.
    """
    _settle(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()
