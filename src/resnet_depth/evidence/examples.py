"""Which test images are shown as examples, chosen by a rule and never by eye.

`all_wrong`: every network of the study is wrong. Where there is no such image, `most_wrong`: more
than half of them are. First come those that most networks get wrong, then those of which they were
most certain: by the mean, over the runs that are wrong, of the probability of their own answer.

`only_deepest`: more than half of the deepest networks' seeds are right, and no run of any
shallower depth. Where there is no such image, `mainly_deepest`: fewer than half of those runs are.
First come those with the greatest difference of the two shares, then by the mean probability that
the deepest gave to the actual class.

Equal ones stand in the order of the test part. A group ends after `MOST_EXAMPLES`.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.base.errors import UserError
from resnet_depth.data.prepared import load_images
from resnet_depth.evidence.predictions import Predictions
from resnet_depth.runs.names import Run

ALL_WRONG = "all_wrong"
MOST_WRONG = "most_wrong"
ONLY_DEEPEST = "only_deepest"
MAINLY_DEEPEST = "mainly_deepest"
MOST_EXAMPLES = 10

EXAMPLE_COLUMNS = [
    *["recipe", "group", "found", "rank", "index", "actual", "depth", "said", "agreeing", "seeds"],
    "probability",
]


def examples_table(
    predictions: Mapping[Run, Predictions], class_names: Sequence[str]
) -> pd.DataFrame:
    """Return each recipe's examples and what each of its depths said of them.

    A row for each recipe, example and depth. `found`: how many images the group has in all;
    `rank`: the example's place in it, from 1; `index`: that of the image in the test part; `said`:
    the answer of most of the depth's `seeds`, `agreeing` of them (of answers given equally often
    the more probable one); `probability`: what they gave to it, their mean. The predictions are all
    of the same images, and `class_names` in the order of the classes' indices.
    """
    rows: list[tuple[object, ...]] = []
    for recipe in dict.fromkeys(run.recipe for run in predictions):
        own = {run: found for run, found in predictions.items() if run.recipe == recipe}
        rows += [(recipe, *row) for row in _examples(own, class_names)]
    return pd.DataFrame(rows, columns=EXAMPLE_COLUMNS)


def read_pictures(path: Path, indices: Iterable[int]) -> dict[int, NDArray[np.uint8]]:
    """Read single images of a prepared part, leaving the others on disk.

    Each by its index, uint8 of shape (size, size, 3), from a file such as
    data/prepared/digits/test_images.npy.

    Raises:
        UserError: If the file is missing or damaged, or has no such image.
    """
    images, asked = load_images(path, mapped=True), sorted(set(indices))
    if asked and not 0 <= asked[0] <= asked[-1] < len(images):
        raise UserError(
            f"{path}: has {len(images)} images, and none of index {asked[-1]}: it is of another "
            f"test; repeat 'dvc repro prepare@{path.parent.name}'"
        )
    return {index: np.array(images[index]) for index in asked}


def _examples(
    predictions: Mapping[Run, Predictions], class_names: Sequence[str]
) -> list[tuple[object, ...]]:
    """Return one recipe's rows of `examples_table`."""
    depths = sorted({run.depth for run in predictions})
    by_depth = {d: [found for run, found in predictions.items() if run.depth == d] for d in depths}
    rows: list[tuple[object, ...]] = []
    for group, ranked in (_hardest(predictions), _of_deepest(predictions)):
        for rank, index in enumerate(ranked[:MOST_EXAMPLES].tolist(), start=1):
            for depth, seeds in by_depth.items():
                said, agreeing, probability = _answer(seeds, index)
                names = class_names[seeds[0].labels[index]], class_names[said]
                example = group, len(ranked), rank, index, names[0], depth
                rows.append((*example, names[1], agreeing, len(seeds), probability))
    return rows


def _hardest(predictions: Mapping[Run, Predictions]) -> tuple[str, NDArray[np.int64]]:
    """Return the group of images that networks get wrong and their indices in the rule's order."""
    runs = list(predictions.values())
    wrong = ~np.stack([found.right for found in runs])
    times = wrong.sum(axis=0)
    group, chosen = ALL_WRONG, np.flatnonzero(times == len(runs))
    if not len(chosen):
        group, chosen = MOST_WRONG, np.flatnonzero(2 * times > len(runs))
    certainty = np.stack([found.certainty for found in runs])
    mean = (certainty * wrong).sum(axis=0) / np.maximum(1, times)
    return group, chosen[np.lexsort((chosen, -mean[chosen], -times[chosen]))]


def _of_deepest(predictions: Mapping[Run, Predictions]) -> tuple[str, NDArray[np.int64]]:
    """Return the group of images that the deepest gets right, as `_hardest` does."""
    deepest = max(run.depth for run in predictions)
    deep = [found for run, found in predictions.items() if run.depth == deepest]
    shallow = [found for run, found in predictions.items() if run.depth != deepest]
    if not shallow:
        return ONLY_DEEPEST, np.array([], dtype=np.int64)
    share, others = (np.mean([found.right for found in group], axis=0) for group in (deep, shallow))
    group, chosen = ONLY_DEEPEST, np.flatnonzero((share > 0.5) & (others == 0))
    if not len(chosen):
        group, chosen = MAINLY_DEEPEST, np.flatnonzero((share > 0.5) & (others < 0.5))
    to_actual = [found.probabilities[chosen, found.labels[chosen]] for found in deep]
    actual = np.mean(to_actual, axis=0, dtype=np.float64)
    # Rounded, so that equal differences are equal.
    difference = (share - others)[chosen].round(9)
    return group, chosen[np.lexsort((chosen, -actual, -difference))]


def _answer(seeds: Sequence[Predictions], index: int) -> tuple[int, int, float]:
    """Return what most seeds of a depth said of an image, how many did, and its probability."""
    mean = np.stack([found.probabilities[index] for found in seeds]).mean(0, dtype=np.float64)
    votes = np.bincount([found.predicted[index] for found in seeds], minlength=len(mean))
    said = max(range(len(mean)), key=lambda k: (votes[k], mean[k], -k))
    return said, int(votes[said]), float(mean[said])
