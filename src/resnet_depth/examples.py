"""Which test images are shown as examples, chosen by a rule and never by eye.

`all_wrong`: every network of the study is wrong. First come those of which the networks were most
certain: by the mean, over all runs, of the probability that a run gave to its own answer.

`only_deepest`: more than half of the deepest networks' seeds are right, and no run of any
shallower depth. First come those that most seeds of the deepest get right, then by the mean
probability that they gave to the actual class.

Equal ones stand in the order of the test part. A group ends after `MOST_EXAMPLES`.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resnet_depth.errors import UserError
from resnet_depth.predictions import Predictions
from resnet_depth.runs import Run

ALL_WRONG = "all_wrong"
ONLY_DEEPEST = "only_deepest"
MOST_EXAMPLES = 10

EXAMPLE_COLUMNS = [
    *["group", "found", "rank", "index", "actual", "depth", "said", "agreeing", "seeds"],
    "probability",
]


def examples_table(
    predictions: Mapping[Run, Predictions], class_names: Sequence[str]
) -> pd.DataFrame:
    """Return the examples and what each depth said of them.

    Args:
        predictions: Of each run, all of the same images.
        class_names: Names of the classes, in the order of their indices.

    Returns:
        A row for each example and depth. `found`: how many images the group has in all; `rank`:
        the example's place in it, from 1; `index`: that of the image in the test part; `said`:
        the answer of most of the depth's `seeds`, `agreeing` of them (of answers given equally
        often the more probable one); `probability`: what they gave to it, their mean.
    """
    depths = sorted({run.depth for run in predictions})
    rows: list[tuple[object, ...]] = []
    for group, ranked in (
        (ALL_WRONG, _all_wrong(predictions)),
        (ONLY_DEEPEST, _only_deepest(predictions)),
    ):
        for place, index in enumerate(ranked[:MOST_EXAMPLES].tolist()):
            for depth in depths:
                of_depth = [found for run, found in predictions.items() if run.depth == depth]
                said, agreeing, probability = _answer(of_depth, index)
                actual = class_names[of_depth[0].labels[index]]
                rows.append(
                    (
                        *(group, len(ranked), place + 1, index, actual, depth),
                        *(class_names[said], agreeing, len(of_depth), probability),
                    )
                )
    return pd.DataFrame(rows, columns=EXAMPLE_COLUMNS)


def read_pictures(path: Path, indices: Iterable[int]) -> dict[int, NDArray[np.uint8]]:
    """Read single images of a prepared part, leaving the others on disk.

    Args:
        path: The part's images, such as data/prepared/digits/test_images.npy.
        indices: Which to read.

    Returns:
        Each image by its index, uint8 of shape (size, size, 3).

    Raises:
        UserError: If the file is missing or damaged, or has no such image.
    """
    way = f"repeat 'dvc repro prepare@{path.parent.name}'"
    if not path.is_file():
        raise UserError(f"{path}: missing; {way}")
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
        return {index: np.array(images[index], dtype=np.uint8) for index in sorted(set(indices))}
    except (ValueError, EOFError, OSError, IndexError):
        raise UserError(f"{path}: damaged, or of another test; {way}") from None


def _all_wrong(predictions: Mapping[Run, Predictions]) -> NDArray[np.int64]:
    """Return the indices of the images that every run gets wrong, in the rule's order."""
    runs = list(predictions.values())
    wrong = np.flatnonzero(~np.stack([found.right for found in runs]).any(axis=0))
    certainty = np.stack([found.certainty[wrong] for found in runs]).mean(axis=0)
    return wrong[np.lexsort((wrong, -certainty))]


def _only_deepest(predictions: Mapping[Run, Predictions]) -> NDArray[np.int64]:
    """Return the indices of the images that only the deepest gets right, in the rule's order."""
    deepest = max(run.depth for run in predictions)
    deep = [found for run, found in predictions.items() if run.depth == deepest]
    shallow = [found for run, found in predictions.items() if run.depth != deepest]
    if not shallow:
        return np.array([], dtype=np.int64)
    missed = ~np.stack([found.right for found in shallow]).any(axis=0)
    seeds_right = np.stack([found.right for found in deep]).sum(axis=0)
    chosen = np.flatnonzero(missed & (2 * seeds_right > len(deep)))
    actual = np.stack(
        [found.probabilities[chosen, found.labels[chosen]].astype(np.float64) for found in deep]
    ).mean(axis=0)
    return chosen[np.lexsort((chosen, -actual, -seeds_right[chosen]))]


def _answer(of_depth: Sequence[Predictions], index: int) -> tuple[int, int, float]:
    """Return what most seeds of a depth said of an image, how many did, and its probability."""
    mean = np.stack([found.probabilities[index] for found in of_depth]).mean(
        axis=0, dtype=np.float64
    )
    votes = np.bincount([found.predicted[index] for found in of_depth], minlength=len(mean))
    said = max(range(len(mean)), key=lambda k: (votes[k], mean[k], -k))
    return said, int(votes[said]), float(mean[said])
