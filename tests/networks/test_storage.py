"""Networks on disk: one that isn't whole is refused. That a whole one comes back: test_result."""

import pytest

from resnet_depth.base.errors import UserError
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.networks.storage import load_network, save_network
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
