import hashlib
import io
import random
import shutil
import subprocess
import tarfile

import pytest
from given.data_sources import add, image_files, write_archive, write_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnet_depth.base.errors import UserError
from resnet_depth.data.download import raw_files
from resnet_depth.data.download.image_folders import content_digest, spool_images, write_tar

FILES = image_files(train=3, test=1)


def read(source, tmp_path):
    """The content's digest, and the bytes of the tar made of it."""
    with (tmp_path / "spool").open("w+b") as spool:
        files = spool_images(source, spool, "pets")
        write_tar(files, spool, tmp_path / "out.tar")
    return content_digest(files), (tmp_path / "out.tar").read_bytes()


def digest_by_hand(files):
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    lines.sort(key=lambda line: line[66:].encode())
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def under(top, files):
    return {f"{top}/{name}": content for name, content in files.items()}


def test_the_digest_is_that_of_the_documented_manifest(tmp_path):
    assert read(write_folder(tmp_path / "a", FILES), tmp_path)[0] == digest_by_hand(FILES)


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs GNU coreutils")
def test_the_digest_is_what_the_documented_command_prints(tmp_path):
    folder = write_folder(
        tmp_path / "a", FILES | {"train/cat/.hidden": b"x", "train/thumbs.db": b"x"}
    )
    lines = raw_files.__doc__.split("\n\n")[-1].split("\n")
    command = "".join(lines)

    printed = subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=True)

    assert read(folder, tmp_path)[0] == f"sha256:{printed.stdout.decode().split()[0]}"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("top", [None, "images", "."])
def test_a_folder_and_any_tar_of_it_give_the_same_digest_and_bytes(tmp_path, mode, top):
    files = under(top, FILES) if top else FILES
    names = list(files)
    random.Random(0).shuffle(names)
    archive = write_archive(tmp_path / "a.tar", {name: files[name] for name in names}, mode)
    folder = write_folder(tmp_path / "a", files)

    assert read(archive, tmp_path) == read(folder, tmp_path)
    assert read(folder, tmp_path) == read(write_folder(tmp_path / "plain", FILES), tmp_path)


def test_the_tar_is_sorted_and_holds_the_bytes_as_they_came_and_nothing_else(tmp_path):
    content = read(write_folder(tmp_path / "a", FILES), tmp_path)[1]

    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        members = tar.getmembers()
        found = {member.name: tar.extractfile(member).read() for member in members}
    assert found == FILES
    assert list(found) == sorted(FILES)
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {
        (0, 0, 0, "", "", 0o644)
    }


def test_hidden_files_are_passed_over(tmp_path):
    hidden = {".DS_Store": b"x", "train/.git/x/y/z": b"x", "train/cat/._0001.png": b"x"}
    archive = write_archive(tmp_path / "a.tar", hidden | FILES)

    assert read(archive, tmp_path)[0] == digest_by_hand(FILES)
    folder = write_folder(tmp_path / "a", hidden | FILES)
    assert read(folder, tmp_path)[0] == digest_by_hand(FILES)


@pytest.mark.parametrize(
    ("extra", "fault"),
    [
        ("README.md", r"README\.md is a stray file"),
        ("train/list.txt", r"train/list\.txt is a stray file"),
        ("train/cat/more/1.png", r"train/cat/more(/1\.png)? is a stray f"),
        ("validation/cat/1.png", r"validation(/cat/1\.png)? is a stray f"),
        ("train/cow/1.png", r"the class cow is in train/ but not in test/"),
        ("test/cow/1.png", r"the class cow is in test/ but not in train/"),
        ("train/cat/a\\b.png", "is an unsafe path"),
        ("train/cat/a\nb.png", "is an unsafe path"),
    ],
)
@pytest.mark.parametrize("form", ["folder", "tar"])
def test_what_does_not_belong_there_is_refused_by_name(tmp_path, extra, fault, form):
    files = FILES | {extra: b"x"}
    made = write_folder if form == "folder" else write_archive

    with pytest.raises(UserError, match=fault) as refusal:
        read(made(tmp_path / "source", files), tmp_path)

    assert "allowed: a folder or tar with train/<class>/<image>" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["/train/cat/x.png", "../x.png", "train/cat/../../../x.png"])
def test_a_tar_cannot_name_a_path_outside(tmp_path, name):
    archive = write_archive(tmp_path / "a.tar", FILES | {name: b"x"})

    with pytest.raises(UserError, match="is an unsafe path"):
        read(archive, tmp_path)


