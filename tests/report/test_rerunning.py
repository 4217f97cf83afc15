"""How to cite a study and run it again: which commit, whose images."""

import re
from importlib.util import find_spec

from given.study_files import write_study

from resnet_depth.base.files import read_json, write_json
from resnet_depth.report.rerunning import citation, commands, comparison


def test_uncommitted_changes_and_places_of_images_are_told(tmp_path):
    study = write_study(tmp_path, depths=(18,), seeds=(0,))
    write_json(study.card, {**read_json(study.card), "key": "mine", "kind": "image_folder"})
    path = study.latency / "reference/resnet18.json"
    record = read_json(path)
    record["environment"]["commit"] += "+changes"
    write_json(path, record)
    evidence = study.study_evidence()

    assert "at commit 0123456789ab with uncommitted changes, run" in citation(evidence, "What?")
    assert commands(evidence).splitlines()[-2:] == [
        "git checkout 0123456789abcdef0123456789abcdef01234567",
        "MINE_SOURCE=<folder or tar of the images> make study DATASET=mine",
    ]
    assert comparison(evidence.first).endswith("--dataset mine")
    (module,) = re.findall(r"-m (\S+) reproduce ", comparison(evidence.first))
    assert find_spec(f"{module}.__main__")
