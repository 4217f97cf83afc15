"""Comparisons of networks' accuracies that respect both of their sources of variation.

A depth's mean accuracy would come out otherwise with other seeds and with other test images. All
runs see the same images, so the images' part is common to the depths and much of it cancels in a
difference. Runs of different depths are taken as independent, so the seeds' parts add; that those
of one seed share the images' order does not show in the published ones (`docs/statistics.md`). For
weights w on the depths,

    Var = Σ w_d² s_d² / n_d + wᵀ M w,

with s_d the standard deviation between the n_d runs' accuracies, and M the covariance of the
depths' mean accuracies over the images. M is estimated without bias: an image's mean over few runs
also varies by the runs themselves, which the first part has already. This is the analysis of a
crossed design of runs and images; see B. Efron, C. Stein, Annals of Statistics 9 (1981),
doi:10.1214/aos/1176345462, for its parts, and `docs/statistics.md` for the coverage in simulations.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from resnet_depth.evidence.statistics import Effect, Part, effect, runs_needed, variance_of_mean

# What is compared: depths of one recipe, or whatever else runs are grouped by.
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Means(Generic[K]):
    """What is known of a quantity's mean at each depth, or of each of other groups of runs.

    `runs` maps each depth to its values, one a run; a depth may have none. For test accuracies,
    `image_covariance`, shape (depths, depths) in the order of `runs`, is M, and `images` the number
    of test images; None is for quantities that no choice of images has a part in.
    """

    runs: Mapping[K, Sequence[float]]
    image_covariance: NDArray[np.float64] | None = None
    images: int = 0

    def contrast(
        self, weights: Mapping[K, float], confidence: float, null: float = 0.0
    ) -> Effect | None:
        """Return the weighted sum of the depths' means with its interval and test.

        Args:
            weights: Of the depths that take part, such as {50: 1, 18: -1} for a difference.
            confidence: Of the interval, in (0, 1).
            null: The sum's value under the hypothesis that is tested.

        Returns:
            The effect; None where a depth that takes part has fewer than two runs, or where the
            runs of each of them are equal, so that nothing is known of the spread between seeds.
        """
        parts = self.parts(weights)
        return effect(self.value(weights), parts, confidence, null) if parts else None

    def value(self, weights: Mapping[K, float]) -> float:
        """Return the weighted sum of the depths' means."""
        return sum(w * math.fsum(self.runs[d]) / len(self.runs[d]) for d, w in weights.items())

    def parts(self, weights: Mapping[K, float]) -> list[Part]:
        """Return the parts of a contrast's variance; none where `contrast` has no interval."""
        seeds = self._seed_parts(weights)
        return [*seeds, self._image_part(weights)] if any(p.variance > 0 for p in seeds) else []

    def runs_needed(
        self, weights: Mapping[K, float], confidence: float, power: float, null: float = 0.0
    ) -> int | None:
        """Return how many runs a depth would likely tell a contrast from a value.

        See `statistics.runs_needed`; None where the spread between seeds isn't known or where
        more of them don't help, since the number of test images limits.
        """
        seeds = self._seed_parts(weights)
        if not seeds:
            return None
        spread = [part.variance * len(self.runs[d]) for d, part in zip(weights, seeds, strict=True)]
        fixed = self._image_part(weights)
        return runs_needed(self.value(weights) - null, spread, fixed, confidence, power)

    def _seed_parts(self, weights: Mapping[K, float]) -> list[Part]:
        """Return each depth's part of a contrast's variance; none if one has too few runs."""
        if any(len(self.runs[depth]) < 2 for depth in weights):
            return []
        parts = {depth: variance_of_mean(self.runs[depth]) for depth in weights}
        return [Part(w**2 * parts[d].variance, parts[d].degrees) for d, w in weights.items()]

    def _image_part(self, weights: Mapping[K, float]) -> Part:
        """Return the part of a contrast's variance that the choice of test images has."""
        if self.image_covariance is None:
            return Part(0.0, 1)
        w = np.array([weights.get(depth, 0.0) for depth in self.runs])
        # Without bias means that it can come out below zero where there is little of it.
        return Part(max(0.0, float(w @ self.image_covariance @ w)), self.images - 1)


def image_covariance(correct: Mapping[K, NDArray[np.bool_]]) -> NDArray[np.float64]:
    """Return M: how the depths' mean accuracies would vary together over other test images.

    Args:
        correct: For each depth whether each run (rows) got each image (columns) right, shape
            (runs, images); the images are the same everywhere, two or more.

    Returns:
        Shape (depths, depths), in fractions squared. On the diagonal the runs' own variation is
        taken off, so that a value may be slightly negative; with one run it can't be, and stays.

    Raises:
        ValueError: If the numbers of images differ or are below two.
    """
    images = {runs.shape[1] for runs in correct.values()}
    if len(images) != 1 or min(images) < 2:
        raise ValueError(f"need the same images, two or more, for every depth; got {images}")
    (n,) = images
    means = np.stack([runs.mean(axis=0) for runs in correct.values()])
    covariance = np.atleast_2d(np.cov(means)) / n
    for place, runs in enumerate(correct.values()):
        if len(runs) > 1:
            own = runs.var(axis=0, ddof=1).mean() / len(runs)
            covariance[place, place] -= own / n
    return np.asarray(covariance, dtype=np.float64)
