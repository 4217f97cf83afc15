"""What the documents say can be typed: cheap commands run, the rest name what is really there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from given.tiny_study import Study
from PIL import Image

from resnet_depth.base.sections import read_params

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# With the pages that say what to type; others tell of settings and runs that aren't committed.
GUIDES = (
    "pipeline",
    "dvc",
    "comparing",
    "reproducibility",
    "datasets",
    "remotes",
    "troubleshooting",
)
ALL = "\n".join(
    [README, *((ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in GUIDES)]
)
BLOCKS = re.findall(r"```console\n(.*?)```", ALL, flags=re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip().removeprefix("$ ") for block in BLOCKS for line in block.splitlines()
]
# Of README, whose reader has a minute.
MOST_WORDS = 900
# Read-only, offline and a matter of seconds; `dvc plots show` writes a page and is tried apart.
CHEAP = [
    "dvc status --with-deps report@digits",
    "dvc metrics show",
    "dvc metrics diff",
    "dvc dag --md --collapse-foreach-matrix",
]


def make_targets():
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def instances():
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "stage", "list", "--all", "--name-only"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_readme_is_read_in_minutes_and_begins_with_the_answer_and_how_to_repeat_it():
    assert len(README.split()) <= MOST_WORDS
    answer, figure, clone = (README.index(each) for each in ("**Take", "![", "git clone"))
    assert answer < figure < clone
    assert README[:clone].count("\n") <= 30


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", *ROOT.glob("docs/*.md"), ROOT / "docs/results/README.md"]:
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert link.startswith("https://") or target.exists(), f"{page.name}: {link}"
            if anchor and target.suffix == ".md":
                assert anchor in headings(target), f"{page.name}: {link}"


def headings(page):
    """Return the names under which headings of a page are linked to."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("command", CHEAP)
def test_a_cheap_command_works_here(command):
    assert command in COMMANDS
    said = Study(ROOT, ROOT).run(sys.executable, "-m", *command.split(), warm=False)

    assert "ERROR" not in said
    assert "WARNING" not in said


def test_every_make_target_named_exists():
    named = set(re.findall(r"(?:^|`|SOURCE=\S+ )make ([a-z-]+)", ALL, flags=re.MULTILINE))

    assert named <= make_targets()
    assert {"run", "test", "study", "tidy", "help", "reproduce"} <= named


def test_make_help_lists_every_target():
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    listed = set(re.findall(r"make ([a-z-]+)", said.stdout))

    assert listed == make_targets()


def test_every_stage_instance_named_exists():
    named = set(re.findall(r"\b[a-z]+@[a-z0-9_-]+", ALL))

    assert {name for name in named if "my_images" not in name} <= instances()
    assert "train@digits-reference-18-0" in named


def test_every_setting_named_exists():
    params = read_params(ROOT / "params.yaml")
    sections = "|".join(params)
    for dotted in re.findall(rf"\b((?:{sections})\.[a-z0-9_.]*[a-z0-9_])", ALL):
        content = params
        for key in dotted.split("."):
            if dotted.endswith((".yaml", ".html", ".json", ".md")):
                break
            assert key in content, dotted
            content = content[key]


def test_every_path_named_exists_or_is_an_output():
    made = (
        *("plots/digits/report.html", "docs/results/", "data/settings.ok"),
        "data/exports/digits/reference/resnet18/",
    )
    for path in re.findall(r"`((?:src|stages|tests|metrics|plots|docs|data|models)/[^`*<]*)`", ALL):
        assert path in made or (ROOT / path).exists(), path
    for image in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / image).is_file(), image


def test_the_list_of_studies_names_every_published_one():
    text = (ROOT / "docs" / "results" / "README.md").read_text(encoding="utf-8")
    studies = {path.parent for path in ROOT.glob("docs/results/**/provenance.json")}

    assert {
        ROOT / "docs/results" / each for each in re.findall(r"\]\(([\w/-]+)/\)", text)
    } == studies


def test_the_annotated_tree_names_every_room_once():
    page = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")
    tree = page.split("```text")[2].split("```")[0]
    library = ROOT / "src" / "resnet_depth"
    rooms = {f"{path.parent.name}/" for path in library.glob("*/__init__.py")}

    assert sorted(re.findall(r"^  ([\w.]+/?)  ", tree, flags=re.MULTILINE)) == sorted(
        rooms | {path.name for path in library.glob("*.py")} - {"__init__.py"}
    )


def test_the_python_example_runs_as_printed_without_this_repository(exported, tmp_path):
    shutil.copytree(exported.root / "data" / "exports", tmp_path / "data" / "exports")
    noise = np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.jpg")
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    compared = """
expected = network(normalized.permute(0, 3, 1, 2)).detach().numpy()
print(np.abs(logits - expected).max() < 1e-4 * np.abs(expected).max())
"""
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    done = subprocess.run(
        [sys.executable, "-c", code + compared],
        cwd=tmp_path,
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )

    said, same, equal = done.stdout.splitlines()
    assert said == same
    assert said in set("0123456789")
    assert equal == "True"


def test_every_dataset_key_named_is_in_the_settings():
    datasets = read_params(ROOT / "params.yaml")["datasets"]

    for key in re.findall(r"DATASET=(\w+)", ALL):
        assert key in datasets or key == "my_images"
    for variable in re.findall(r"([A-Z0-9_]+)_SOURCE", ALL):
        assert variable.lower() in datasets or variable in ("MY_IMAGES", "")


def test_the_default_recipe_is_the_one_described():
    params = read_params(ROOT / "params.yaml")
    recipe = params["recipes"]["reference"]
    epochs = {
        key: round(recipe["epochs"] * entry["epochs_factor"])
        for key, entry in params["datasets"].items()
    }

    assert f"{epochs['cifar10']} epochs on CIFAR-10, {epochs['digits']} on digits" in ALL
    assert "Adam at 1e-3, cross-entropy, batch 64" in ALL
    assert (recipe["lr"], recipe["batch_size"]) == (1e-3, 64)
