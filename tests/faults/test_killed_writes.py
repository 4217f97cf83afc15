"""DVC killed while it writes dvc.lock, at every write and at several places: nothing is lost."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from given.chain import OURS, Chain, stages_run

from resnet_depth.commands.reproducing.whole_lock import locked_by_dvc

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


@pytest.mark.slow
def test_a_command_waits_for_another_one_that_has_dvcs_lock(chain):
    with ThreadPoolExecutor() as pool:
        with locked_by_dvc(chain.folder, "lock"):
            waiting = pool.submit(chain.ours, "repro")
            # DVC alone gives up after three seconds, and takes some to start.
            assert not wait([waiting], timeout=20).done

        assert stages_run(waiting.result()) == names(*range(LENGTH))
