"""A registry: dvc.yaml names networks, tags of git their versions, and DVC brings the files."""

import itertools
import re

from given.tiny_study import ROOT
from ruamel.yaml import YAML

from resnet_depth.base.sections import read_params
from resnet_depth.runs.names import Network


def test_the_registry_has_each_network_that_is_exported_of_digits():
    graph = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    study = read_params(ROOT / "params.yaml")["study"]
    networks = itertools.starmap(Network, itertools.product(study["recipes"], study["depths"]))
    (output,) = graph["stages"]["export"]["outs"]
    assert output == "data/exports/${item.dataset}/${item.recipe}/resnet${item.depth}"

    entries = graph["artifacts"]

    assert {name: entry["path"] for name, entry in entries.items()} == {
        f"digits-{each.name}".replace("/", "-"): f"data/exports/digits/{each.name}"
        for each in networks
    }, "dvc.yaml: artifacts"
    for name, entry in entries.items():
        assert entry["type"] == "model"
        assert set(name.split("-")) < set(entry["labels"])
    page = (ROOT / "docs/remotes.md").read_text(encoding="utf-8")
    assert set(re.findall(r"digits-\w+-resnet\d+", page)) <= set(entries), "docs/remotes.md"


def test_whoever_asks_for_a_stage_gets_the_files_of_the_version_it_was_given(one_depth, tmp_path):
    study = one_depth.copy(tmp_path)
    graph = study.folder / "dvc.yaml"
    graph.write_text(graph.read_text(encoding="utf-8").replace("digits", "tiny"), encoding="utf-8")
    study.dvc("remote", "add", "--default", "--quiet", "store", str(tmp_path / "store"))
    study.commit("A registry")
    study.dvc("push", "export@tiny-reference-18")
    name = "tiny-reference-resnet18"
    study.run("gto", "register", name, "--version", "v1.0.0")
    study.run("gto", "assign", name, "--version", "v1.0.0", "--stage", "prod")
    exported = study.folder / "data/exports/tiny/reference/resnet18"
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    study.git("rm", "--quiet", "dvc.lock")
    study.commit("No such network any more")

    # As an address, so that a clone is asked, which has no files.
    get = ("artifacts", "get", f"file://{study.folder}", name, "--stage", "prod")
    study.dvc(*get, "--out", str(tmp_path / "taken"))

    assert name in study.run("gto", "show")
    assert {path.name: path.read_bytes() for path in (tmp_path / "taken").iterdir()} == files
