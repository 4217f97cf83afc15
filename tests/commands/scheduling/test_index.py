"""The plan, by what DVC says itself of the same state; in the tiny study and in a toy one."""

import json

import pytest
from given.git import git
from given.toy_study import Toy

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.index import load_plan

# DVC's own, as it looks for outputs that overlap.
pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore:_NoneStep.value:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A toy study that was run and committed. Work on a copy of it."""
    toy = Toy(tmp_path_factory.mktemp("ran") / "toy").make()
    toy.dvc("repro", "report@toy")
    toy.commit("Run")
    return toy


@pytest.fixture
def toy(ran, tmp_path):
    return ran.copy(tmp_path / "toy")


def plan(study, here=True):
    return load_plan(study.folder, "report@toy", here=here)


def by_dvc(study, target="report@toy"):
    """What DVC says isn't up to date, whatever may come of what is above it."""
    return sorted(json.loads(study.dvc("status", "--with-deps", "--json", target)))


def test_of_a_study_that_was_run_nothing_is_planned(toy):
    assert plan(toy).possible() == plan(toy, here=False).possible() == by_dvc(toy) == []


def test_without_a_lock_everything_is_planned_and_what_is_timed_is_alone(toy):
    (toy.folder / "dvc.lock").unlink()

    instances = plan(toy).instances

    assert sorted(plan(toy).certain()) == sorted(instances) == by_dvc(toy)
    assert len(instances) == 14
    assert {name for name, each in instances.items() if each.alone} == {
        *("latency@toy-plain-18", "latency@toy-plain-34"),
    }
    order = list(instances)
    for name, instance in instances.items():
        assert all(order.index(each) < order.index(name) for each in instance.upstream)


def edit_code(toy, stage):
    path = toy.folder / "code" / f"{stage}.sh"
    path.write_text(path.read_text() + "# Edited.\n")


EDITS = {
    "code": lambda toy: edit_code(toy, "evaluate"),
    "settings": lambda toy: toy.edit_params(lambda all_: all_["prepare"].update(seed=1)),
    "a recipe": lambda toy: toy.edit_params(lambda all_: all_["recipes"]["plain"].update(lr=2)),
    "a seed more": lambda toy: toy.edit_params(lambda all_: all_["study"]["seeds"].append(2)),
}


@pytest.mark.parametrize("edited", EDITS)
def test_after_an_edit_the_plan_begins_with_what_dvc_says_and_ends_with_what_it_runs(toy, edited):
    EDITS[edited](toy)
    planned, by_entries = plan(toy), plan(toy, here=False)

    assert sorted(planned.certain()) == by_dvc(toy)
    assert planned.possible() == by_entries.possible()
    toy.forget_runs()
    toy.dvc("repro", "report@toy")
    # Settings are read whole and give the same again: below them nothing runs for that.
    assert set(toy.ended()) <= set(planned.possible())
    assert set(planned.certain()) <= set(toy.ended())


def test_in_a_clone_all_is_missing_here_and_nothing_by_the_entries(ran, tmp_path):
    clone = Toy(tmp_path / "clone")
    git(ran.folder, "clone", "--quiet", ".", str(clone.folder))

    assert sorted(plan(clone).certain()) == by_dvc(clone)
    # What lies in folders, nobody knows there: no list in git tells of it.
    assert plan(clone, here=False).possible() == ["summarize@toy", "report@toy"]


def test_an_output_that_was_removed_is_planned_here_only(toy):
    (toy.folder / "data" / "evaluations" / "toy" / "plain" / "resnet18-seed0.txt").unlink()

    assert plan(toy).certain() == ["evaluate@toy-plain-18-0"]
    assert plan(toy, here=False).certain() == []


@pytest.fixture(scope="module")
def tiny(finished, tmp_path_factory):
    """A copy of a real study that has been run; each test edits it and takes that back."""
    return finished.copy(tmp_path_factory.mktemp("tiny"))


def edit_room(study):
    path = study.folder / "src" / "resnet_depth" / "evaluation" / "metrics.py"
    path.write_text(f"{path.read_text()}# Edited.\n")


TINY_EDITS = {
    "nothing": lambda _: None,
    "a room": edit_room,
    "a recipe": lambda study: study.edit_params(
        lambda params: params["recipes"]["reference"].update(label_smoothing=0.1)
    ),
    # What `dvc repro --allow-missing` doesn't see in a clone.
    "the division": lambda study: study.edit_params(
        lambda params: params["prepare"].update(seed=1)
    ),
}


@pytest.mark.parametrize("edited", TINY_EDITS)
def test_of_a_real_study_the_plan_is_what_dvc_would_run(tiny, edited):
    TINY_EDITS[edited](tiny)

    here, by_entries = (load_plan(tiny.folder, "report@tiny", here=here) for here in (True, False))
    said = tiny.dvc("repro", "--dry", "report@tiny")
    tiny.git("checkout", "--quiet", "src", "params.yaml")

    assert set(here.certain()) == tiny.stages_run(said)
    assert by_entries.possible() == here.possible()
    if edited == "the division":
        assert {"settings", "prepare@tiny", "train@tiny-reference-18-0", "report@tiny"} <= {
            *here.possible()
        }


def test_in_a_clone_of_a_real_study_nothing_is_out_of_date_by_its_entries(tiny, tmp_path):
    clone = tmp_path / "clone"
    tiny.git("clone", "--quiet", str(tiny.folder), str(clone))

    plan = load_plan(clone, "report@tiny", here=False)
    missing = load_plan(clone, "report@tiny", here=True)

    # What lies in folders is told by lists that git has.
    assert plan.possible() == []
    assert missing.possible() == list(missing.instances)
    # What git has itself needn't be made again, unless what it was made of comes out otherwise.
    assert set(missing.instances) - set(missing.certain()) == {"summarize@tiny"}


def test_an_instance_that_is_not_there_is_refused_in_one_line(toy):
    with pytest.raises(UserError, match="report@nothing"):
        load_plan(toy.folder, "report@nothing", here=True)
