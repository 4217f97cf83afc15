"""Weights from outside: verified first, then opened, and written as what a training takes over."""

import hashlib
import io

import pytest
import torch
import torchvision
from given.data_sources import Host, serving
from safetensors.torch import load_file, save_file

from resnet_depth.base.errors import UserError
from resnet_depth.base.files import read_json, write_json
from resnet_depth.data.fetching.settings import Limits
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.start import start as starting
from resnet_depth.start.imagenet import imagenet_weights
from resnet_depth.start.settings import described_weights
from resnet_depth.start.start import weights_file, write_start
from resnet_depth.start.weights_file import UNKNOWN, WeightsFile
from resnet_depth.training.starting import read_start

SHAPE = NetworkShape(18, 1, "imagenet", 32)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.fixture(scope="module")
def state():
    """Weights of the names and shapes of ImageNet's, with 1000 classes."""
    torch.manual_seed(0)
    return torchvision.models.resnet18().state_dict()


@pytest.fixture(scope="module")
def content(state):
    """The file that torchvision's own are like."""
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def digest_of(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def wanted(digest, addresses=()):
    return WeightsFile("standin", "A stand-in", digest, MEAN, STD, addresses)


def write(folder, file, source=None, shape=SHAPE):
    limits = Limits(connect=0.8, stall=0.3)
    write_start(file, shape, source and str(source), folder / "part", folder / "out", limits)


def refusal(folder, *arguments, **options):
    """What it says; that nothing is written; and that it is told in one line."""
    with pytest.raises(UserError) as caught:
        write(folder, *arguments, **options)
    assert [path.name for path in folder.iterdir() if path.name.startswith("out")] == []
    (line,) = str(caught.value).splitlines()
    return line


def test_a_file_of_torchvisions_is_fetched_verified_and_written_for_training(
    state, content, tmp_path
):
    with serving(Host(content)) as host:
        write(tmp_path, wanted(digest_of(content), (host.address,)))

    start = read_start(tmp_path / "out")
    assert start.tensors.keys() == state.keys()
    assert all(torch.equal(start.tensors[name], state[name]) for name in state)
    assert start.normalisation == (MEAN, STD)
    assert start.record.digest == digest_of(content)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_file_of_safetensors_on_disk_does_as_well(state, tmp_path):
    save_file(state, tmp_path / "resnet18.safetensors")
    digest = digest_of((tmp_path / "resnet18.safetensors").read_bytes())

    write(tmp_path, wanted(digest), tmp_path / "{network}.safetensors")

    written = load_file(tmp_path / "out" / "model.safetensors")
    assert all(torch.equal(written[name], state[name]) for name in state)


def test_another_file_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    (tmp_path / "other").write_bytes(b"not what was meant")
    monkeypatch.setattr(starting, "read_tensors", None)

    said = refusal(tmp_path, wanted(f"sha256:{'a' * 64}"), tmp_path / "other")

    assert f"has the digest {digest_of(b'not what was meant')}, but A stand-in has" in said


def test_a_server_of_another_file_is_refused_by_its_name(tmp_path):
    with serving(Host(b"not what was meant")) as host, pytest.raises(UserError) as caught:
        write(tmp_path, wanted(f"sha256:{'a' * 64}", (host.address,)))

    assert host.address in str(caught.value)
    assert "STANDIN_SOURCE=<file or URL>" in str(caught.value)


def test_a_digest_that_is_not_known_yet_is_told_and_the_file_kept(content, tmp_path):
    with serving(Host(content)) as host:
        said = refusal(tmp_path, wanted("sha256:", (host.address,)))
        asked = len(host.requests)
        write(tmp_path, wanted(digest_of(content), (host.address,)))

    assert (
        f"weights.standin.digests has null; if this is A stand-in, write '{digest_of(content)}'"
        in said
    )
    assert len(host.requests) == asked


class Calling:
    """What a pickle would call when it is read."""

    def __reduce__(self):
        return print, ("called",)


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def test_a_pickle_that_calls_something_is_refused_and_calls_nothing(tmp_path, capsys):
    evil = saved({"conv1.weight": Calling()})
    (tmp_path / "evil.pth").write_bytes(evil)

    said = refusal(tmp_path, wanted(digest_of(evil)), tmp_path / "evil.pth")

    assert "A stand-in: no readable weights" in said
    assert "called" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda content, _: content[: len(content) // 2], "no readable weights"),
        (lambda *_: b"", "no readable weights"),
        (lambda *_: saved([1, 2]), "holds no state dict"),
        (
            lambda _, state: saved({**state, "fc.bias": state["fc.bias"] * torch.nan}),
            "fc.bias has numbers that aren't finite",
        ),
        (
            lambda *_: saved(torchvision.models.resnet34().state_dict()),
            "which the network hasn't",
        ),
    ],
    ids=["truncated", "empty", "a list", "NaN", "another depth"],
)
def test_weights_that_cannot_be_used_are_one_line(content, state, tmp_path, edit, words):
    damaged = edit(content, state)
    (tmp_path / "weights.pth").write_bytes(damaged)

    assert words in refusal(tmp_path, wanted(digest_of(damaged)), tmp_path / "weights.pth")


