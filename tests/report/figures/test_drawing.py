"""How figures look: colours that stand out, the same in DVC's templates."""

import json
from pathlib import Path

import numpy as np
import pytest

from resnet_depth.evidence.wording import network_title
from resnet_depth.networks.shape import DEPTHS
from resnet_depth.report.figures.drawing import COLOURS, MARKERS, new_figure, number_axis

TEMPLATES = Path(__file__).parents[3] / ".dvc" / "plots"


def test_every_depth_has_a_colour_and_a_marker():
    for table, name in ((COLOURS, "COLOURS"), (MARKERS, "MARKERS")):
        lacking = sorted(set(DEPTHS) - set(table))
        assert lacking == [], f"{name} in report/figures/drawing.py: add these depths"


def test_colours_stand_out_from_white():
    for depth, colour in COLOURS.items():
        # WCAG 2.1: relative luminance, and 3 as the least contrast of a graphic.
        channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3, depth


@pytest.mark.parametrize(
    ("low", "high", "factor", "expected"),
    [
        (0.813, 0.8271, 100, ["81.5", "82", "82.5"]),
        (0, 1, 100, ["0", "20", "40", "60", "80", "100"]),
        (0, 2600, 1, ["0", "500", "1,000", "1,500", "2,000", "2,500"]),
        (0, 7.4, 1, ["0", "2", "4", "6"]),
    ],
)
def test_axes_have_no_idle_decimals_and_thousands_apart(low, high, factor, expected):
    figure = new_figure("Title", "Subtitle.", width=5, height=3)
    axes = figure.subplots()
    number_axis(axes.xaxis, "Quantity", factor)
    axes.set_xlim(low, high)

    labels = [text.get_text() for text in axes.get_xticklabels()]
    shown = [text for text, at in zip(labels, axes.get_xticks(), strict=True) if low <= at <= high]
    assert shown == expected


def colour_scales(node):
    """Every scale of a colour in a template that lists networks."""
    if isinstance(node, dict):
        scale = (
            node.get("color", {}).get("scale", {}) if isinstance(node.get("color"), dict) else {}
        )
        if "ResNet-18" in scale.get("domain", []):
            yield scale
        for value in node.values():
            yield from colour_scales(value)
    elif isinstance(node, list):
        for value in node:
            yield from colour_scales(value)


@pytest.mark.parametrize("name", sorted(path.stem for path in TEMPLATES.glob("*.json")))
def test_dvcs_templates_hold_the_data_anchor_and_the_same_colours(name):
    text = (TEMPLATES / f"{name}.json").read_text(encoding="utf-8")
    template = json.loads(text)

    assert template["data"] == {"values": "<DVC_METRIC_DATA>"}
    expected = {network_title(depth): COLOURS[depth] for depth in DEPTHS}
    found = list(colour_scales(template))
    assert found or name == "depth_confusion"
    for scale in found:
        assert dict(zip(scale["domain"], scale["range"], strict=True)) == expected
