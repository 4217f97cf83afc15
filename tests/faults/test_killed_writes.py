"""DVC killed while it writes dvc.lock, at every write and at several places: nothing is lost."""

import pytest
from given.chain import OURS, Chain, stages_run

LENGTH = 6
WRITES = range(1, LENGTH + 1)


@pytest.fixture
def chain(tmp_path):
    return Chain(tmp_path / "a chain", LENGTH)


def names(*numbers):
    return [f"s{i}" for i in numbers]


@pytest.mark.slow
@pytest.mark.parametrize("write", WRITES)
def test_as_make_calls_it_what_was_recorded_stays_and_nothing_of_it_runs_again(chain, write):
    chain.die(write, 0.5, *OURS, "repro", "--no-run-cache")

    done = chain.ours("repro", "--no-run-cache")

    assert done.stderr == ""
    assert stages_run(done) == names(*range(write - 1, LENGTH))
    assert chain.recorded() == names(*range(LENGTH))


@pytest.mark.slow
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("share", [0, 0.5, 0.95])
def test_called_by_hand_the_lock_is_restored_and_nothing_that_was_made_runs_again(
    chain, write, share
):
    # A copy is kept, of which all is out of date.
    chain.ours("repro", names(LENGTH // 2)[0])
    (chain.folder / "o").write_text("other\n", encoding="utf-8")
    chain.die(write, share, "dvc", "repro")

    done = chain.ours("repro")

    how = "cut off" if share else "empty"
    assert done.stderr == f"dvc.lock was {how}; restored from the copy of its last state\n"
    assert stages_run(done) == names(*range(write, LENGTH))
    assert chain.recorded() == names(*range(LENGTH))
