"""Networks on disk: one that isn't whole is refused. That a whole one comes back: test_result."""

import pytest
import torch
from given.narrow_network import narrow

from resnet_depth.base.errors import UserError
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.networks.storage import load_network, save_network, stored_bytes
from resnet_depth.training.initial import initial_network


@pytest.mark.parametrize("damage", ["remove", "truncate"])
def test_a_damaged_network_is_one_clear_line(tmp_path, damage):
    save_network(compact(initial_network(18, 10, "imagenet", seed=0), 32), tmp_path)
    weights = tmp_path / "model.safetensors"
    if damage == "remove":
        weights.unlink()
    else:
        weights.write_bytes(weights.read_bytes()[:1000])

    with pytest.raises(UserError, match=r"no readable network .*; repeat 'dvc repro'") as caught:
        load_network(tmp_path, NetworkShape(18, 10, "imagenet", 32))

    assert "\n" not in str(caught.value)


SHAPE = NetworkShape(18, 10, "imagenet", 32)


def narrow_network(depth):
    return narrow(compact(initial_network(depth, 10, "imagenet", seed=0), 32)).eval()


@pytest.mark.parametrize("depth", [18, 50])
def test_a_network_with_fewer_channels_comes_back_with_the_same_outputs(tmp_path, depth):
    network = narrow_network(depth)
    images = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    save_network(network, tmp_path)
    found = load_network(tmp_path, NetworkShape(depth, 10, "imagenet", 32))

    assert found.layer1[0].conv1.out_channels == found.layer1[0].bn1.num_features == 24
    for name, value in network.state_dict().items():
        assert torch.equal(found.state_dict()[name], value), name
    with torch.inference_mode():
        expected = network(images)
        assert (found(images) - expected).norm() < 1e-6 * expected.norm()


def test_the_size_of_a_file_is_known_before_it_is_written(tmp_path):
    network = narrow_network(18)

    save_network(network, tmp_path)

    assert (tmp_path / "model.safetensors").stat().st_size == stored_bytes(network)


@pytest.mark.parametrize(
    ("place", "cut", "named"),
    [
        ("layer1.0.conv2.weight", lambda weight: weight[:, :20], "layer1.0.conv2.weight"),
        ("layer1.0.bn1.running_mean", lambda mean: mean[:20], "layer1.0.bn1.running_mean"),
        ("layer2.1.conv2.weight", lambda weight: weight[:20], "layer2.1.conv2.weight"),
        ("layer2.0.downsample.0.weight", lambda weight: weight[:20], "layer2.0.downsample.0.wei"),
        ("layer1.0.conv1.weight", lambda weight: weight[:0], "layer1.0.conv1.weight"),
        ("conv1.weight", lambda weight: weight[:, :, :3, :3], "conv1.weight"),
        ("fc.weight", lambda weight: weight[:5], "fc.weight"),
        ("layer4.0.conv1.weight", lambda _: torch.tensor(1.0), "layer4.0.conv1.weight"),
    ],
)
def test_channels_that_do_not_fit_together_are_one_line_that_names_the_tensor(
    tmp_path, place, cut, named
):
    network = narrow_network(18)
    owner, _, name = place.rpartition(".")
    layer = network.get_submodule(owner)
    tensors = layer._parameters if name in layer._parameters else layer._buffers
    tensors[name] = cut(tensors[name].detach()).clone()
    save_network(network, tmp_path)

    with pytest.raises(UserError, match="no readable network") as caught:
        load_network(tmp_path, SHAPE)

    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tensor_that_is_missing_is_named(tmp_path):
    network = narrow_network(18)
    del network.layer3[0].conv1.weight
    save_network(network, tmp_path)

    with pytest.raises(UserError, match=r"Missing key.*layer3\.0\.conv1\.weight"):
        load_network(tmp_path, SHAPE)
