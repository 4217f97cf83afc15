"""A tar is read within limits, weighed before it is read, and damage is one line that names it."""

import bz2
import gzip
import lzma
import tarfile
import tracemalloc

import pytest
from given.data_sources import add, write_archive

from resnet_depth.base.errors import UserError
from resnet_depth.data.download import tar_members
from resnet_depth.data.download.tar_members import read_members

FILES = {f"train/cat/{k}.png": bytes([k]) * 700 * k for k in range(4)}
PACKERS = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


def read(path):
    return [
        (member.path, member.kind, b"".join(member.content)) for member in read_members(path, "p")
    ]


def refusal(path):
    with pytest.raises(UserError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_members_come_in_order_in_any_compression_and_format(tmp_path, mode, form):
    with tarfile.open(tmp_path / "a.tar", mode, format=form) as tar:
        for name, content in FILES.items():
            add(tar, name, content)

    assert read(tmp_path / "a.tar") == [(name, "file", FILES[name]) for name in FILES]


def test_contents_that_are_left_aside_are_not_needed_for_what_follows(tmp_path):
    path = write_archive(tmp_path / "a.tar", FILES, "w:gz")

    assert [member.path for member in read_members(path, "p")] == list(FILES)


def test_a_stream_of_several_compressed_parts_is_read_whole(tmp_path):
    # As pigz and others write it.
    whole = write_archive(tmp_path / "a.tar", FILES).read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(whole[:3000]) + gzip.compress(whole[3000:]))

    assert [path for path, *_ in read(tmp_path / "b.tar.gz")] == list(FILES)


@pytest.mark.parametrize("packer", PACKERS)
def test_megabytes_that_unpack_to_gigabytes_are_refused_before_they_take_memory(tmp_path, packer):
    path = tmp_path / "bomb.tar"
    header = tarfile.TarInfo("train/cat/large.bmp")
    header.size = 2**28
    with PACKERS[packer](path, "wb") as file:
        for _ in range(16):
            file.write(header.tobuf())
            file.write(b"\0" * 2**16)  # The rest would follow.
            break

    said = traced(lambda: refusal(path))

    assert "unpacks to 268,435,456 bytes" in said
    assert "allowed: 100 times as many" in said


def traced(action):
    """Do something that may take 20 MB at most."""
    tracemalloc.start()
    try:
        result = action()
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()
    return result


def test_many_members_that_shrink_well_are_refused_together(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_members, "SMALL_BYTES", 2**20)
    files = {f"train/cat/{k}.bmp": b"\0" * 2**18 for k in range(9)}
    path = write_archive(tmp_path / "a.tar.gz", files, "w:gz")

    assert "'train/cat/4.bmp' is where it unpacks to 1,310,720 bytes, of" in refusal(path)


def test_images_of_a_single_colour_are_no_bomb(tmp_path):
    path = write_archive(tmp_path / "a.tar.xz", {"train/cat/1.bmp": b"\0" * 2**24}, "w:xz")

    assert len(read(path)[0][2]) == 2**24


@pytest.mark.parametrize("size", [2**28 + 1, 2**40, 2**62])
def test_a_member_that_claims_to_be_huge_is_refused_by_name_before_it_is_read(tmp_path, size):
    header = tarfile.TarInfo("train/cat/1.png")
    header.size = size
    (tmp_path / "a.tar").write_bytes(header.tobuf() + b"\0" * 2048)

    said = traced(lambda: refusal(tmp_path / "a.tar"))

    assert f"'train/cat/1.png' has {size:,} bytes; allowed: at most 268,435,456 an image" in said


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_of_gigabytes_is_refused_before_it_takes_memory(tmp_path, kind):
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 2**32
    with gzip.open(tmp_path / "a.tar.gz", "wb", compresslevel=1) as file:
        file.write(header.tobuf())
        file.write(b"1" * 2**22)

    said = traced(lambda: refusal(tmp_path / "a.tar.gz"))

    assert "a header has more than 1,048,576 bytes" in said


def test_more_members_than_any_dataset_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_members, "MOST_FILES", 3)
    path = write_archive(tmp_path / "a.tar", {f"train/cat/{k}.png": b"" for k in range(7)})

    assert "it has more than 6 members; take fewer" in refusal(path)


def test_what_is_kept_of_members_does_not_grow(tmp_path):
    path = write_archive(tmp_path / "a.tar", {f"train/{k}": b"" for k in range(3000)})

    assert traced(lambda: sum(1 for _ in read_members(path, "p"))) == 3000
    members = read_members(path, "p")
    first = next(members)
    traced(lambda: [next(members) for _ in range(2000)] and None)
    assert first.path == "train/0"


def damaged(whole, offset, byte):
    return whole[:offset] + byte + whole[offset + 1 :]


@pytest.mark.parametrize("field", {"name": 5, "size": 130, "checksum": 150, "type": 156}.values())
def test_a_damaged_header_in_the_middle_is_no_end_of_the_tar(tmp_path, field):
    # The third header; its checksum tells.
    whole = write_archive(tmp_path / "a.tar", FILES).read_bytes()
    start = whole.index(b"train/cat/2.png")
    (tmp_path / "a.tar").write_bytes(damaged(whole, start + field, b"\x01"))

    assert "can't be read as a tar (" in refusal(tmp_path / "a.tar")


def test_a_tar_that_is_cut_between_two_members_is_no_shorter_tar(tmp_path):
    whole = write_archive(tmp_path / "a.tar", FILES).read_bytes()
    (tmp_path / "a.tar").write_bytes(whole[: whole.index(b"train/cat/3.png")])

    assert "can't be read as a tar (it ends before its end)" in refusal(tmp_path / "a.tar")


@pytest.mark.parametrize("size", [-1, -512, -(2**40)])
def test_a_negative_size_is_refused(tmp_path, size):
    header = tarfile.TarInfo("train/cat/1.png")
    header.pax_headers = {"size": str(size)}
    whole = header.tobuf(tarfile.PAX_FORMAT) + b"\0" * 2048
    (tmp_path / "a.tar").write_bytes(whole)

    refusal(tmp_path / "a.tar")


def test_a_tar_that_may_not_be_read_is_one_line(tmp_path, monkeypatch):
    path = write_archive(tmp_path / "a.tar", FILES)

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)

    assert "can't be read as a tar ([Errno 13] Permission denied)" in refusal(path)
