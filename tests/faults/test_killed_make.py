"""`make run`, killed in every phase, by every signal, whole or in part: nothing is lost or left."""

import sys
from pathlib import Path

import pytest
from given.killed_make import run_rounds

INSTALLED = Path(sys.prefix) / "installed"


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED.exists(), reason="make didn't install this environment")
def test_killed_in_every_phase_make_run_ends_with_the_same_bytes_and_leaves_nothing(tmp_path):
    hits, wrong = run_rounds(tmp_path, kills=50, seed=1)

    assert wrong == []
    assert {kill.signal for kill in hits} == {"SIGKILL", "SIGTERM", "SIGINT"}
