"""What isn't of one piece is named: the key, the file of code, the package."""

import shutil
from copy import copy

import pytest
from given.chain import Chain
from given.stage_files import ENVIRONMENT
from given.tiny_study import edit_yaml

from resnet_depth.commands.reproducing import causes as module
from resnet_depth.commands.reproducing.causes import (
    causes,
    changed_settings,
    otherwise_pinned,
    what_differs,
)
from resnet_depth.commands.reproducing.lock import Entry
from resnet_depth.machine.records import MachineClass

PARAMS = {"study": {"seeds": [0, 1]}, "prepare": {"seed": 0}, "recipes": {"reference": {"lr": 0.1}}}
ENTRIES = {
    "settings": Entry(
        {}, {}, {"study.seeds": [0, 1], "prepare.seed": 0, "recipes.reference.lr": 0.1}
    ),
    "prepare@digits": Entry({}, {}, {"prepare.seed": 0}),
    "train@digits-reference-18-0": Entry({}, {}, {"recipes.reference.lr": 0.1}),
    "train@digits-reference-18-1": Entry({}, {}, {"recipes.reference.lr": 0.1}),
    "summarize@digits": Entry({}, {}, {"study.seeds": [0, 1]}),
}
MACHINE = MachineClass.model_validate(ENVIRONMENT["machine_class"])


def with_value(section, **values):
    return PARAMS | {section: PARAMS[section] | values}


def test_settings_that_every_stage_ran_with_are_no_cause():
    assert changed_settings(ENTRIES, PARAMS) == []


@pytest.mark.parametrize(
    ("params", "line"),
    [
        (
            with_value("prepare", seed=1),
            "params.yaml: prepare.seed is 1; settings and prepare ran with 0",
        ),
        (
            with_value("study", seeds=[0, 2]),
            "params.yaml: study.seeds is [0, 2]; settings and summarize ran with [0, 1]",
        ),
        (
            with_value("recipes", reference={}),
            "params.yaml: recipes.reference.lr is gone; settings and train ran with 0.1",
        ),
        (
            with_value("prepare", duplicates="refuse"),
            "params.yaml: prepare.duplicates is 'refuse'; settings ran without it",
        ),
    ],
)
def test_a_changed_a_lost_and_a_new_setting_are_named_with_the_stages_that_met_it(params, line):
    assert line in changed_settings(ENTRIES, params)


def test_what_a_stage_met_otherwise_is_told_by_key_and_path():
    was = Entry({"src/room": "1.dir", "data/raw": "a"}, {}, {"prepare.seed": 0, "prepare.size": 32})
    now = Entry({"src/room": "2.dir", "data/raw": "b"}, {}, {"prepare.seed": 1, "prepare.size": 32})

    assert what_differs(was, now) == ["prepare.seed 1 in place of 0", "data/raw", "src/room"]
    assert what_differs(was, was) == []


@pytest.fixture
def pinned(tmp_path, monkeypatch):
    """Return a function that says what is otherwise where a version is pinned and one is here."""

    def lines(pins, here="2.4.6"):
        (tmp_path / "requirements.lock").write_text(f"# Exact versions.\n{pins}\n")
        monkeypatch.setattr(module, "_installed", lambda name: here if name == "numpy" else None)
        return otherwise_pinned(tmp_path, [MACHINE])

    return lines


def test_packages_that_made_the_results_and_are_installed_as_pinned_are_no_cause(pinned):
    # A build for CPUs is of the same version; what isn't installed is needed elsewhere.
    linux = "nvidia-cublas==1.0; sys_platform == 'linux'"
    assert pinned(f"numpy==2.4.6\ntorch==2.14.1\n{linux}") == []


def test_a_package_pinned_otherwise_is_named_with_both_versions(pinned):
    assert pinned("numpy==2.4.7") == [
        "requirements.lock: pins numpy 2.4.7; 2.4.6 made the results",
        "requirements.lock: pins numpy 2.4.7; 2.4.6 is installed here",
    ]
    assert pinned("numpy==2.4.7", here="2.4.7") == [
        "requirements.lock: pins numpy 2.4.7; 2.4.6 made the results"
    ]


GRAPH = """\
stages:
  settings:
    cmd: cat o params.yaml > o0
    deps: [o]
    params: [prepare.seed]
    outs: [o0]
  report:
    matrix: {dataset: [digits]}
    cmd: cp o0 o1
    deps: [o0]
    outs: [o1]
"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A chain of two stages, run and committed. Work on a copy of it."""
    chain = Chain(tmp_path_factory.mktemp("causes") / "chain", 0)
    (chain.folder / "params.yaml").write_text("prepare: {seed: 0}\n")
    (chain.folder / "dvc.yaml").write_text(GRAPH)
    chain.run("-m", "dvc", "repro")
    chain.commit()
    return chain


@pytest.fixture
def chain(committed, tmp_path):
    own = copy(committed)
    own.folder = tmp_path / "chain"
    shutil.copytree(committed.folder, own.folder)
    return own


def test_a_study_of_one_piece_has_no_cause(chain):
    assert causes(chain.folder, "digits") == []


def test_what_was_made_anew_with_another_setting_and_not_read_again_is_traced_to_the_setting(chain):
    # DVC's --allow-missing compares neither setting nor content of what isn't there.
    (chain.folder / "params.yaml").write_text("prepare: {seed: 1}\n")
    chain.run("-m", "dvc", "repro", "settings")
    chain.commit()

    assert causes(chain.folder, "digits") == [
        "o0: not as report@digits has read it",
        "settings: wrote that anew, with prepare.seed 1 in place of 0",
    ]


def test_an_output_that_was_changed_by_hand_has_no_setting_to_blame(chain):
    (chain.folder / "o0").unlink()
    (chain.folder / "o0").write_text("changed\n")
    chain.run("-m", "dvc", "commit", "--force", "settings")
    chain.commit()

    assert causes(chain.folder, "digits") == [
        "o0: not as report@digits has read it",
        "settings: wrote that anew, with the same settings, code and inputs",
    ]


def test_a_new_instance_and_another_command_are_named(chain):
    graph = chain.folder / "dvc.yaml"
    new = "  train: {matrix: {dataset: [digits]}, cmd: touch o2, outs: [o2]}\n"
    graph.write_text(GRAPH.replace("cp o0 o1", "cat o0 > o1") + new)

    assert causes(chain.folder, "digits") == [
        "dvc.lock: has no train@digits",
        "dvc.yaml: another command, other inputs or outputs of report@digits",
    ]


def test_without_a_lock_all_is_missing(chain):
    chain.lock.unlink()

    assert causes(chain.folder, "digits") == ["dvc.lock: has no settings, report@digits"]


def test_entries_of_what_left_the_study_count_for_nothing(chain):
    left = {"cmd": "true", "deps": [{"path": "o0", "md5": "0" * 32}], "outs": []}
    edit_yaml(chain.lock, lambda content: content["stages"].update({"train@digits-left": left}))

    assert causes(chain.folder, "digits") == []
