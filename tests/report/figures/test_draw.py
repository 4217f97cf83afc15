"""All figures of a report: the same for the same data, readable, whole for every kind of study."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from given.study_files import write_study
from PIL import Image

from resnet_depth.base.files import read_json, write_json
from resnet_depth.evidence.costs import costs_of
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.report.figures.draw import draw_figures, write_figures
from resnet_depth.report.figures.drawing import COLOURS, MARKERS, ON_CELL, Plate
from resnet_depth.report.inline_svg import DARK

SVG = "{http://www.w3.org/2000/svg}"
ODD_NAMES = ("a<b & c", "$x$", "100%", "été", '"q"', "_", "{}", "\\n", "'", ">")
# As few depths and seeds as what a kind is about needs: drawing lasts.
KINDS = {
    "usual": {},
    "one seed": {"depths": (18, 34), "seeds": (4,)},
    "one depth": {"depths": (50,), "lossy": True},
    "one epoch": {"depths": (34, 101), "epochs": 1},
    "all depths": {"depths": (18, 34, 50, 101, 152), "seeds": (0, 1)},
    "no validation part": {"depths": (18, 34), "validation": False},
    "shared machine": {
        "depths": (18, 34),
        "shared": [(d, s) for d in (18, 34) for s in (0, 1, 2)],
    },
    "one class": {"depths": (18,), "classes": ("only",)},
    "many classes": {"depths": (18,), "classes": tuple(f"a long name {k}" for k in range(120))},
    "odd names": {"depths": (18,), "classes": ODD_NAMES},
}


def drawn(tmp_path, **settings):
    evidence = write_study(tmp_path, **settings).evidence()
    return draw_figures(evidence, costs_of(evidence))


def named(plates):
    return {plate.name: plate for plate in plates}


def texts(svg):
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


@dataclass(frozen=True)
class Drawn:
    """A study's figures, their SVG texts, and the folder in which they lie."""

    plates: list[Plate]
    vectors: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Return a function that gives the figures of a kind of study, drawn once."""

    @cache
    def figures_of(kind):
        folder = tmp_path_factory.mktemp("kind")
        evidence = write_study(folder / "study", **KINDS[kind]).evidence()
        plates = draw_figures(evidence, costs_of(evidence))
        vectors = write_figures(folder / "figures", named(plates), dpi=50)
        return Drawn(plates, vectors, folder / "figures")

    return figures_of


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_study_gives_whole_figures(figures, kind):
    found = figures(kind)

    names = [plate.name for plate in found.plates]
    assert names[:3] == ["accuracy_by_depth", "training_time", "pareto"]
    assert names[3:8] == ["inference", "sizes", "learning_curves", "class_accuracy", "reliability"]
    assert names[-2:] == ["examples_hardest", "examples_deepest"]
    assert len(set(names)) == len(names)
    for plate in found.plates:
        assert plate.title in texts(found.vectors[plate.name])
        assert plate.caption.endswith(".")
        assert plate.alt.endswith(".")
        assert plate.figure.get_figwidth() <= 7.5
        with Image.open(found.folder / f"{plate.name}.png") as image:
            pixels = np.asarray(image.convert("L"))
        assert np.mean(pixels < 250) > 0.01, "nothing is drawn"
        # The outermost pixels stay white: nothing is cut off at the border.
        border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert border.min() > 250, plate.name


def test_the_same_data_give_the_same_bytes(figures, tmp_path):
    first = figures("shared machine").folder
    plates = drawn(tmp_path / "study", **KINDS["shared machine"])
    write_figures(tmp_path / "again", named(plates), dpi=50)

    files = sorted(path.name for path in first.iterdir())
    assert len(files) == 2 * 12
    for file in files:
        assert (first / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file


def test_other_files_of_the_folder_are_gone(figures, tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "confusion_resnet152.svg").touch()

    write_figures(tmp_path / "figures", named(figures("one depth").plates[:1]), dpi=50)

    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        *("accuracy_by_depth.svg", "accuracy_by_depth.png")
    }


def test_drawing_leaves_matplotlib_as_it_was(tmp_path):
    before = dict(mpl.rcParams)

    write_figures(tmp_path / "figures", named(drawn(tmp_path / "study", depths=(18,))[:1]), dpi=50)

    assert dict(mpl.rcParams) == before


def test_every_figure_says_which_dataset_and_that_it_is_lossy(figures):
    for name, svg in figures("one depth").vectors.items():
        assert any("Constructed digits (lossy)" in text for text in texts(svg)), name


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_have_their_thousands_apart_and_means_without_spread_stand_alone(figures, kind):
    found = figures(kind)

    for plate in found.plates:
        for text in [*texts(found.vectors[plate.name]), plate.caption, plate.alt]:
            assert not re.search(r"\d{4,}", re.sub(r"et al\. \d{4}", "", text)), text
            assert "± –" not in text
            # Of an axis: no decimals that all its ticks have and none needs.
            assert not re.fullmatch(r"[\d,]+\.\d*0", text), text


@pytest.mark.parametrize("kind", KINDS)
def test_every_colour_has_one_for_the_dark_page(figures, kind):
    vectors = figures(kind).vectors

    for name, svg in vectors.items():
        styles = " ".join(re.findall(r'style="([^"]*)"', svg))
        used = set(re.findall(r"#[0-9a-f]{6}\b", styles))
        # Numbers on full cells stay as they are, as the cells do.
        assert used - {ON_CELL} <= set(DARK), name


def test_words_on_marks_are_of_marks_that_are_drawn(figures):
    def header(kind, name):
        plate = named(figures(kind).plates)[name]
        return " ".join(text.get_text() for text in plate.figure.texts)

    assert "bars: means; lines: 95% interval" in header("usual", "training_time")
    assert "hollow" not in header("usual", "training_time")
    assert "bars" not in header("shared machine", "training_time")
    assert "hollow: timed while others" in header("shared machine", "training_time")
    assert "lines" not in header("one seed", "training_time")
    assert "from the lowest to the highest" not in header("one seed", "reliability")
    assert "framed" not in header("one class", "confusion_resnet18").lower()


def test_where_all_is_alive_no_figure_tells_of_padding(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    path = study.models / "reference/resnet18-seed0/train.json"
    record = read_json(path)
    all_alive = {"live_parameters": record["parameters"], "live_macs": record["macs"]}
    captions = []
    for changes in ({}, all_alive):
        write_json(path, record | changes)
        evidence = study.evidence()
        captions.append(named(draw_figures(evidence, costs_of(evidence)))["sizes"].caption)

    assert "padding" in captions[0]
    assert "padding" not in captions[1]


def test_class_names_are_drawn_as_they_are_written(figures):
    assert set(ODD_NAMES) <= set(texts(figures("odd names").vectors["confusion_resnet18"]))


def test_a_depth_has_its_own_colour_and_marker_the_same_in_every_figure(figures):
    assert set(COLOURS) == set(MARKERS) == set(DEPTHS)
    assert len(set(COLOURS.values())) == len(set(MARKERS.values())) == len(DEPTHS)
    vectors = figures("one epoch").vectors

    for name in vectors.keys() - {"confusion_resnet34", "confusion_resnet101"}:
        used = {depth for depth, colour in COLOURS.items() if colour in vectors[name]}
        assert used == {34, 101}, name
