"""How many runs a machine takes, and that each has a GPU for itself where there are several."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.slots import VISIBLE, Slots, require_cores


def test_as_many_trainings_as_there_are_cores_for_their_threads_are_taken():
    require_cores(2, 2, available=4)


def test_more_threads_than_cores_are_refused_and_the_most_jobs_named():
    with pytest.raises(UserError) as refusal:
        require_cores(4, 2, available=4)

    assert str(refusal.value).startswith(
        "JOBS=4 × train.threads=2 are more than the 4 cores here; allowed: JOBS=2, or fewer threads"
    )


def test_of_several_gpus_each_place_has_one_for_itself_and_gives_it_back():
    slots = Slots(2, ["0", "GPU-1f"])

    with slots.one() as first, slots.one() as second:
        assert sorted([first[VISIBLE], second[VISIBLE]]) == ["0", "GPU-1f"]
    # Else these would wait forever.
    with slots.one() as again, slots.one() as other:
        assert {again[VISIBLE], other[VISIBLE]} == {"0", "GPU-1f"}


@pytest.mark.parametrize("devices", [[], ["0"]])
def test_without_several_gpus_nothing_is_said_of_them(devices):
    slots = Slots(2, devices)

    with slots.one() as first, slots.one() as second:
        assert first == second == {}


def test_more_jobs_than_several_gpus_are_refused():
    with pytest.raises(UserError, match="JOBS=3 are more than the 2 GPUs here"):
        Slots(3, ["0", "1"])
