import hashlib
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from given.data_sources import (
    Host,
    cifar_archive,
    cifar_contents,
    dataset,
    image_files,
    serving,
    write_folder,
)
from sklearn.datasets import load_digits

from resnet_depth.base.errors import UserError
from resnet_depth.base.sections import load_section
from resnet_depth.data.download import download as download_module
from resnet_depth.data.download.raw_files import digest_of_tar
from resnet_depth.data.download.settings import DatasetSettings
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.data.preparation.readers import read_cifar10

ROOT = Path(__file__).parents[3]
CLOSED = "http://127.0.0.1:9/cifar-10-python.tar.gz"
LIMITS = Limits(connect=0.8, stall=0.3)


def download(key, settings, source, partial, out):
    download_module.download(key, settings, source, partial, out, LIMITS)


def md5(content):
    return f"md5:{hashlib.md5(content).hexdigest()}"


@pytest.fixture
def archive(tmp_path):
    return cifar_archive(tmp_path / "source.tar.gz")


@pytest.fixture
def paths(tmp_path):
    return {"partial": tmp_path / ".downloads" / "x.part", "out": tmp_path / "raw" / "x"}


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_pinned_digits_are_those_that_scikit_learn_ships(paths):
    settings = load_section(ROOT / "params.yaml", "datasets.digits", DatasetSettings)

    download("digits", settings, None, **paths)

    assert files_in(paths["out"]) == ["images.npy", "labels.npy"]
    images, labels = (np.load(paths["out"] / f"{name}.npy") for name in ("images", "labels"))
    assert images.dtype == labels.dtype == np.uint8
    np.testing.assert_array_equal(images, load_digits().images)
    np.testing.assert_array_equal(labels, load_digits().target)
    # The digest is over both files, one after the other.
    content = b"".join((paths["out"] / name).read_bytes() for name in ("images.npy", "labels.npy"))
    assert settings.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_other_digits_than_the_pinned_are_refused(paths):
    with pytest.raises(UserError, match=rf"sha256:b9908\w+, but .*sha256:{'0' * 64}; install"):
        download("digits", dataset("digits"), None, **paths)

    assert not paths["out"].exists()


def test_a_source_for_digits_is_refused_rather_than_ignored(paths):
    with pytest.raises(UserError, match=r"DIGITS_SOURCE is set, but .*; unset DIGITS_SOURCE"):
        download("digits", dataset("digits"), "/some/place", **paths)


def test_the_archive_comes_from_the_first_host_that_has_it(archive, paths):
    content = archive.read_bytes()
    with serving(Host(content)) as host:
        settings = dataset("cifar10", digest=md5(content), hosts=[CLOSED, host.address])
        download("cifar10", settings, None, **paths)

    assert files_in(paths["out"]) == ["cifar-10-python.tar.gz"]
    assert (paths["out"] / "cifar-10-python.tar.gz").read_bytes() == content
    assert not paths["partial"].exists()


def test_a_source_that_is_an_address_takes_the_place_of_the_hosts(archive, paths):
    content = archive.read_bytes()
    with serving(Host(content)) as host, serving(Host(content)) as other:
        settings = dataset("cifar10", digest=md5(content), hosts=[other.address])
        download("cifar10", settings, host.address, **paths)

    assert (paths["out"] / "cifar-10-python.tar.gz").read_bytes() == content
    assert other.requests == []


def test_a_source_that_is_a_file_is_copied(archive, paths):
    content = archive.read_bytes()
    settings = dataset("cifar10", digest=md5(content), hosts=[CLOSED])

    download("cifar10", settings, str(archive), **paths)

    assert (paths["out"] / "cifar-10-python.tar.gz").read_bytes() == content
    assert archive.read_bytes() == content


def test_a_sha256_can_pin_the_archive_as_well(archive, paths):
    digest = f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"

    download("cifar10", dataset("cifar10", digest=digest), str(archive), **paths)

    assert files_in(paths["out"]) == ["cifar-10-python.tar.gz"]


