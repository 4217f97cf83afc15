"""Figure of what pruning leaves of a network, and what that is worth."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from resnet_depth.evidence.evidence import Evidence
from resnet_depth.evidence.wording import (
    by_network,
    count,
    interval_name,
    network_title,
    percent,
    shortest,
)
from resnet_depth.findings.pruning import LevelFinding, PruningFinding
from resnet_depth.pruning.settings import Choice, Kind
from resnet_depth.report.figures.accuracy import subject
from resnet_depth.report.figures.drawing import (
    COLOURS,
    MUTED,
    Plate,
    accuracy_axis,
    explained,
    interval,
    new_figure,
)

# Marker, line and name of what goes by its size.
SERIES: dict[tuple[Kind, Choice], tuple[str, str, str]] = {
    ("inner", "l2"): ("o", "-", "channels inside blocks"),
    ("groups", "l2"): ("s", "--", "channels along shortcuts too"),
    ("weights", "magnitude"): ("D", ":", "single weights"),
}
CONTROLS: dict[tuple[Kind, Choice], str] = {("inner", "random"): "x", ("groups", "random"): "+"}
# Opacity of accuracy at once, and after recalibration.
AT_ONCE, RECALIBRATED = 0.3, 0.65
# How far right of their places controls are drawn, as a factor.
ASIDE = 1.04


def pruning(evidence: Evidence, found: Sequence[PruningFinding]) -> Plate:
    """Draw validation accuracy by the parameters that are left, a row per depth.

    On the left after tuning, with intervals of the difference to the exact network, whose seeds are
    the same; on the right at once and after recalibration.
    """
    title = "What pruning leaves, and what it is worth"
    subtitle = f"{subject(evidence)}.{explained(_marks(found))} Left: tuned"
    if len(evidence.seeds) > 1:
        name = interval_name(evidence.confidence)
        subtitle += f", with the {name} of the difference to the rightmost, seed by seed"
    subtitle += ". Right: before tuning, as pruned (pale) and with batch norm recalibrated."
    figure = new_figure(title, subtitle, width=7.5, height=0.4 + 2.5 * len(found))
    grid = figure.subplots(len(found), 2, sharex=True, squeeze=False)
    for (tuned, before), one in zip(grid, found, strict=True):
        _tuned(tuned, one)
        _before(before, one)
        for axes in (tuned, before):
            axes.set_title(network_title(one.depth), color=COLOURS[one.depth])
        accuracy_axis(tuned, "Tuned (%)")
        accuracy_axis(before, "Before tuning (%)")
    for axes in grid[-1]:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(lambda value, _: shortest(value / 1e6))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("Parameters that aren't zero (millions)")
    margin = 100 * found[0].margin
    told = {one.depth: _told(one) for one in found}
    caption = (
        "The fewer parameters are left, the further to the left. All were tuned for as long. The "
        f"rightmost lost nothing but dead taps; the grey line lies {margin:g} points below it."
    )
    if any(one.of("weights", "magnitude") for one in found):
        caption += " Setting single weights to zero makes neither the file nor the work smaller."
    return Plate(
        "pruning", title, caption, f"Validation accuracy, tuned: {by_network(told)}.", figure
    )


def _marks(found: Sequence[PruningFinding]) -> list[str]:
    """Return what the marks that are drawn mean."""
    words = {"o": "circles", "s": "squares", "D": "diamonds"}
    marks = [
        f"{words[marker]}: {name}"
        for key, (marker, _, name) in SERIES.items()
        if any(one.of(*key) for one in found)
    ]
    if any(one.of(*key) for key in CONTROLS for one in found):
        marks.append("crosses: as many chosen by chance")
    return marks or ["only dead taps are left out"]


def _drawn(found: PruningFinding) -> dict[tuple[Kind, Choice], tuple[str, str, str]]:
    """Return the series that have levels; the first, for the exact network, if there is none."""
    return {key: look for key, look in SERIES.items() if found.of(*key)} or dict(
        list(SERIES.items())[:1]
    )


def _tuned(axes: Axes, found: PruningFinding) -> None:
    """Draw accuracy after tuning, with the line below which more than the margin is lost."""
    colour, exact = COLOURS[found.depth], found.exact
    assert exact.tuned is not None
    axes.axhline(exact.tuned.mean - found.margin, color=MUTED, lw=1, alpha=0.6)
    for key, (marker, line, _) in _drawn(found).items():
        levels = [level for level in [exact, *found.of(*key)] if level.tuned]
        places = [level.nonzero_parameters for level in levels]
        means = [level.tuned.mean for level in levels if level.tuned]
        axes.plot(places, means, color=colour, ls=line, marker=marker, ms=7, mec="white", lw=1.4)
    for key, marker in CONTROLS.items():
        for level in found.of(*key):
            assert level.tuned is not None
            place = ASIDE * level.nonzero_parameters
            axes.plot(place, level.tuned.mean, marker, color=colour, ms=8, mew=2)
    for level in found.levels:
        difference = level.difference
        if level.tuned is not None and difference is not None and difference.high is not None:
            aside = ASIDE if level.chosen_by == "random" else 1
            place, half = aside * level.nonzero_parameters, difference.high - difference.mean
            interval(axes, place, level.tuned.mean, half, colour)


def _before(axes: Axes, found: PruningFinding) -> None:
    """Draw accuracy at once and after recalibration."""
    colour = COLOURS[found.depth]
    for key, (marker, line, _) in _drawn(found).items():
        levels: list[LevelFinding] = [found.exact, *found.of(*key)]
        places = [level.nonzero_parameters for level in levels]
        at_once = [level.at_once.mean for level in levels]
        recalibrated = [level.recalibrated.mean for level in levels if level.recalibrated]
        for means, alpha in ((at_once, AT_ONCE), (recalibrated, RECALIBRATED)):
            axes.plot(places, means, color=colour, ls=line, marker=marker, ms=5, alpha=alpha)
    for key, marker in CONTROLS.items():
        for level in found.of(*key):
            place = ASIDE * level.nonzero_parameters
            axes.plot(place, level.at_once.mean, marker, color=colour, alpha=AT_ONCE)
            if level.recalibrated is not None:
                axes.plot(place, level.recalibrated.mean, marker, color=colour, alpha=RECALIBRATED)


def _told(found: PruningFinding) -> str:
    """Return the tuned accuracies at the ends of what was tried, in words."""
    tuned = [(level.nonzero_parameters, level.tuned) for level in found.levels if level.tuned]
    ends = [max(tuned, key=lambda each: each[0]), min(tuned, key=lambda each: each[0])]
    texts = [f"{percent(each.mean)} with {count(left)} parameters" for left, each in ends]
    return " and ".join(dict.fromkeys(texts))
