"""Faults of disk and memory are told in one line, in whatever form a library tells them."""

import errno
import os
import re

import numpy as np
import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.base.faults import fault_line, naming


def os_error(number, *name):
    return OSError(number, os.strerror(number), *name)


def test_a_full_disk_is_told_with_the_file_what_is_free_and_what_to_do(tmp_path):
    line = fault_line(os_error(errno.ENOSPC, str(tmp_path / "not" / "there")))

    assert line.startswith(f"{tmp_path}/not/there: No space left on device; ")
    assert re.search(
        r"; [\d.]+ [kMGT]?B are free there; more is needed: make room there, and", line
    )


@pytest.mark.parametrize(
    ("number", "way"),
    [
        (errno.EDQUOT, "your quota there is used up"),
        (errno.EFBIG, "raise the limit (ulimit -f)"),
        (errno.EROFS, "mount it writable"),
        (errno.ESTALE, "see that the disk or mount is there"),
        (errno.ENOTCONN, "see that the disk or mount is there"),
        (errno.EMFILE, "raise the limit (ulimit -n)"),
        (errno.EACCES, "that you may read and write there"),
        (errno.ENOENT, "see that it is what it should be"),
    ],
)
def test_each_fault_of_a_disk_has_a_way_on(tmp_path, number, way):
    line = fault_line(os_error(number, str(tmp_path)))

    assert f": {os.strerror(number)}; " in line
    assert way in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        os_error(errno.ENOMEM),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("can't start new thread"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        Exception("[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer"),
        RuntimeError("could not create a primitive"),
        Exception("Failed to serialize proto"),
        Exception("Error -4 while decompressing data: insufficient memory"),
    ],
)
def test_too_little_memory_is_told_with_what_there_is(error):
    line = fault_line(error)

    assert line.startswith("too little memory: ")
    assert " are free" in line
    assert "\n" not in line


def test_numpys_own_refusal_of_memory_is_told():
    with pytest.raises(MemoryError) as caught:
        np.empty(1 << 60, np.uint8)

    assert "too little memory: Unable to allocate" in fault_line(caught.value)


def test_a_fault_of_the_program_or_of_the_user_is_not_one_of_the_world():
    for error in (KeyError("x"), ValueError("y"), UserError("out of memory"), OSError("unnamed")):
        assert fault_line(error) is None


def test_an_error_that_a_fault_of_the_disk_led_to_is_told_as_that(tmp_path):
    error = UserError("damaged; remove it")
    error.__context__ = os_error(errno.EIO, str(tmp_path))

    assert fault_line(error).startswith(f"{tmp_path}: Input/output error; ")


def test_a_user_who_names_a_file_that_is_not_there_reads_what_was_said_to_that(tmp_path):
    error = UserError("no such image")
    error.__context__ = os_error(errno.ENOENT, str(tmp_path / "missing"))

    assert fault_line(error) is None


def test_a_limit_of_safetensors_and_of_numpy_has_the_files_name(tmp_path):
    for error in (
        Exception("Error while serializing: I/O error: No space left on device (os error 28)"),
        OSError("10000 requested and 109 written"),
    ):
        with pytest.raises(OSError, match=r"left|whole") as caught, naming(tmp_path / "a"):
            raise error
        assert fault_line(caught.value).startswith(f"{tmp_path}/a: ")


def test_what_names_its_file_keeps_it_unless_that_is_a_temporary_one(tmp_path):
    for name, expected in (("b", "b"), ("a.tmp/b", "a")):
        with (
            pytest.raises(OSError, match="left") as caught,
            naming(tmp_path / "a", within=tmp_path / "a.tmp"),
        ):
            raise os_error(errno.ENOSPC, str(tmp_path / name))
        assert caught.value.filename == str(tmp_path / expected)


def test_a_copy_is_named_by_where_it_goes(tmp_path):
    error = OSError(errno.ENOSPC, "No space left on device", "source", None, str(tmp_path / "copy"))

    assert fault_line(error).startswith(f"{tmp_path}/copy: ")


def test_a_users_mistake_that_quotes_the_system_stays_one(tmp_path):
    with pytest.raises(UserError), naming(tmp_path / "a"):
        raise UserError("model.safetensors: No such file or directory (os error 2); repeat")