@pytest.mark.parametrize("wanted", ["nowhere/cifar.tar.gz", "."])
def test_a_source_that_is_no_file_is_refused_in_one_line(tmp_path, paths, wanted):
    with pytest.raises(UserError, match=r"^CIFAR10_SOURCE=\S+: no such file; allowed: .*$"):
        download("cifar10", dataset("cifar10"), str(tmp_path / wanted), **paths)


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_wrong_content_is_refused_with_both_digests_and_never_unpickled(tmp_path, paths):
    # Unpickled by anything, this archive leaves a file.
    mark = tmp_path / "mark"
    traps = dict.fromkeys(cifar_contents(), pickle.dumps(Trap(mark), 2))
    content = cifar_archive(tmp_path / "a.tar.gz", traps).read_bytes()
    wanted = "md5:c58f30108f718f92721af3b95e74349a"
    with serving(Host(content)) as host:
        settings = dataset("cifar10", digest=wanted, hosts=[host.address])
        for source in (None, str(tmp_path / "a.tar.gz")):
            with pytest.raises(UserError) as refusal:
                download("cifar10", settings, source, **paths)
            assert wanted in str(refusal.value)
            assert md5(content) in str(refusal.value)

    assert not mark.exists()
    assert not paths["out"].exists()
    assert not paths["partial"].exists()
    assert list(tmp_path.rglob("*.tmp")) == []


def test_a_refused_download_leaves_what_was_there(archive, paths):
    paths["out"].mkdir(parents=True)
    (paths["out"] / "old").write_text("old")

    with pytest.raises(UserError):
        download("cifar10", dataset("cifar10"), str(archive), **paths)

    assert files_in(paths["out"]) == ["old"]


def test_an_archive_that_is_there_and_right_is_not_fetched_again(archive, paths):
    settings = dataset("cifar10", digest=md5(archive.read_bytes()), hosts=[CLOSED])
    download("cifar10", settings, str(archive), **paths)
    before = (paths["out"] / "cifar-10-python.tar.gz").stat().st_ino

    download("cifar10", settings, None, **paths)

    assert (paths["out"] / "cifar-10-python.tar.gz").stat().st_ino == before


def test_when_all_hosts_fail_one_message_names_each_and_the_ways_on(archive, paths):
    with serving(Host(archive.read_bytes())) as slow, serving(Host()) as gone:
        slow.stall_after, gone.status = 1000, 404
        settings = dataset("cifar10", hosts=[slow.address, gone.address, CLOSED])
        with pytest.raises(UserError) as refusal:
            download("cifar10", settings, None, **paths)

    message = str(refusal.value)
    for address, reason in [
        (slow.address, "it stalled: no byte in 0.3 s"),
        (gone.address, "it answered 404 Not Found"),
        (CLOSED, "no connection: Connection refused"),
    ]:
        assert f"  {address}\n    {reason}\n" in message
    assert "repeat the command, which resumes" in message
    assert "CIFAR10_SOURCE=<file or URL>" in message
    assert "'make run'" in message


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "pictures", image_files())


def told_digest(said):
    line = said.err.splitlines()[-1]
    assert "pets: its content isn't pinned" in line
    return line.partition("'digest: ")[2].partition("'")[0]


def test_without_a_digest_all_is_taken_and_the_line_to_write_is_told_and_then_accepted(
    folder, paths, capsys
):
    download("pets", dataset("image_folder", digest=None), str(folder), **paths)
    digest, unpinned = told_digest(capsys.readouterr()), paths["out"] / "images.tar"
    assert digest_of_tar(unpinned) == digest
    before = unpinned.read_bytes()

    download("pets", dataset("image_folder", digest=digest), str(folder), **paths)

    assert (files_in(paths["out"]), unpinned.read_bytes()) == (["images.tar"], before)
    assert "pinned" not in capsys.readouterr().err


def test_a_folder_and_a_tar_of_it_give_the_same_raw_bytes(tmp_path, folder, paths, capsys):
    archive = tmp_path / "pictures.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        tar.add(folder, arcname="pictures")

    found = []
    for source in (folder, archive):
        download("pets", dataset("image_folder", digest=None), str(source), **paths)
        content = (paths["out"] / "images.tar").read_bytes()
        found.append((told_digest(capsys.readouterr()), content))

    assert found[0] == found[1]


def test_other_images_than_the_pinned_are_refused_with_both_digests(folder, paths):
    with pytest.raises(UserError, match=rf"sha256:\w+, but .*sha256:{'0' * 64}; get the right"):
        download("pets", dataset("image_folder"), str(folder), **paths)

    assert not paths["out"].exists()
    assert files_in(paths["out"].parent) == []


def test_without_the_variable_a_line_says_which_to_set_and_to_what(paths):
    with pytest.raises(UserError, match=r"^pets: PETS_SOURCE isn't set; set it to a folder or tar"):
        download("pets", dataset("image_folder"), None, **paths)


def test_a_home_folder_may_be_written_as_a_tilde(folder, paths, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))

    download("pets", dataset("image_folder", digest=None), "~/pictures", **paths)

    assert files_in(paths["out"]) == ["images.tar"]


