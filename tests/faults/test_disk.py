"""A disk that refuses what a stage writes: one line, nothing half-written, nothing lost.

Each stage runs by its real command in a study that was run before, so that there is something to
lose.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from given.refusals import full_disk, outputs, read_only, results, run_stage, temporary

# One of each stage.
INSTANCES = (
    *("settings", "download@tiny", "prepare@tiny", "levels@tiny", "recipe@reference"),
    *("start@reference-18", "train@tiny-reference-18-0", "evaluate@tiny-reference-18-0"),
    *("export@tiny-reference-18", "latency@tiny-reference-18", "prune@tiny-18-0"),
    *("pruned_latency@tiny-18", "summarize@tiny", "report@tiny"),
)
# What mounts add to the limit on files is the system's words: a cheap stage shows it each time.
CHEAP = ("prepare@tiny", "evaluate@tiny-reference-18-0")
ALL_OR_CHEAP = [
    pytest.param(name, marks=[] if name in CHEAP else pytest.mark.slow) for name in INSTANCES
]


@pytest.fixture(scope="module")
def study(finished, tmp_path_factory):
    """A study of which nothing may be lost by any of these tests."""
    return finished.copy(tmp_path_factory.mktemp("refusing"))


def refusal(ended, words):
    """The one line by which a stage ended; what is told of progress has none of these words."""
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stdout
    (line,) = [line for line in ended.stdout.splitlines() if words in line]
    assert ended.stdout.endswith(f"{line}\n")
    return line


@pytest.mark.parametrize("instance", INSTANCES)
def test_a_file_that_may_not_grow_so_large_is_named_with_what_is_free(study, instance):
    before = results(study)

    line = refusal(run_stage(study, instance, MOST_FILE_BYTES=5), " are free there; ")

    # A checkpoint is written before the network, and an ONNX file only to be timed.
    own = (str(path.relative_to(study.folder)) for path in outputs(study, instance))
    assert line.startswith((".checkpoints/", tempfile.gettempdir(), *own))
    assert "File too large" in line or "couldn't be written whole" in line
    assert line.endswith(", and repeat the command")
    assert results(study) == before


@pytest.mark.parametrize("instance", ALL_OR_CHEAP)
def test_a_full_disk_is_named_and_what_was_there_is_intact(study, instance):
    # Not every one: what was written before, elsewhere, is whole and new.
    folder = outputs(study, instance)[-1].parent
    with full_disk(folder):
        before = results(study, folder)

        line = refusal(run_stage(study, instance), " are free there; ")

        assert line.startswith(str(folder.relative_to(study.folder)))
        assert "No space left on device" in line or "couldn't be written whole" in line
        assert results(study, folder) == before
    assert temporary(study) == []


@pytest.mark.parametrize("instance", ALL_OR_CHEAP)
def test_a_read_only_folder_is_named_and_what_was_there_is_intact(study, instance):
    folder = outputs(study, instance)[-1].parent
    before = results(study, folder)
    with read_only(folder):
        line = refusal(run_stage(study, instance), ": Read-only file system; ")

    assert line.startswith(str(folder.relative_to(study.folder)))
    assert "mount it writable, or work elsewhere" in line
    assert results(study, folder) == before
    assert temporary(study) == []


def test_the_next_run_clears_what_killed_ones_left_and_nothing_else(study):
    (out,) = outputs(study, "evaluate@tiny-reference-18-0")
    left = out.with_name(f"{out.name}.0123abcd.tmp")
    (left / out.name).mkdir(parents=True)
    (left / ".lock").touch()
    other = out.with_name("resnet50-seed0.0123abcd.tmp")
    other.mkdir()

    assert run_stage(study, "evaluate@tiny-reference-18-0").returncode == 0

    assert not left.exists()
    assert other.exists()
    shutil.rmtree(other)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here that can't be read")
@pytest.mark.parametrize(
    ("instance", "file"),
    [
        ("evaluate@tiny-reference-18-0", "data/prepared/tiny/test_images.npy"),
        ("evaluate@tiny-reference-18-0", "models/tiny/reference/resnet18-seed0/train.json"),
        (
            "summarize@tiny",
            "data/evaluations/tiny/reference/resnet18-seed0/predictions.csv",
        ),
    ],
)
def test_an_input_that_the_disk_does_not_give_is_named_and_left_alone(study, instance, file):
    path = study.folder / file
    aside = path.rename(path.with_name("aside"))
    # At its beginning lies nothing, and the system says so as of a broken disk.
    path.symlink_to("/proc/self/mem")
    before = results(study)

    line = refusal(run_stage(study, instance), ": Input/output error; ")

    assert line.startswith(f"{file}: Input/output error; ")
    assert "see that the disk or mount is there and in order" in line
    assert results(study) == before
    aside.rename(path)
