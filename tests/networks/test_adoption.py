"""Trained weights in another network: those that fit, or an error that says which don't."""

import pytest
import torch

from resnet_depth.base.errors import UserError
from resnet_depth.networks.adoption import adopt
from resnet_depth.networks.compaction import compact
from resnet_depth.training.initial import initial_network


@pytest.fixture(scope="module")
def theirs():
    return initial_network(18, 10, "imagenet", seed=1)


def network(**changes):
    return initial_network(**{"depth": 18, "classes": 10, "stem": "imagenet", "seed": 0} | changes)


def test_a_whole_network_comes_out_equal(theirs):
    ours = network()

    assert adopt(ours, theirs.state_dict(), 32, "theirs") == ()

    assert all(torch.equal(ours.state_dict()[k], v) for k, v in theirs.state_dict().items())


def test_live_taps_alone_give_the_same_outputs(theirs):
    ours, images = network().eval(), torch.rand(2, 3, 32, 32)

    assert adopt(ours, compact(theirs, 32).state_dict(), 32, "theirs") == ()

    assert torch.allclose(ours(images), theirs.eval()(images), atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "layers"),
    [({"classes": 3}, ("fc",)), ({"stem": "half"}, ("conv1",))],
)
def test_what_has_another_shape_stays_as_it_was_and_is_named(theirs, changes, layers):
    ours, before = network(**changes), network(**changes).state_dict()

    assert adopt(ours, theirs.state_dict(), 32, "theirs") == layers

    for name, value in ours.state_dict().items():
        expected = before if name.startswith(layers) else theirs.state_dict()
        assert torch.equal(value, expected[name]), name


def test_norms_need_not_say_how_many_batches_they_have_seen(theirs):
    state = {k: v for k, v in theirs.state_dict().items() if "num_batches" not in k}

    assert adopt(network(), state, 32, "theirs") == ()


def without(name):
    return lambda state: state.pop(name)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (without("layer2.0.bn1.weight"), "theirs: lacks layer2.0.bn1.weight"),
        (without("fc.bias"), "theirs: lacks fc.bias"),
        (lambda state: state.update(head=torch.ones(1)), "theirs: has head, which"),
        (
            lambda state: state.update({"layer3.0.conv1.weight": torch.ones(256, 128, 5, 5)}),
            r"layer3.0.conv1.weight has the shape \[256, 128, 5, 5\], the network's is",
        ),
    ],
)
def test_nothing_else_is_passed_over(theirs, edit, words):
    ours, state = network(), dict(theirs.state_dict())
    edit(state)

    with pytest.raises(UserError, match=words):
        adopt(ours, state, 32, "theirs")

    assert torch.equal(ours.conv1.weight, network().conv1.weight)