def test_every_kind_has_advice_for_a_wrong_digest():
    kinds = DatasetSettings.model_fields["kind"].annotation.__args__

    assert set(download_module.REMEDIES) == set(kinds)


# The two stages as DVC calls them


def params_file(tmp_path, key, **changes):
    settings = dataset(**changes).model_dump(mode="json")
    lines = [f"    {name}: {value!r}" for name, value in settings.items()]
    lines = [line.replace(": None", ": null").replace("False", "false") for line in lines]
    prepare = "prepare: {image_size: 32, validation_fraction: 0.1, test_fraction: 0.2, seed: 0}"
    path = tmp_path / "params.yaml"
    path.write_text("\n".join([prepare, "datasets:", f"  {key}:", *lines, ""]))
    return path


def stage(name, tmp_path, *options, **environment):
    command = [sys.executable, str(ROOT / "stages" / f"{name}.py"), *map(str, options)]
    return subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_stages_bring_the_archives_images_to_the_right_arrays(tmp_path, archive):
    content = archive.read_bytes()
    contents = cifar_contents()
    with serving(Host(content)) as host:
        host.break_after = [len(content) // 2]
        params = params_file(
            tmp_path, "cifar10", kind="cifar10", digest=md5(content), hosts=[host.address]
        )
        both = ("--params", params, "--dataset", "cifar10")
        done = stage("download", tmp_path, *both, "--partial", "x.part", "--out", "raw")
    assert (done.returncode, done.stdout) == (0, "")
    assert len(host.requests) == 2
    done = stage("prepare", tmp_path, *both, "--raw", "raw", "--out", "prepared")
    assert (done.returncode, done.stdout) == (0, "")

    test = np.load(tmp_path / "prepared" / "test_images.npy")
    rows = contents["test_batch"][b"data"]
    np.testing.assert_array_equal(test.transpose(0, 3, 1, 2).reshape(-1, 3072), rows)
    labels = np.load(tmp_path / "prepared" / "test_labels.npy")
    assert labels.tolist() == contents["test_batch"][b"labels"]


def test_a_mistake_is_one_line_without_traceback(tmp_path):
    params = params_file(tmp_path, "pets", kind="image_folder")
    options = ("--params", params, "--dataset", "pets", "--partial", "x", "--out", "raw")

    done = stage("download", tmp_path, *options, PETS_SOURCE=str(tmp_path / "nowhere"))

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no such folder or file" in done.stderr


def test_help_says_what_the_environment_variable_means(tmp_path):
    text = " ".join(stage("download", tmp_path, "--help", COLUMNS="100").stdout.split())

    assert "<KEY>_SOURCE, such as CIFAR10_SOURCE" in text


@pytest.mark.slow
def test_all_60000_images_become_arrays_from_a_folder_and_from_the_official_layout(tmp_path):
    source = os.environ.get("CIFAR10_JPEG_SOURCE")
    if not source:
        pytest.skip("needs CIFAR10_JPEG_SOURCE=<folder or tar of the JPEG copy of CIFAR-10>")
    both = ("--params", ROOT / "params.yaml", "--dataset", "cifar10_jpeg")
    options = ("--partial", "x", "--out", "raw")
    done = stage("download", tmp_path, *both, *options, CIFAR10_JPEG_SOURCE=source)
    assert done.returncode == 0, done.stderr
    done = stage("prepare", tmp_path, *both, "--raw", "raw", "--out", "prepared")
    assert done.returncode == 0, done.stderr

    labels = {
        part: np.load(tmp_path / "prepared" / f"{part}_labels.npy")
        for part in ("train", "validation", "test")
    }
    counts = {part: np.bincount(labels[part]).tolist() for part in labels}
    assert counts == {"train": [4500] * 10, "validation": [500] * 10, "test": [1000] * 10}

    # The same test images, packed as the official archive is, come out equal.
    images = np.load(tmp_path / "prepared" / "test_images.npy")
    contents = cifar_contents()
    contents["test_batch"] |= {
        b"labels": labels["test"].tolist(),
        b"data": images.transpose(0, 3, 1, 2).reshape(-1, 3072),
    }
    packed = cifar_archive(tmp_path / "a.tar.gz", contents)
    settings = dataset("cifar10", digest=md5(packed.read_bytes()))
    download("cifar10", settings, str(packed), tmp_path / "x", tmp_path / "raw2")
    again = read_cifar10(tmp_path / "raw2" / "cifar-10-python.tar.gz", 32).test
    np.testing.assert_array_equal(again.images, images)
    np.testing.assert_array_equal(again.labels, labels["test"])
