"""What is written in place by design, on a disk that refuses: downloads and checkpoints."""

import errno
import hashlib

import numpy as np
import pytest
from given.data_sources import Host, serving
from given.refusals import most_file_bytes

from resnet_depth.data.fetching.fetch import fetch
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.training.checkpoints import Checkpoint, CheckpointFolder

CONTENT = bytes(range(256)) * 4096  # 1 MiB


def test_a_download_that_finds_no_room_is_named_keeps_its_part_and_is_resumed(
    tmp_path, monkeypatch
):
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    partial, digest = tmp_path / "x.part", f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    with serving(Host(CONTENT)) as host:
        with (
            pytest.raises(OSError, match="File too large") as caught,
            most_file_bytes(300_000),
        ):
            fetch("x", [host.address], digest, partial, Limits())
        assert caught.value.filename == str(partial)
        arrived = partial.read_bytes()

        fetch("x", [host.address], digest, partial, Limits())

    assert 0 < len(arrived) <= 300_000
    assert CONTENT.startswith(arrived)
    assert partial.read_bytes() == CONTENT
    assert host.requests == [None, f"bytes={len(arrived)}-"]


def checkpoint(value, count=1000):
    return Checkpoint({"weights": np.full(count, value, np.float32)}, {"epoch": value})


@pytest.mark.parametrize("kept", [0, 1])
def test_a_checkpoint_that_finds_no_room_is_named_and_leaves_the_last_one_alone(tmp_path, kept):
    folder = CheckpointFolder(tmp_path / "run", "key")
    if kept:
        folder.save(checkpoint(1))
    before = sorted((tmp_path / "run").glob("*"))

    with pytest.raises(OSError, match="File too large") as caught, most_file_bytes(5000):
        folder.save(checkpoint(2, count=2000))

    assert caught.value.errno == errno.EFBIG
    assert caught.value.filename == str(tmp_path / "run")
    # Nothing is left that would only fill the disk.
    assert sorted((tmp_path / "run").glob("*")) == before
    loaded = CheckpointFolder(tmp_path / "run", "key").load()
    assert (loaded.values if loaded else None) == ({"epoch": 1} if kept else None)
    folder.save(checkpoint(3))
    assert CheckpointFolder(tmp_path / "run", "key").load().values == {"epoch": 3}
