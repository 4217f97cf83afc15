"""Figures of single test images: what every network gets wrong, and what only the deepest can."""

import pandas as pd
from matplotlib.figure import Figure

from resnet_depth.drawing import COLOURS, INK, MUTED, RULE, Plate, new_figure
from resnet_depth.evidence import Evidence
from resnet_depth.examples import ALL_WRONG, ONLY_DEEPEST
from resnet_depth.wording import listed, network_title

WIDTH = 7.5
COLUMNS = 5
# In inches: a cell, the picture in it, a line of text, the space below a cell.
CELL = 1.46
PICTURE = 0.96
LINE = 0.155
GAP = 0.2
# What a cell has room for.
MOST_CHARACTERS = 20


def all_wrong(evidence: Evidence) -> Plate:
    """Draw test images that every network of the study gets wrong."""
    networks = len(evidence.depths) * len(evidence.seeds)
    of_all = f"all {networks} networks" if networks > 1 else "the one network"
    images = evidence.card.counts["test"]
    rows = evidence.examples[evidence.examples["group"] == ALL_WRONG]
    rule = "first those of whose wrong answers the networks are most certain"
    return _plate(
        evidence,
        rows,
        title="What every network gets wrong",
        none=f"None of the {images:,} test images is got wrong by {of_all}.",
        some=f"got wrong by {of_all}; {rule}",
        name="examples_all_wrong",
    )


def only_deepest(evidence: Evidence) -> Plate:
    """Draw test images that most seeds of the deepest get right, and no shallower network."""
    deepest = network_title(evidence.depths[-1])
    rows = evidence.examples[evidence.examples["group"] == ONLY_DEEPEST]
    most = f"more than half of {deepest}'s seeds" if len(evidence.seeds) > 1 else deepest
    none = f"No test image is got right by {most} and by no shallower network."
    order = "it is most certain of"
    if len(evidence.seeds) > 1:
        order = "most of its seeds get right, then those they are most certain of"
    if len(evidence.depths) == 1:
        none = f"The study has one depth, {deepest}: there is no shallower one to compare with."
    return _plate(
        evidence,
        rows,
        title=f"What only {deepest} gets right",
        none=none,
        some=f"got right by {most} and by no shallower network; first those that {order}",
        name="examples_only_deepest",
    )


def _plate(
    evidence: Evidence, rows: pd.DataFrame, *, title: str, none: str, some: str, name: str
) -> Plate:
    """Return a figure of a group of examples; `none` and `some` say what there is of them."""
    found = int(rows["found"].iloc[0]) if len(rows) else 0
    shown = rows["rank"].nunique()
    if not found:
        figure = new_figure(title, f"{evidence.title}.", width=WIDTH, height=0.6)
        figure.set_layout_engine("none")
        figure.text(0.5, 0.3 / figure.get_figheight(), none, ha="center", va="center", size=9.5)
        return Plate(name, title, "Where there are such images they are shown here.", none, figure)
    images = f"{found:,} of the {evidence.card.counts['test']:,} test images"
    is_are, was = ("are", "were") if found > 1 else ("is", "was")
    said = "its answer" if len(evidence.seeds) == 1 else "its seeds' most frequent answer"
    subtitle = (
        f"{evidence.title}. Bold: the actual class; below, for each depth, {said}"
        f"{'' if len(evidence.seeds) == 1 else ' and how many gave it'}. Bold answers are right."
    )
    if not (rows["said"] == rows["actual"]).any():
        subtitle = subtitle.removesuffix(" Bold answers are right.")
    height = (PICTURE + (1 + len(evidence.depths)) * LINE + GAP) * -(-shown // COLUMNS) + 0.1
    figure = new_figure(title, subtitle, width=WIDTH, height=height)
    # Everything has its place already.
    figure.set_layout_engine("none")
    for place, (_, example) in enumerate(rows.groupby("rank", sort=True)):
        left = 0.12 + CELL * (place % COLUMNS)
        row = place // COLUMNS
        _example(figure, evidence, example, left, height - row * (height - 0.1) / -(-shown // COLUMNS))
    first = rows[rows["depth"] == evidence.depths[-1]].sort_values("rank")
    answers = [
        f"{row.actual} ({network_title(evidence.depths[-1])}: {row.said})"
        for row in first.itertuples()
    ]
    number = f"The first {shown}" if shown < found else "All"
    alt = f"{images} {is_are} {some}. Shown, with their actual class: {listed(answers)}."
    caption = f"{images} {was} {some}. {number} are shown." if found > 1 else f"{images} {was} {some}."
    return Plate(name, title, caption, alt, figure)


def _example(
    figure: Figure, evidence: Evidence, example: pd.DataFrame, left: float, top: float
) -> None:
    """Draw one image with its actual class and what each depth said; places are in inches."""
    height = figure.get_figheight()
    picture = evidence.pictures[int(example["index"].iloc[0])]
    box = (left / WIDTH, (top - PICTURE) / height, PICTURE / WIDTH, PICTURE / height)
    axes = figure.add_axes(box)
    # Its own pixels, as squares; a file of 32×32 pixels however large it is drawn.
    axes.imshow(picture, interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=RULE)
    actual = str(example["actual"].iloc[0])
    lines = [(actual, INK, True)]
    for row in example.itertuples():
        right = row.said == row.actual
        votes = f" {row.agreeing}/{row.seeds}" if row.seeds > 1 else ""
        name = _short(str(row.said), MOST_CHARACTERS - len(f"{row.depth}: {votes}"))
        lines.append((f"{row.depth}: {name}{votes}", COLOURS[int(row.depth)], right))
    for k, (text, colour, bold) in enumerate(lines):
        y = (top - PICTURE - 0.05 - k * LINE) / height
        weight = "bold" if bold else "normal"
        short = _short(text, MOST_CHARACTERS)
        figure.text(left / WIDTH, y, short, color=colour, weight=weight, size=8, va="top")


def _short(text: str, most: int) -> str:
    """Return a text of at most so many characters, cut off where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