def test_a_place_that_is_not_there_is_one_line(tmp_path):
    said = refusal(tmp_path, wanted(f"sha256:{'a' * 64}"), tmp_path / "nowhere.pth")

    assert said.startswith(f"STANDIN_SOURCE={tmp_path}/nowhere.pth: no such file")
    assert "set STANDIN_SOURCE" in refusal(tmp_path, wanted(f"sha256:{'a' * 64}"))


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_imagenet_is_what_torchvision_says(depth):
    theirs = torchvision.models.get_model_weights(f"resnet{depth}")["IMAGENET1K_V1"]

    ours = imagenet_weights(depth)

    assert ours.addresses == (theirs.url,)
    assert theirs.url.endswith(f"resnet{depth}-{ours.digest.removeprefix('sha256:')}.pth")
    assert (ours.channel_mean, ours.channel_std) == (MEAN, STD)


def test_of_a_digest_that_is_known_in_part_that_part_is_checked(content, tmp_path):
    (tmp_path / "weights.pth").write_bytes(content)
    digest = digest_of(content)

    said = refusal(tmp_path, imagenet_weights(18), tmp_path / "weights.pth")
    write(tmp_path, wanted(digest[: len("sha256:") + 8]), tmp_path / "weights.pth")

    assert f"has the digest {digest}, but torchvision's" in said
    assert read_start(tmp_path / "out").record.digest == digest


@pytest.fixture
def described(tmp_path):
    """A settings file with an entry of weights, and what the stage `recipe` writes of it."""
    entry = {"title": "T", "digests": {"resnet18": None}, "channel_mean": [0, 0, 0]}
    entry |= {"channel_std": [1, 1, 1], "hosts": ["http://127.0.0.1:9/{network}"]}
    params, described = tmp_path / "params.yaml", tmp_path / "mine.json"
    write_json(params, {"weights": {"mine": entry}})  # JSON is YAML.
    write_json(described, described_weights(params, "mine"))
    return params, described


def test_a_file_is_what_its_entry_describes_at_the_hosts_of_the_settings(described):
    params, written = described
    file = weights_file("mine", written, params, 18)

    assert "hosts" not in read_json(written)
    assert (file.title, file.digest, file.channel_std) == ("T", UNKNOWN, (1, 1, 1))
    assert file.addresses == ("http://127.0.0.1:9/resnet18",)


def test_what_has_a_meaning_of_its_own_has_no_entry(tmp_path):
    assert described_weights(tmp_path / "no file", "none") == {}
    assert described_weights(tmp_path / "no file", "imagenet") == {}


def test_an_entry_without_a_depth_is_refused_by_name(described):
    params, written = described

    with pytest.raises(UserError, match=r"weights\.mine\.digests lacks resnet34"):
        weights_file("mine", written, params, 34)
