"""Figures of single test images: what all networks get wrong, and what only the deepest can."""

import pandas as pd
from matplotlib.figure import Figure

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.examples import ALL_WRONG, MAINLY_DEEPEST, MOST_WRONG, ONLY_DEEPEST
from resnet_depth.evidence.wording import listed, network_title
from resnet_depth.report.figures.drawing import COLOURS, INK, RULE, Plate, new_figure, shortened

WIDTH = 7.5
COLUMNS = 5
# In inches: from one picture to the next, a picture, a line of text, the space below a cell.
CELL = 1.46
PICTURE = 0.96
LINE = 0.155
GAP = 0.2
# What a cell has room for.
MOST_CHARACTERS = 20


def hardest(evidence: Evidence) -> Plate:
    """Draw test images that every network gets wrong; where there is none, that most do."""
    networks = len(evidence.depths) * len(evidence.seeds)
    of_all = f"all {networks} networks" if networks > 1 else "the one network"
    order = "first those that most get wrong, then those of whose answers they are most certain"
    every = f"got wrong by {of_all}; first those of whose answers they are most certain"
    most = f"got wrong by more than half of the {networks} networks; {order}"
    groups = {
        ALL_WRONG: ("What every network gets wrong", every),
        MOST_WRONG: ("What most networks get wrong", most),
    }
    none = f"No test image is got wrong by {of_all}."
    return _plate(evidence, "examples_hardest", groups, none)


def of_deepest(evidence: Evidence) -> Plate:
    """Draw test images that the deepest gets right and no, or hardly a, shallower network does."""
    deepest = network_title(evidence.depths[-1])
    most = f"more than half of {deepest}'s seeds" if len(evidence.seeds) > 1 else deepest
    order = "first those that it has the most ahead of the others, then those it is most certain of"
    no_other = f"got right by {most} and by no shallower network"
    few = f"got right by {most} and by fewer than half of the shallower networks"
    groups = {
        ONLY_DEEPEST: (f"What only {deepest} gets right", f"{no_other}; {order}"),
        MAINLY_DEEPEST: (f"What mainly {deepest} gets right", f"{few}; {order}"),
    }
    none = f"No test image is {no_other}."
    if len(evidence.depths) == 1:
        none = f"The study has one depth, {deepest}: there is no shallower one to compare with."
    return _plate(evidence, "examples_deepest", groups, none)


def _plate(evidence: Evidence, name: str, groups: dict[str, tuple[str, str]], none: str) -> Plate:
    """Return a figure of a group's examples, of the second group where the first is empty.

    `groups` holds each one's title and what its images are; `none` says that the first has none.
    """
    rows = evidence.examples[evidence.examples["group"].isin(groups)]
    if rows.empty:
        title, _ = next(iter(groups.values()))
        figure = new_figure(title, f"{evidence.title}.", width=WIDTH, height=0.6)
        figure.set_layout_engine("none")
        figure.text(0.5, 0.3 / figure.get_figheight(), none, ha="center", va="center", size=9.5)
        caption = "Where there are such images they are shown here."
        return Plate(name, title, caption, none, figure)
    group, found, shown = str(rows["group"].iloc[0]), rows["found"].iloc[0], rows["rank"].nunique()
    title, what = groups[group]
    before = "" if group == next(iter(groups)) else f"{none} "
    images = f"{found:,} of {evidence.card.counts['test']:,} test images"
    told = f"{before}{images} {'is' if found == 1 else 'are'} {what}."
    deepest = evidence.depths[-1]
    answers = [
        f"{row['actual']} ({network_title(deepest)}: {row['said']})"
        for _, row in rows[rows["depth"] == deepest].sort_values("rank").iterrows()
    ]
    alt = f"{told} Shown, with their actual class: {listed(answers)}."
    first = f" The first {shown} are shown." if shown < found else ""
    return Plate(name, title, told + first, alt, _grid(evidence, rows, title, before))


def _grid(evidence: Evidence, rows: pd.DataFrame, title: str, before: str) -> Figure:
    """Return the figure of some examples, side by side; `before` begins its subtitle."""
    said = "its answer" if len(evidence.seeds) == 1 else "its seeds' most frequent answer"
    votes = "" if len(evidence.seeds) == 1 else " and how many gave it"
    subtitle = (
        f"{evidence.title}. {before}Below each image its actual class and, for each depth, "
        f"{said}{votes}; bold: right."
    )
    lines = 1 + len(evidence.depths)
    cell = PICTURE + lines * LINE + GAP
    height = cell * -(-rows["rank"].nunique() // COLUMNS)
    figure = new_figure(title, subtitle, width=WIDTH, height=height)
    # Everything has its place already.
    figure.set_layout_engine("none")
    for place, (_, example) in enumerate(rows.groupby("rank", sort=True)):
        left, top = 0.12 + CELL * (place % COLUMNS), height - cell * (place // COLUMNS)
        _example(figure, evidence, example, left, top)
    return figure


def _example(
    figure: Figure, evidence: Evidence, example: pd.DataFrame, left: float, top: float
) -> None:
    """Draw one image with its actual class and what each depth said; places are in inches."""
    height = figure.get_figheight()
    picture = evidence.pictures[int(example["index"].iloc[0])]
    axes = figure.add_axes(
        (left / WIDTH, (top - PICTURE) / height, PICTURE / WIDTH, PICTURE / height)
    )
    # Its own pixels, as squares, however large it is drawn.
    axes.imshow(picture, interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color=RULE)
    actual = str(example["actual"].iloc[0])
    lines = [(shortened(f"actual: {actual}", MOST_CHARACTERS), INK, True)]
    for _, row in example.iterrows():
        votes = f" ({row['agreeing']}/{row['seeds']})" if row["seeds"] > 1 else ""
        room = MOST_CHARACTERS - len(f"{row['depth']}: {votes}")
        text = f"{row['depth']}: {shortened(str(row['said']), room)}{votes}"
        lines.append((text, COLOURS[int(row["depth"])], row["said"] == actual))
    for k, (text, colour, bold) in enumerate(lines):
        y = (top - PICTURE - 0.05 - k * LINE) / height
        weight = "bold" if bold else "normal"
        figure.text(left / WIDTH, y, text, color=colour, weight=weight, size=8, va="top")
