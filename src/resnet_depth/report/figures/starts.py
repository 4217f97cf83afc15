"""Figure of what trained weights buy as a start, by how many images there are to train on."""

from collections.abc import Sequence
from itertools import chain

from matplotlib.artist import Artist
from matplotlib.transforms import ScaledTranslation

from resnet_depth.evidence.evidence import StudyEvidence
from resnet_depth.evidence.statistics import Estimate
from resnet_depth.evidence.wording import listed, network_title, percent
from resnet_depth.findings.start_gains import StartGain
from resnet_depth.report.figures.drawing import (
    COLOURS,
    INK,
    MARKERS,
    Plate,
    accuracy_axis,
    interval,
    new_figure,
    spread_of_points,
)
from resnet_depth.report.figures.line_names import (
    LINES,
    height_of_names,
    name_lines,
    name_marks,
)
from resnet_depth.report.figures.recipes import of_means
from resnet_depth.training.settings import FROM_SCRATCH

# Colour is the depth's.
WEIGHTS, FROZEN, SCRATCH = "from weights", "from weights, partly frozen", "from scratch"
WAYS = dict(zip((WEIGHTS, SCRATCH, FROZEN), LINES, strict=False))


def accuracy_by_start(study: StudyEvidence, gains: Sequence[StartGain]) -> Plate:
    """Draw mean test accuracy over the number of training images, from scratch and from weights.

    Of weights and ways to freeze them each has a line of its own.
    """
    evidence = study.first
    title = "Test accuracy from scratch and from trained weights"
    lines = {depth: _lines(study, gains, depth) for depth in evidence.depths}
    ways = [way for way in WAYS if way in {found for found, _ in lines[evidence.depths[0]]}]
    width = 6.0
    height = 3.2 + height_of_names(ways, width)
    figure = new_figure(title, of_means(evidence), width=width, height=height)
    axes = figure.subplots()
    drawn, total = 0, sum(map(len, lines.values()))
    for depth, found in lines.items():
        for way, points in found:
            colour, style = COLOURS[depth], WAYS[way]
            # Beside each other on the page, so that intervals at the same number can be told apart.
            aside = ScaledTranslation(spread_of_points(drawn, total), 0, figure.dpi_scale_trans)
            drawn += 1
            images, means = [count for count, _ in points], [each.mean for _, each in points]
            look = {"color": colour, "ls": style, "mfc": "white" if way == SCRATCH else colour}
            parts = list[Artist](axes.plot(images, means, MARKERS[depth], **look))
            for count, each in points:
                if each.half_width is not None:
                    bar = interval(axes, count, each.mean, each.half_width, colour)
                    parts += bar.get_children()
            for part in parts:
                part.set_transform(axes.transData + aside)
    axes.set_xscale("log")
    counts = sorted({gain.images for gain in gains})
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.set_xlabel("Training images")
    accuracy_axis(axes, "Test accuracy (%)")
    name_marks(axes, [(network_title(d), MARKERS[d], COLOURS[d]) for d in evidence.depths])
    name_lines(axes, ways, [WAYS[way] for way in ways], INK)
    caption = "Filled: started from trained weights. Hollow: the same training from scratch. "
    caption += f"The weights: {listed(sorted({gain.title for gain in gains}))}."
    if any(each.beyond_fractions for _, points in chain(*lines.values()) for _, each in points):
        caption += " Intervals end at 0 and 100%."
    told = [
        f"{gain.images:,} images: {network_title(depth)} "
        f"{percent(study.by_recipe[gain.recipe].estimates[depth].mean)} from weights, "
        f"{percent(study.by_recipe[gain.scratch].estimates[depth].mean)} from scratch"
        for gain in gains
        for depth in evidence.depths
    ]
    return Plate("accuracy_by_start", title, caption, f"{'. '.join(told)}.", figure)


def _lines(
    study: StudyEvidence, gains: Sequence[StartGain], depth: int
) -> list[tuple[str, list[tuple[int, Estimate]]]]:
    """Return a depth's lines: in what way they start, and estimates by images."""
    groups: dict[tuple[str, str], list[tuple[int, Estimate]]] = {}
    for gain in gains:
        for recipe in (gain.scratch, gain.recipe):
            settings = study.by_recipe[recipe].settings
            point = gain.images, study.by_recipe[recipe].estimates[depth]
            line = groups.setdefault((settings.weights, settings.freeze), [])
            if point not in line:
                line.append(point)
    return [(_way(*key), line) for key, line in groups.items()]


def _way(weights: str, freeze: str) -> str:
    """Return in what way a recipe with these settings starts."""
    if weights == FROM_SCRATCH:
        return SCRATCH
    return WEIGHTS if freeze == "none" else FROZEN
