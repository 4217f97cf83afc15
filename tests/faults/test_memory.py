"""Too little memory for a stage: one line, and what was there is intact."""

import pytest
from given.refusals import results, run_stage

# Those that compute by torch; the others take less than Python has in store.
INSTANCES = (
    *("train@tiny-reference-18-0", "evaluate@tiny-reference-18-0", "export@tiny-reference-18"),
    *("latency@tiny-reference-18", "prune@tiny-18-0"),
)


@pytest.fixture(scope="module")
def study(finished, tmp_path_factory):
    """A study of which nothing may be lost by any of these tests."""
    return finished.copy(tmp_path_factory.mktemp("refusing"))


def ends_in_one_line(study, instance, more):
    """Run a stage that may take so many bytes more; return whether they were too few."""
    before = results(study)
    ended = run_stage(study, instance, MORE_MEMORY=more)
    if ended.returncode == 0:
        return False
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
def test_however_little_it_is_a_stage_says_so_or_has_enough(study, instance):
    for more in range(0, 300_000_000, 30_000_000):
        ends_in_one_line(study, instance, more)

    assert not ends_in_one_line(study, instance, more=4_000_000_000)
