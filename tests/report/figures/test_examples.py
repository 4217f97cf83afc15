"""Test images that are shown as examples."""

import base64
import re
from io import BytesIO

import numpy as np
from given.study_files import write_study
from matplotlib import rc_context
from PIL import Image

from resnet_depth.report.figures.draw import save
from resnet_depth.report.figures.drawing import STYLE
from resnet_depth.report.figures.examples import hardest, of_deepest


def test_examples_keep_the_pixels_of_their_images(tmp_path):
    evidence = write_study(tmp_path).evidence()
    with rc_context(STYLE):
        svg = save(hardest(evidence).figure, tmp_path / "hardest", 50)

    embedded = [
        np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGB"))
        for data in re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    ]
    rows = evidence.examples[evidence.examples["group"] == "all_wrong"]
    indices = rows.drop_duplicates("rank")["index"].tolist()
    assert len(embedded) == len(indices) >= 1
    for found, index in zip(embedded, indices, strict=True):
        # Upside down: the SVG turns it.
        assert (found[::-1] == evidence.pictures[index]).all() or (
            found == evidence.pictures[index]
        ).all()
    assert "image-rendering:pixelated" in svg


def test_where_there_is_no_example_the_figure_says_so(tmp_path):
    right = {(d, s): 1.0 for d in (18, 34) for s in (0, 1)}
    evidence = write_study(tmp_path, depths=(18, 34), seeds=(0, 1), accuracy=right).evidence()
    with rc_context(STYLE):
        none_hard, none_deep = hardest(evidence), of_deepest(evidence)

    assert none_hard.alt == "No test image was misclassified by all 4 networks."
    assert none_deep.alt == (
        "No test image was classified correctly by most seeds of ResNet-34 but by no shallower "
        "network."
    )
