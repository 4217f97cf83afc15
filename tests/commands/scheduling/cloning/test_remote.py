"""Single instances' inputs and outputs go through the remote, which may fail for a while."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.commands.scheduling.cloning import remote
from resnet_depth.commands.scheduling.cloning.remote import (
    bring,
    lacking,
    nowhere,
    patiently,
    remote_settings,
    send,
    sources,
)

ENTRIES = {
    "prepare": {"outs": [{"path": "data/images.npy"}, {"path": "data/labels.npy"}]},
    "train": {"outs": [{"path": "models/18"}]},
    "train again": {"outs": [{"path": "models/180"}]},
}


@pytest.mark.parametrize(
    ("deps", "found"),
    [
        (["data/images.npy", "src/code"], {"prepare": ["data/images.npy"]}),
        (["models"], {"train": ["models/18"], "train again": ["models/180"]}),
        (["models/18/record.json"], {"train": ["models/18"]}),
        (["models/18"], {"train": ["models/18"]}),
        (["params.yaml"], {}),
    ],
)
def test_a_dependency_is_found_among_the_outputs_of_others(deps, found):
    assert sources(ENTRIES, deps) == found


class Failing:
    """An action that fails so many times."""

    def __init__(self, times):
        self.left = times

    def __call__(self):
        self.left -= 1
        if self.left >= 0:
            raise ConnectionError("no\nroute")
        return "done"


def test_what_fails_for_a_moment_is_done_in_the_end(monkeypatch):
    monkeypatch.setattr(remote, "PAUSE", 0.01)

    assert patiently(Failing(3), patience=60) == "done"


def test_what_fails_for_good_is_told_in_one_line():
    with pytest.raises(UserError, match=r"^DVC's remote failed for 0 s: no route$"):
        patiently(Failing(1), patience=0)


def test_an_output_that_is_nowhere_is_named(toy):
    (stored,) = (toy.folder / ".dvc" / "cache" / "files").rglob(output_md5(toy)[2:])
    stored.unlink()
    (there,) = (toy.remote / "files").rglob(output_md5(toy)[2:])
    there.unlink()

    entry = toy.entries()["prepare@toy"]
    twin = {"outs": [{**entry["outs"][0], "path": "data/twin.txt"}]}
    both = ["data/prepared/toy.txt", "data/twin.txt"]
    assert lacking(toy.folder, [twin, entry], patience=0) == both
    assert nowhere(toy.folder, toy.entries()) == {"prepare@toy": "data/prepared/toy.txt"}
    with pytest.raises(UserError, match=r"data/prepared/toy\.txt: could not be sent"):
        send(toy.folder, ["prepare@toy"], patience=0)


def output_md5(toy):
    return toy.entries()["prepare@toy"]["outs"][0]["md5"]


def test_what_is_brought_is_put_where_the_stage_reads_it(toy):
    path = toy.folder / "data" / "prepared" / "toy.txt"
    text = path.read_text()
    path.unlink()

    bring(toy.folder, "train@toy-plain-18-0", toy.entries(), patience=0)

    assert path.read_text() == text


def test_secrets_stay_here(toy):
    toy.run("-m", "dvc", "remote", "add", "--local", "--force", "--default", "s", "s3://bucket/a")
    for name, value in (("endpointurl", "https://a"), ("secret_access_key", "x")):
        toy.run("-m", "dvc", "remote", "modify", "--local", "s", name, value)

    settings = remote_settings(toy.folder)

    assert settings["endpointurl"] == "https://a"
    assert not [name for name in settings if "key" in name]
