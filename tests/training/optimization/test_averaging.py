"""The average of the weights is torch's, and training doesn't notice it."""

import copy

import pytest
import torch
from given.small_network import recipe
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from resnet_depth.networks.compaction import compact
from resnet_depth.networks.fast.form import in_memory_order, to_fast_form
from resnet_depth.networks.prediction import Images, predict_logits
from resnet_depth.networks.shape import NetworkShape
from resnet_depth.networks.storage import load_network, save_network
from resnet_depth.training.initial import initial_network
from resnet_depth.training.optimization.averaging import Average
from resnet_depth.training.optimization.optimizer import make_optimizer

CPU = torch.device("cpu")
DECAY = 0.8


def fast_network(depth=18):
    return to_fast_form(compact(initial_network(depth, 10, "imagenet", 0), 32), 32, CPU)


def steps(network, count, first=0):
    """Train for some steps, yielding after each."""
    optimizer = make_optimizer(network, recipe(lr=1e-3, weight_decay=0, bias_lr_factor=1))
    network.train()
    for step in range(first, first + count):
        images = torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(step))
        cross_entropy(network(images), torch.arange(8)).backward()
        optimizer.step(1.0)
        yield step


@pytest.mark.parametrize("depth", [18, 50])
def test_the_average_is_torchs_bit_for_bit(depth):
    network = fast_network(depth)
    ours = Average(network, DECAY)
    theirs = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(DECAY), use_buffers=True)
    theirs.update_parameters(network)

    for _ in steps(network, 3):
        ours.update()
        theirs.update_parameters(network)

    expected, now = theirs.module.state_dict(), network.state_dict()
    for name, value in ours.state().items():
        if value.is_floating_point():
            assert torch.equal(value, expected[name]), name
            assert not torch.equal(value, now[name]), name


def test_an_update_keeps_the_decays_share():
    layer = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        average = Average(layer, 0.75)
        layer.weight.fill_(5.0)

    average.update()

    assert average.network.weight.item() == 0.75 * 1 + 0.25 * 5


def test_counts_of_batches_are_taken_over():
    network = fast_network()
    average = Average(network, 0.999)

    for _ in steps(network, 3):
        average.update()

    counts = [value for name, value in average.state().items() if "num_batches" in name]
    assert len(counts) == 20
    assert all(count == 3 for count in counts)


def test_training_ends_with_the_same_bytes_whether_or_not_it_is_averaged():
    averaged, plain = fast_network(), fast_network()
    average = Average(averaged, DECAY)
    images = Images(
        torch.zeros(2, 32, 32, 3, dtype=torch.uint8).numpy(), (0.5,) * 3, (1.0,) * 3, CPU
    )

    for _ in steps(averaged, 3):
        average.update()
        predict_logits(average.network, images, 2)
    for _ in steps(plain, 3):
        pass

    expected = plain.state_dict()
    for name, value in averaged.state_dict().items():
        assert torch.equal(value, expected[name]), name


def test_the_averaged_network_shares_no_memory_with_the_one_that_trains():
    network = fast_network()
    average = Average(network, DECAY)

    own = {value.data_ptr() for value in average.state().values()}
    assert own.isdisjoint(value.data_ptr() for value in network.state_dict().values())
    assert {id(each) for each in average.network.modules()}.isdisjoint(
        id(each) for each in network.modules()
    )


def test_the_averaged_network_computes_with_its_own_weights():
    network = fast_network()
    average = Average(network, DECAY)
    for _ in steps(network, 2):
        average.update()
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(9))

    reference = fast_network()
    reference.load_state_dict(average.state())

    assert torch.equal(average.network(images), reference.eval()(images))
    # In training it is one step of autograd a block, which holds its layers apart.
    again = copy.deepcopy(average.network).train()
    torch.testing.assert_close(again(images), reference.train()(images), rtol=0, atol=0)


def test_weights_keep_their_order_in_memory():
    network = fast_network()
    average = Average(network, DECAY)

    for name, value in network.state_dict().items():
        assert average.state()[name].stride() == value.stride(), name


def test_an_average_goes_on_from_its_state():
    network = fast_network()
    average = Average(network, DECAY)
    for _ in steps(network, 2):
        average.update()
    saved = {name: value.clone() for name, value in average.state().items()}

    other = Average(network, DECAY)
    with torch.no_grad():
        for name, target in other.state().items():
            in_memory_order(target).copy_(in_memory_order(saved[name]))
    for _ in steps(network, 1, first=2):
        average.update()
        other.update()

    for name, value in average.state().items():
        assert torch.equal(value, other.state()[name]), name


def test_the_averaged_network_is_saved_as_any_other(tmp_path):
    network = fast_network()
    average = Average(network, DECAY)
    for _ in steps(network, 1):
        average.update()

    save_network(average.network, tmp_path)

    loaded = load_network(tmp_path, NetworkShape(18, 10, "imagenet", 32)).state_dict()
    for name, value in average.state().items():
        assert torch.equal(value, loaded[name]), name
