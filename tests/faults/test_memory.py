"""Too little memory for a stage: one line, and what was there is intact."""

import shutil
import signal

import pytest
from given.chain import Chain
from given.refusals import results, run_stage, temporary
from given.tiny_study import edit_yaml

# Those that compute by torch; the others take less than Python has in store.
INSTANCES = (
    *("train@tiny-reference-18-0", "evaluate@tiny-reference-18-0", "export@tiny-reference-18"),
    *("latency@tiny-reference-18", "prune@tiny-18-0"),
)


def end_stage(chain, stage, command):
    """Let a stage of a chain end by a command of the shell."""
    edit_yaml(
        chain.folder / "dvc.yaml", lambda content: content["stages"][stage].update(cmd=command)
    )


@pytest.fixture(scope="module")
def study(finished, tmp_path_factory):
    """A study of which nothing may be lost by any of these tests."""
    return finished.copy(tmp_path_factory.mktemp("refusing"))


# As warm Python tells of a fork that was ended by a signal.
BY_SIGNAL = 137


def ends_in_one_line(study, instance, more, *, or_by_signal=False):
    """Run a stage that may take so many bytes more; return whether they were too few.

    `or_by_signal`: torch's own code may use what it wasn't given, before anybody could say so; then
    the line is of the command that runs DVC.
    """
    before = results(study)
    ended = run_stage(study, instance, MORE_MEMORY=more)
    if ended.returncode == 0:
        return False
    if or_by_signal and ended.returncode == BY_SIGNAL:
        # Nobody was left to clear what it had begun to write.
        left = {path: when for path, when in results(study).items() if ".tmp" not in path}
        assert left == before
        for path in temporary(study):
            shutil.rmtree(path)
        return True
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stdout, ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("too little memory: "), ended.stdout
    assert results(study) == before
    return True


@pytest.mark.parametrize("instance", INSTANCES)
def test_a_stage_that_gets_too_little_memory_says_so_in_one_line(study, instance):
    assert ends_in_one_line(study, instance, more=10_000_000)


@pytest.mark.slow
@pytest.mark.parametrize("instance", INSTANCES)
def test_however_little_it_is_a_stage_loses_nothing_or_has_enough(study, instance):
    for more in range(0, 300_000_000, 30_000_000):
        ends_in_one_line(study, instance, more, or_by_signal=True)

    assert not ends_in_one_line(study, instance, more=4_000_000_000)


@pytest.mark.parametrize("status", ["kill -{} $$", "exit $((128 + {}))"])
@pytest.mark.parametrize("name", ["KILL", "SEGV", "BUS", "ABRT"])
def test_a_stage_that_ends_without_a_word_where_memory_ends_is_told_in_one_line(
    tmp_path, name, status
):
    chain = Chain(tmp_path / "a chain", 2)
    chain.ours("repro", "s0")
    end_stage(chain, "s1", status.format(getattr(signal, f"SIG{name}").value))
    recorded = chain.lock.read_bytes()

    done = chain.ours("repro", check=False)

    assert done.returncode == 1
    assert "failed to reproduce 's1': failed to run: " in done.stderr
    line = done.stderr.splitlines()[-1]
    cause = f"it is the likely cause of the stage's end by SIG{name}; "
    assert line.startswith(f"too little memory: {cause}")
    assert line.endswith("and repeat the command")
    assert chain.lock.read_bytes() == recorded


@pytest.mark.parametrize("status", ["exit 1", "exit 9", "exit 11", "exit 127", "kill -TERM $$"])
def test_of_a_stage_that_ends_otherwise_memory_isnt_blamed(tmp_path, status):
    chain = Chain(tmp_path / "a chain", 1)
    end_stage(chain, "s0", status)

    done = chain.ours("repro", check=False)

    assert done.returncode == 255
    assert "memory" not in done.stderr
