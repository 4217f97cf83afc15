"""A session: threads that wait sleep, a batch may be any size, a damaged file is one line."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from given.used_network import MEAN, STD, used_network

from resnet_depth.base.errors import UserError
from resnet_depth.deployment import session as sessions
from resnet_depth.deployment.onnx_graph import onnx_model, write_onnx
from resnet_depth.deployment.session import answer, open_session, session_logits
from resnet_depth.networks.compaction import compact


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("session") / "model.onnx"
    write_onnx(onnx_model(compact(used_network(18, "imagenet", 32), 32), 32, 32, MEAN, STD), path)
    return path


def test_it_has_so_many_threads_and_they_do_not_spin(path):
    options = open_session(path, 2, "export").get_session_options()

    assert options.intra_op_num_threads == 2
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_many_images_are_answered_in_batches_as_at_once(path, monkeypatch):
    monkeypatch.setattr(sessions, "IMAGES_AT_ONCE", 3)
    images = np.random.default_rng(0).integers(0, 256, (7, 32, 32, 3), dtype=np.uint8)
    session = open_session(path, 1, "export")

    found, expected = session_logits(session, images, "resnet18"), answer(session, images)

    assert found.shape == (7, 10)
    assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("content", [b"", b"no model", None])
def test_a_damaged_file_is_one_line_that_names_file_and_stage(path, tmp_path, content):
    damaged = tmp_path / "model.onnx"
    # None: cut off in the middle.
    damaged.write_bytes(path.read_bytes()[:5_000_000] if content is None else content)

    with pytest.raises(UserError) as caught:
        open_session(damaged, 1, "export@digits-reference-18")

    text = str(caught.value)
    assert text.startswith(f"{damaged}: ONNX Runtime can't read it (")
    assert text.endswith(f"remove {tmp_path} and repeat 'dvc repro export@digits-reference-18'")
    assert "\n" not in text


def test_a_missing_file_names_the_stage_that_makes_it(tmp_path):
    with pytest.raises(UserError, match="missing; 'dvc repro export@digits-reference-18' makes it"):
        open_session(tmp_path / "model.onnx", 1, "export@digits-reference-18")


def test_it_loads_no_torch():
    program = "import sys, resnet_depth.deployment.session; sys.exit('torch' in sys.modules)"

    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}

    done = subprocess.run([sys.executable, "-c", program], env=environment, check=False)

    assert done.returncode == 0
