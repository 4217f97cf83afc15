"""A disk that refuses what DVC itself writes: the end is one line, and nothing recorded is lost."""

import os
from copy import deepcopy

import pytest
from given.chain import Chain
from given.refusals import full_disk, read_only
from ruamel.yaml import YAML

# Bytes, of which what DVC writes beside dvc.lock takes some pages.
LEFT = 32768


@pytest.fixture
def chain(tmp_path):
    """Three stages, of which the first has run."""
    chain = Chain(tmp_path / "a chain", 3)
    chain.ours("repro", "s0")
    return chain


def refused(chain):
    """Let DVC run into it; return the line by which it ended."""
    recorded = chain.lock.read_bytes()

    done = chain.ours("repro", "--no-run-cache", check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert chain.lock.read_bytes() == recorded
    assert not list(chain.folder.glob("*.tmp"))
    return done.stderr.splitlines()[-1]


def require_completed(chain):
    """See that the same command does the rest."""
    chain.ours("repro", "--no-run-cache")
    assert {"s0", "s1", "s2"} <= {*chain.recorded()}


def test_a_full_disk_of_its_cache_is_named_and_nothing_is_lost(chain):
    cache = chain.folder / ".dvc" / "cache"
    with full_disk(cache):
        line = refused(chain)
        assert line.startswith(".dvc/cache: No space left on device; 0 bytes are free there; more")
        assert line.endswith("is needed: make room there, and repeat the command")

        (cache / "filler").unlink()
        require_completed(chain)


@pytest.mark.slow
def test_a_full_disk_as_the_lock_is_written_is_named_and_the_lock_is_whole(chain):
    content = YAML(typ="safe").load(chain.lock.read_text())
    for number in range(400):  # More than is left.
        content["stages"][f"of another study {number}"] = deepcopy(content["stages"]["s0"])
    with chain.lock.open("w") as file:
        YAML(typ="safe").dump(content, file)
    chain.ours("status")
    assert chain.lock.stat().st_size > LEFT
    with full_disk(chain.folder, LEFT):
        line = refused(chain)
        assert line.startswith("dvc.lock: No space left on device; ")

        (chain.folder / "filler").unlink()
        require_completed(chain)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cache", "tmp"])
def test_a_read_only_folder_of_its_own_is_named_and_nothing_is_lost(chain, name):
    with read_only(chain.folder / ".dvc" / name):
        line = refused(chain)
    assert line.startswith(f".dvc/{name}/")
    assert ": Read-only file system; " in line
    require_completed(chain)


@pytest.mark.slow
def test_a_full_disk_of_what_it_knows_of_files_is_named(chain, tmp_path, monkeypatch):
    # On most systems a folder of /var.
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.setitem(os.environ, "DVC_SITE_CACHE_DIR", str(place))
    with full_disk(place):
        line = refused(chain)
        assert line.startswith(f"{place}: database or disk is full; 0 bytes are free there; ")

        (place / "filler").unlink()
        require_completed(chain)