@pytest.mark.parametrize(
    ("kind", "word"),
    [(tarfile.SYMTYPE, "link"), (tarfile.CHRTYPE, "special file"), (tarfile.FIFOTYPE, "special")],
)
def test_links_and_special_members_of_a_tar_are_refused(tmp_path, kind, word):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, content in FILES.items():
            add(tar, name, content)
        add(tar, "train/cat/x.png", type=kind, linkname="train/cat/0000.png")

    with pytest.raises(UserError, match=rf"train/cat/x\.png is a {word}"):
        read(tmp_path / "a.tar", tmp_path)


@pytest.mark.parametrize("top", ["", "./", "images/"])
def test_a_hard_link_in_a_tar_is_the_file_that_it_repeats(tmp_path, top):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, content in FILES.items():
            add(tar, f"{top}{name}", content)
        link = f"{top}train/cat/0000.png"
        add(tar, f"{top}train/cat/x.png", type=tarfile.LNKTYPE, linkname=link)
        add(tar, f"{top}train/cat/y.png", type=tarfile.LNKTYPE, linkname=f"{top}train/cat/x.png")
    same = FILES["train/cat/0000.png"]
    folder = write_folder(tmp_path / "a", FILES)
    for name in ("x", "y"):
        (folder / f"train/cat/{name}.png").hardlink_to(folder / "train/cat/0000.png")

    expected = digest_by_hand(FILES | {f"train/cat/{name}.png": same for name in ("x", "y")})

    assert read(tmp_path / "a.tar", tmp_path)[0] == expected
    assert read(folder, tmp_path) == read(tmp_path / "a.tar", tmp_path)


@pytest.mark.parametrize("link", ["train/cat/9999.png", "/etc/passwd", "train/cat", ""])
def test_a_hard_link_to_what_is_no_image_before_it_is_refused(tmp_path, link):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, content in FILES.items():
            add(tar, name, content)
        add(tar, "train/cat/x.png", type=tarfile.LNKTYPE, linkname=link)

    with pytest.raises(UserError, match=r"train/cat/x\.png is a hard link to no image before it"):
        read(tmp_path / "a.tar", tmp_path)


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_what_systems_leave_behind_is_passed_over_and_counted(tmp_path, capsys, form):
    left = {
        **{f"{place}/Thumbs.db": b"x" for place in ("train", "train/cat", "test/dog")},
        **{"desktop.ini": b"x", "train/desktop.ini": b"x", ".DS_Store": b"x"},
        **{"train/cat/.DS_Store": b"x", ".git/objects/a/b": b"x", ".git/HEAD": b"x"},
    }
    made = write_folder if form == "folder" else write_archive

    digest = read(made(tmp_path / "pets", left | FILES), tmp_path)[0]

    assert digest == digest_by_hand(FILES)
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == "pets: passed over 8: Thumbs.db (3), .DS_Store (2), desktop.ini (2), …"


NARROW, HARD, DECOMPOSED = "\u202f", "\u00a0", "e\u0301"


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_names_as_macos_writes_them_are_accepted_and_compared_in_nfc(tmp_path, form):
    names = {
        f"Bildschirmfoto 2026-01-01 at 9.41.00{NARROW}AM.png": None,
        f"a{HARD}b.png": None,
        f"caf{DECOMPOSED}.png": "caf\u00e9.png",
    }
    given, meant = {}, {}
    # A class decomposed in one part and not in the other.
    for part, written in (("train", f"b{DECOMPOSED}te"), ("test", "b\u00e9te")):
        for name, composed in names.items():
            given[f"{part}/{written}/{name}"] = name.encode()
            meant[f"{part}/b\u00e9te/{composed or name}"] = name.encode()
    made = write_folder if form == "folder" else write_archive

    digest, content = read(made(tmp_path / "a", given), tmp_path)

    assert digest == digest_by_hand(meant)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert sorted(tar.getnames()) == sorted(meant)


def test_a_name_that_is_there_composed_and_decomposed_is_there_twice(tmp_path):
    names = {f"train/cat/caf{accent}.png": b"x" for accent in (DECOMPOSED, "\u00e9")}

    with pytest.raises(UserError, match="is there twice"):
        read(write_archive(tmp_path / "a.tar", FILES | names), tmp_path)


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x7f", "\t", "\u202e"])
def test_a_name_with_a_line_end_or_a_control_character_is_refused(tmp_path, character):
    files = FILES | {f"train/cat/a{character}b.png": b"x"}

    with pytest.raises(UserError, match="is an unsafe path") as refusal:
        read(write_archive(tmp_path / "a.tar", files), tmp_path)

    assert character not in str(refusal.value)


