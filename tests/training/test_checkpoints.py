"""Checkpoints: whole or not there, never used for other work, gone once DVC has the result."""

import json

import numpy as np
import pytest

from resnet_depth.training.checkpoints import Checkpoint, CheckpointFolder, key_of, remove_recorded


def checkpoint(value):
    return Checkpoint({"weights": np.full(5, value, np.float32)}, {"epoch": value})


def test_what_was_saved_last_is_loaded(tmp_path):
    folder = CheckpointFolder(tmp_path / "run", "key")
    for value in (1, 2, 3):
        folder.save(checkpoint(value))

    loaded = CheckpointFolder(tmp_path / "run", "key").load()

    assert loaded.values == {"epoch": 3}
    assert loaded.arrays["weights"].tolist() == [3] * 5
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == ["arrays-a.bin", "arrays-b.bin", "state.json"]


def test_arrays_come_back_as_they_were_whatever_lay_there_before(tmp_path):
    long = {"long": np.arange(100)}
    short = {
        "number": np.float32(2.5).reshape(()),
        "none": np.zeros((0, 3), np.int64),
        "bytes": np.arange(12, dtype=np.uint8).reshape(3, 4),
    }
    folder = CheckpointFolder(tmp_path / "run", "key")
    for arrays in (long, long, short):
        folder.save(Checkpoint(arrays, {}))

    loaded = CheckpointFolder(tmp_path / "run", "key").load()

    assert list(loaded.arrays) == list(short)
    for name, array in short.items():
        assert loaded.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(loaded.arrays[name], array)


def test_nothing_saved_is_nothing_loaded(tmp_path):
    assert CheckpointFolder(tmp_path / "run", "key").load() is None


def test_a_checkpoint_of_other_work_is_not_used(tmp_path, capsys):
    CheckpointFolder(tmp_path / "run", key_of(lr=1e-3)).save(checkpoint(1))

    assert CheckpointFolder(tmp_path / "run", key_of(lr=1e-4)).load() is None
    assert capsys.readouterr().err == ""


def test_a_save_that_was_killed_leaves_the_one_before(tmp_path):
    folder = CheckpointFolder(tmp_path / "run", "key")
    folder.save(checkpoint(1))
    # What a kill between the arrays and state.json leaves.
    (tmp_path / "run" / "arrays-b.bin").write_bytes(b"half")

    assert CheckpointFolder(tmp_path / "run", "key").load().values == {"epoch": 1}


def test_saving_goes_on_where_another_process_stopped(tmp_path):
    CheckpointFolder(tmp_path / "run", "key").save(checkpoint(1))
    folder = CheckpointFolder(tmp_path / "run", "key")
    folder.load()
    folder.save(checkpoint(2))

    assert CheckpointFolder(tmp_path / "run", "key").load().values == {"epoch": 2}


@pytest.mark.parametrize("damage", ["flip", "truncate", "lengthen", "remove", "state"])
def test_a_damaged_checkpoint_is_set_aside_with_one_line(tmp_path, capsys, damage):
    CheckpointFolder(tmp_path / "run", "key").save(checkpoint(1))
    arrays, state = (next((tmp_path / "run").glob(f"*.{end}")) for end in ("bin", "json"))
    content = bytearray(arrays.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
        arrays.write_bytes(content)
    elif damage == "truncate":
        arrays.write_bytes(content[:-8])
    elif damage == "lengthen":
        arrays.write_bytes(content + b"0")
    elif damage == "remove":
        arrays.unlink()
    else:
        state.write_text("{")

    assert CheckpointFolder(tmp_path / "run", "key").load() is None
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "damaged checkpoint" in said
    assert [path.name for path in tmp_path.iterdir()] == ["run.damaged"]


def test_a_checkpoint_that_its_reader_refuses_is_set_aside_too(tmp_path, capsys):
    CheckpointFolder(tmp_path / "run", "key").save(checkpoint(1))

    def refuse(found):
        raise ValueError("another\nshape")

    assert CheckpointFolder(tmp_path / "run", "key").load(refuse) is None
    assert "damaged checkpoint (another shape), set aside as run.dam" in capsys.readouterr().err


def test_only_finished_work_that_the_lock_has_is_removed(tmp_path):
    root, lock = tmp_path / "checkpoints", tmp_path / "dvc.lock"
    for name, outcome in (("open", None), ("finished", "abc1"), ("recorded", "abc2")):
        CheckpointFolder(root / "digits" / name, "key").save(checkpoint(1), outcome)

    remove_recorded(root, lock)
    assert len(list((root / "digits").iterdir())) == 3
    lock.write_text(json.dumps({"md5": "abc2"}))
    remove_recorded(root, lock)

    assert sorted(path.name for path in (root / "digits").iterdir()) == ["finished", "open"]
