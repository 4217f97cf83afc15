"""Figures of single test images: those no network classifies correctly, or only the deepest."""

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
    """Draw test images that every network misclassifies; where there are none, that most do."""
    networks = len(evidence.depths) * len(evidence.seeds)
    by_all = f"misclassified by all {networks} networks" if networks > 1 else "misclassified"
    groups = {
        ALL_WRONG: (
            "Misclassified by every network" if networks > 1 else "Misclassified",
            by_all,
            "the most confident wrong answers first",
        ),
        MOST_WRONG: (
            "Misclassified by most networks",
            f"misclassified by more than half of the {networks} networks",
            "first those that most networks misclassify, then the most confident wrong answers",
        ),
    }
    return _plate(evidence, "examples_hardest", groups, f"No test image was {by_all}.")


def of_deepest(evidence: Evidence) -> Plate:
    """Draw test images that the deepest classifies correctly and no shallower network, or few."""
    deepest = network_title(evidence.depths[-1])
    most, once = deepest, "the shallower networks"
    if len(evidence.seeds) > 1:
        most, once = f"most seeds of {deepest}", "the shallower networks' seeds"
    order = f"first those where {deepest} is furthest ahead, then its most confident answers"
    only = f"classified correctly by {most} but by no shallower network"
    groups = {
        ONLY_DEEPEST: (f"Only {deepest} is right", only, order),
        MAINLY_DEEPEST: (
            f"Mainly {deepest} is right",
            f"classified correctly by {most} and by fewer than half of {once}",
            order,
        ),
    }
    none = f"No test image was {only}."
    if len(evidence.depths) == 1:
        none = f"{deepest} is the only depth: there is no shallower network to compare it with."
    return _plate(evidence, "examples_deepest", groups, none)


def _plate(
    evidence: Evidence, name: str, groups: dict[str, tuple[str, str, str]], none: str
) -> Plate:
    """Return a figure of a group's examples, of the second group where the first is empty.

    `groups` holds each one's title, what became of its images, and in which order they are;
    `none` says that the first has none.
    """
    rows = evidence.examples[evidence.examples["group"].isin(groups)]
    if rows.empty:
        title, *_ = next(iter(groups.values()))
        figure = new_figure(title, f"{evidence.title}.", width=WIDTH, height=0.6)
        figure.set_layout_engine("none")
        figure.text(0.5, 0.3 / figure.get_figheight(), none, ha="center", va="center", size=9.5)
        return Plate(name, title, "There is nothing to show here.", none, figure)
    group, found, shown = str(rows["group"].iloc[0]), rows["found"].iloc[0], rows["rank"].nunique()
    title, what, order = groups[group]
    before = "" if group == next(iter(groups)) else f"{none} "
    images = f"{found:,} of {evidence.card.counts['test']:,} test images"
    told = f"{before}{images} {'was' if found == 1 else 'were'} {what}."
    deepest = evidence.depths[-1]
    answers = [
        f"{row['actual']} ({network_title(deepest)}: {row['said']})"
        for _, row in rows[rows["depth"] == deepest].sort_values("rank").iterrows()
    ]
    alt = f"{told} Shown, with their actual class: {listed(answers)}."
    which = f" Shown are {'the first ' if shown < found else ''}{shown}: {order}."
    caption = told + (which if shown > 1 else "")
    return Plate(name, title, caption, alt, _grid(evidence, rows, title, before))


def _grid(evidence: Evidence, rows: pd.DataFrame, title: str, before: str) -> Figure:
    """Return the figure of some examples, side by side; `before` begins its subtitle."""
    answer = "the answer"
    if len(evidence.seeds) > 1:
        answer = "the most frequent answer of its seeds and how many gave it"
    subtitle = (
        f"{evidence.title}. {before}Below each image: its actual class and, for each depth, "
        f"{answer}{'; bold: right' if (rows['said'] == rows['actual']).any() else ''}."
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