def test_an_image_file_that_is_too_large_is_refused_by_name_and_not_read(tmp_path):
    folder = write_folder(tmp_path / "a", FILES)
    with (folder / "train/cat/large.png").open("wb") as file:
        file.truncate(2**40)  # Of no size on disk.

    with pytest.raises(UserError, match=r"train/cat/large\.png has 1,099,511,627,776 bytes; allow"):
        read(folder, tmp_path)


@pytest.mark.parametrize("place", ["train/cat/x.png", "train/cow", "train/cat/x"])
def test_links_in_a_folder_are_refused(tmp_path, place):
    folder = write_folder(tmp_path / "a", FILES)
    (folder / place).symlink_to(folder / ("test/cat" if "." not in place else "test/cat/0000.png"))

    with pytest.raises(UserError, match=f"{place} is a link"):
        read(folder, tmp_path)


def test_a_member_given_twice_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, content in [*FILES.items(), ("train/cat/0001.png", b"other")]:
            add(tar, name, content)

    with pytest.raises(UserError, match=r"train/cat/0001\.png is there twice"):
        read(tmp_path / "a.tar", tmp_path)


def test_an_empty_class_is_refused_in_a_folder_and_in_a_tar(tmp_path):
    folder = write_folder(tmp_path / "a", FILES)
    (folder / "test" / "bird").mkdir()
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(folder, arcname=".")

    for source in (folder, tmp_path / "a.tar"):
        with pytest.raises(UserError, match="the class test/bird is empty"):
            read(source, tmp_path)


@pytest.mark.parametrize("lacking", ["train", "test"])
def test_a_source_without_a_part_is_told_the_layout_in_one_line(tmp_path, lacking):
    files = {name: content for name, content in FILES.items() if not name.startswith(lacking)}

    with pytest.raises(UserError, match=rf"^\S+: it has no {lacking}/<class>/; allowed: .*$"):
        read(write_folder(tmp_path / "a", files), tmp_path)


def test_an_empty_folder_and_a_path_that_is_not_there_are_told_the_layout(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="it has no train/<class>/; allowed: a folder or tar"):
        read(tmp_path / "empty", tmp_path)
    with pytest.raises(UserError, match="no such folder or file; allowed: a folder or tar"):
        read(tmp_path / "nowhere", tmp_path)


def test_a_wrong_folder_is_refused_before_its_files_are_read(tmp_path):
    # A stray name that sorts last is found although everything before it is right.
    folder = write_folder(tmp_path / "a", FILES | {"zebra.txt": b"x"})

    with (tmp_path / "spool").open("w+b") as spool:
        with pytest.raises(UserError, match=r"zebra\.txt is a stray file"):
            spool_images(folder, spool, "pets")
        assert spool.tell() == 0


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_truncated_or_foreign_file_is_refused(tmp_path, mode):
    path = write_archive(tmp_path / "a.tar", FILES, mode)
    # Within an image, not between two: such an end would be that of a shorter tar.
    path.write_bytes(path.read_bytes()[: 3 * 512 + 7])
    with pytest.raises(UserError, match=r"a\.tar: can't be read as a tar"):
        read(path, tmp_path)

    path.write_bytes(b"no tar at all")
    with pytest.raises(UserError, match=r"a\.tar: can't be read as a tar"):
        read(path, tmp_path)


NAMES = st.text("abcXYZ019 -_é", min_size=1, max_size=4).map(str.strip).filter(bool)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(
    st.dictionaries(NAMES, st.binary(max_size=20), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_the_digest_depends_on_names_and_bytes_but_not_on_their_order(tmp_path, images, rng):
    files = {f"{part}/c/{name}": images[name] for part in ("train", "test") for name in images}
    shuffled = rng.sample(sorted(files), len(files))
    first = read(write_archive(tmp_path / "1.tar", files), tmp_path)
    second = read(write_archive(tmp_path / "2.tar", {n: files[n] for n in shuffled}), tmp_path)
    changed = files | {shuffled[0]: files[shuffled[0]] + b"!"}

    assert first == second
    assert first[0] == digest_by_hand(files)
    assert read(write_archive(tmp_path / "3.tar", changed), tmp_path)[0] != first[0]
