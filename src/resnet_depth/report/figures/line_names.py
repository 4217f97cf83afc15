"""What lines and marks are: named above a panel, in as many rows as it takes, and beside it."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

# Kinds of lines, told apart without colour, which is the depth's.
LINES: tuple[Any, ...] = (
    "-",
    (0, (4, 1.5)),
    (0, (1, 1.2)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (2, 2)),
    (0, (8, 1.5, 1, 1.5, 1, 1.5)),
    (0, (1, 3)),
    (0, (10, 3)),
    (0, (3, 1.2, 3, 4)),
)
# In inches: of a row; beside a row; of a line with the gaps around it; of a letter.
ROW, BESIDE, LINE, LETTER = 0.2, 0.8, 0.75, 0.085


def name_lines(axes: Axes, names: Sequence[str], lines: Sequence[Any], colour: str) -> None:
    """Say above a panel which line is whose."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    axes.legend(
        handles=[
            Line2D([], [], color=colour, ls=line, lw=1.4, label=name)
            for name, line in zip(names, lines, strict=True)
        ],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=_names_a_row(names, figure.get_figwidth()),
        frameon=False,
        handlelength=3.2,
    )


def name_marks(axes: Axes, marks: Sequence[tuple[str, str, str]]) -> None:
    """Say to the right of a panel, where no line passes, what marks are: name, shape, colour."""
    handles = [
        Line2D([], [], ls="", label=name, marker=shape, color=colour)
        for name, shape, colour in marks
    ]
    legend = axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1, 1), frameon=False, handletextpad=0.2
    )
    axes.add_artist(legend)
    legend.set_clip_on(False)


def height_of_names(names: Sequence[str], width: float) -> float:
    """Return by how much names are higher than one row of them, in a figure so wide; in inches."""
    return ROW * (math.ceil(len(names) / _names_a_row(names, width)) - 1) if names else 0.0


def _names_a_row(names: Sequence[str], width: float) -> int:
    """Return how many names stand beside each other."""
    fit = int((width - BESIDE) / (LINE + LETTER * max(map(len, names))))
    return min(len(names), max(1, fit))
