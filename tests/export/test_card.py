"""The card of an exported network: a head by the hub's rules, and code that runs as printed."""

import re

import numpy as np
import pytest
import torch
from given.exported_network import make_exported
from PIL import Image
from ruamel.yaml import YAML

from resnet_depth.base.files import read_json
from resnet_depth.export.card import wilson_interval


@pytest.fixture(scope="module")
def card(exported):
    return (exported.folder / "README.md").read_text(encoding="utf-8")


def head(card):
    return YAML(typ="safe", pure=True).load(card.split("---\n")[1])


def code(card):
    return re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)


def test_the_interval_matches_a_case_worked_by_hand():
    # z = 1.96, n = 100, p = 0.9: middle (0.9 + 0.0192) / 1.0384 = 0.8852,
    # half width 1.96 · sqrt(0.0009 + 0.000096) / 1.0384 = 0.0596.
    assert wilson_interval(0.9, 100, 0.95) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    assert wilson_interval(1.0, 20, 0.95)[1] == pytest.approx(1, abs=1e-12)
    assert wilson_interval(0.0, 20, 0.95)[0] == pytest.approx(0, abs=1e-12)


def test_the_head_says_license_data_and_accuracy(card, exported):
    record, found = read_json(exported.folder / "export.json"), head(card)

    assert card.startswith("---\n")
    assert (found["license"], found["pipeline_tag"]) == ("mit", "image-classification")
    assert found["datasets"] == ["digits"]
    (result,) = found["model-index"][0]["results"]
    assert result["dataset"] == {
        "type": "digits",
        "name": "Constructed digits",
        "split": "validation",
    }
    exact, rough = result["metrics"]
    assert (exact["type"], exact["value"]) == ("accuracy", record["validation_accuracy"])
    low, high = wilson_interval(record["validation_accuracy"], 20, 0.95)
    assert f"95 % interval {low:.4f} to {high:.4f}" in exact["name"]
    assert rough["value"] == record["int8_validation_accuracy"]


def test_it_tells_recipe_limits_and_source(card):
    for words in ("optimizer: adam", "lr: 0.001", "## Limits", "Nobody: A constructed dataset"):
        assert words in card
    assert "{" not in card.split("---\n", 2)[2].replace('{"pixels"', "")


def test_its_code_runs_as_printed_and_both_networks_agree(card, exported, monkeypatch):
    monkeypatch.chdir(exported.folder)
    noise = np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save("photo.jpg")
    in_onnx, in_torchvision = code(card)
    names = {}

    try:
        exec(in_onnx, names)
        exec(in_torchvision, names)
    finally:
        (exported.folder / "photo.jpg").unlink()

    record = read_json(exported.folder / "export.json")
    mean, std = (np.float32(record[f"channel_{name}"]) for name in ("mean", "std"))
    images = torch.from_numpy((names["pixels"] / np.float32(255) - mean) / std)
    with torch.inference_mode():
        expected = names["network"](images.permute(2, 0, 1)[None].float()).numpy()
    assert np.abs(names["logits"] - expected).max() < 1e-3 * np.abs(expected).max()


def test_another_stem_and_no_validation_part_are_told(tmp_path, monkeypatch):
    exported = make_exported(tmp_path, validation=False, stem="half")
    card = (exported.folder / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(exported.folder)

    exec(code(card)[1], {})

    assert "model-index" not in head(card)
    assert "There was no validation part" in card
