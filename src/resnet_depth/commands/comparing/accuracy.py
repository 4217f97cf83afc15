"""How far the accuracies of two studies lie apart, network by network, and whether by chance.

Runs are taken as independent, and all of a network count: Welch's interval over seeds. Where both
studies' predictions are there, their test images are the same, and what makes an image hard for
both cancels (see `evidence.contrasts`); where the images are others, those of each add their part;
else the interval is of these very images. p values are corrected (Holm) for a recipe's depths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resnet_depth.commands.publishing.studies import DIVISION
from resnet_depth.commands.publishing.study import Study
from resnet_depth.evidence.contrasts import Means, image_covariance
from resnet_depth.evidence.hypotheses import mcnemar
from resnet_depth.evidence.statistics import Estimate, estimate_mean
from resnet_depth.findings.differences import TestedDifference, differences

_TEST_DIVISION = ("seed", "test_fraction")
# A study's runs of a depth: the letter of its side, and the depth.
Group = tuple[str, int]
# What two networks that are the same network have in common, to the last digit.
_OF_A_NETWORK = ["seed", "initial_loss", "test_loss", "test_accuracy"]


@dataclass(frozen=True)
class Row:
    """A network's accuracies in two studies, and the second's minus the first's.

    `same` tells that they are the same networks, seed by seed.
    """

    depth: int
    first: Estimate
    second: Estimate
    difference: TestedDifference
    same: bool

    @property
    def verdict(self) -> str:
        """What can be said of the difference, in a few words."""
        if self.same:
            return "the same networks"
        if self.difference.low is None:
            return (
                "one seed tells no spread" if min(self.first.n, self.second.n) < 2 else "no spread"
            )
        if not self.difference.beyond_chance:
            return "not told from chance"
        return "B is more accurate" if self.difference.difference > 0 else "B is less accurate"


@dataclass(frozen=True)
class Pairing:
    """Two networks of one seed on the same test images: which of them only one got right.

    `p_value` is that of McNemar's exact test; it is of these two networks alone.
    """

    depth: int
    seed: int
    only_first: int
    only_second: int
    p_value: float


def common_depths(first: Study, second: Study) -> list[int]:
    """Return the depths that both studies have, ascending."""
    return [depth for depth in first.depths if depth in second.depths]


def same_images(first: Study, second: Study, divided_by: Sequence[str] = _TEST_DIVISION) -> bool:
    """Return whether two studies tested on the same images, whatever their size was then.

    `divided_by` are the keys of section `prepare` that decide it.
    """
    was, now = (
        [study.dataset["digest"], *(study.params["prepare"][key] for key in divided_by)]
        for study in (first, second)
    )
    return was[0] is not None and was == now


def images_told(first: Study, second: Study) -> str:
    """Return in words over what intervals of test accuracy are."""
    if not same_images(first, second):
        return "over seeds and over the test images, which are others in A and B"
    if _right(first, second):
        return "over seeds and test images, which are the same"
    return "over seeds, of these very test images: predictions of both aren't at hand"


def test_accuracies(first: Study, second: Study) -> list[Row]:
    """Return each common depth's test accuracies by one recipe each."""
    runs = _runs(
        first, second, {d: s.accuracies for d, s in zip("AB", (first, second), strict=True)}
    )
    return _rows(first, second, Means(runs, *_over_images(first, second)))


def validation_accuracies(first: Study, second: Study) -> list[Row]:
    """Return each common depth's accuracies on the validation images, after the last epoch.

    Nothing where there are none, or where they are others.
    """
    studies = (first, second)
    if not same_images(*studies, DIVISION) or any(
        study.curves["validation_accuracy"].isna().any() for study in studies
    ):
        return []
    last = {
        letter: {
            depth: study.curve(depth, study.curve(depth)["epoch"].max())[
                "validation_accuracy"
            ].tolist()
            for depth in study.depths
        }
        for letter, study in zip("AB", studies, strict=True)
    }
    return _rows(first, second, Means(_runs(first, second, last)))


def pairings(first: Study, second: Study, depth: int) -> list[Pairing]:
    """Return each common seed's two networks of a depth; nothing without their predictions."""
    right = _right(first, second) if same_images(first, second) else None
    if right is None:
        return []
    found = []
    for seed in first.seeds:
        if seed in second.seeds:
            one = right["A", depth][first.seeds.index(seed)]
            other = right["B", depth][second.seeds.index(seed)]
            counts = int((one & ~other).sum()), int((other & ~one).sum())
            found.append(Pairing(depth, seed, *counts, mcnemar(*counts)))
    return found


def _runs(
    first: Study, second: Study, values: Mapping[str, Mapping[int, list[float]]]
) -> dict[Group, list[float]]:
    depths = common_depths(first, second)
    return {(letter, depth): values[letter][depth] for depth in depths for letter in "AB"}


def _rows(first: Study, second: Study, means: Means[Group]) -> list[Row]:
    confidence, depths = second.confidence, common_depths(first, second)
    weights: dict[tuple[int, ...], dict[Group, float]] = {
        (depth,): {("B", depth): 1.0, ("A", depth): -1.0} for depth in depths
    }
    return [
        Row(
            depth,
            estimate_mean(means.runs["A", depth], confidence),
            estimate_mean(means.runs["B", depth], confidence),
            difference,
            _are_the_same(first, second, depth),
        )
        for depth, difference in zip(depths, differences(means, weights, confidence), strict=True)
    ]


def _are_the_same(first: Study, second: Study, depth: int) -> bool:
    was, now = (
        study.accuracy[study.accuracy["depth"] == depth][_OF_A_NETWORK].values.tolist()
        for study in (first, second)
    )
    return bool(was == now)


def _right(first: Study, second: Study) -> dict[Group, np.ndarray] | None:
    """Return which images each run got right; None if a depth's predictions aren't there."""
    found = {}
    for depth in common_depths(first, second):
        for letter, study in (("A", first), ("B", second)):
            right = study.right(depth)
            if right is None:
                return None
            found[letter, depth] = right
    return found


def _over_images(first: Study, second: Study) -> tuple[np.ndarray | None, int]:
    """Return how the groups' mean accuracies vary together over images, and how many these are."""
    means = [first.accuracy_means, second.accuracy_means]
    images = min(each.images for each in means)
    if same_images(first, second):
        right = _right(first, second)
        return (None, images) if right is None else (image_covariance(right), images)
    groups = [(letter, depth) for depth in common_depths(first, second) for letter in (0, 1)]
    covariance = np.zeros((len(groups), len(groups)))
    for row, (letter, depth) in enumerate(groups):
        for column, (other, another) in enumerate(groups):
            own = means[letter]
            if letter == other and own.image_covariance is not None:
                places = list(own.runs)
                covariance[row, column] = own.image_covariance[
                    places.index(depth), places.index(another)
                ]
    return covariance, images
