"""The loss is torch's cross-entropy, of hard, smoothed and mixed labels."""

import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from resnet_depth.training.loss import Mixture, loss_and_right

SMOOTHINGS = [0.0, 0.1, 0.4]


@pytest.fixture
def batch():
    """Return logits of 64 images, with a gradient to come, and their labels."""
    source = torch.Generator().manual_seed(0)
    logits = torch.randn(64, 10, generator=source).requires_grad_()
    return logits, torch.randint(10, (64,), generator=source)


@pytest.fixture
def mixing():
    source = torch.Generator().manual_seed(1)
    share = torch.rand(64, generator=source)
    share[:3] = torch.tensor([0.0, 1.0, 0.5])
    return Mixture(torch.randint(10, (64,), generator=source), share)


def gradient(loss, logits):
    return torch.autograd.grad(loss, logits)[0]


def test_without_smoothing_the_loss_is_bit_for_bit_torchs_of_two_arguments(batch):
    logits, labels = batch

    loss, _ = loss_and_right(logits, labels)

    expected = cross_entropy(logits, labels)
    assert torch.equal(loss, expected)
    assert torch.equal(gradient(loss, logits), gradient(expected, logits))


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_with_smoothing_the_loss_is_torchs(batch, smoothing):
    logits, labels = batch

    loss, _ = loss_and_right(logits, labels, smoothing)

    assert torch.equal(loss, cross_entropy(logits, labels, label_smoothing=smoothing))


def test_smoothing_gives_all_classes_their_share_of_the_target():
    loss, _ = loss_and_right(torch.tensor([[2.0, 0.0]]), torch.tensor([0]), smoothing=0.2)

    # The target is 0.9 and 0.1; log-probabilities are -0.1269 and -2.1269.
    assert float(loss) == pytest.approx(0.9 * 0.126928 + 0.1 * 2.126928, abs=1e-6)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_the_loss_of_mixed_labels_is_torchs_against_their_distribution(batch, mixing, smoothing):
    logits, labels = batch
    share = mixing.share[:, None]
    target = share * one_hot(labels, 10) + (1 - share) * one_hot(mixing.other, 10)

    loss, _ = loss_and_right(logits, labels, smoothing, mixing)

    expected = cross_entropy(logits, target, label_smoothing=smoothing)
    torch.testing.assert_close(loss, expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(
        gradient(loss, logits), gradient(expected, logits), rtol=1e-5, atol=1e-8
    )


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_images_mixed_with_nothing_have_the_loss_and_the_number_right_of_their_own(
    batch, mixing, smoothing
):
    logits, labels = batch

    mixed = loss_and_right(
        logits, labels, smoothing, mixing._replace(share=torch.ones_like(mixing.share))
    )

    loss, right = loss_and_right(logits, labels, smoothing)
    torch.testing.assert_close(mixed[0], loss)
    assert mixed[1] == right


def test_the_number_right_is_whole_and_counted_without_a_gradient(batch):
    logits, labels = batch

    _, right = loss_and_right(logits, labels, 0.1)

    assert right.dtype == torch.float32
    assert not right.requires_grad
    assert float(right) == int((logits.argmax(1) == labels).sum())


def test_the_number_right_is_exact_in_the_largest_batch():
    labels = torch.zeros(65536, dtype=torch.int64)
    logits = torch.tensor([[1.0, 0.0]]).expand(65536, 2)

    _, right = loss_and_right(logits, labels)

    assert float(right) == 65536


def test_a_mixed_image_is_right_by_the_share_of_the_label_that_is_named():
    logits = torch.tensor([[1.0, 0.0, 0.0]]).expand(4, 3)
    labels, other = torch.tensor([0, 1, 0, 1]), torch.tensor([1, 0, 0, 2])

    _, right = loss_and_right(
        logits, labels, mixing=Mixture(other, torch.tensor([0.75, 0.75, 0.3, 0.5]))
    )

    # The first label; the other; both; neither.
    assert float(right) == 0.75 + 0.25 + 1 + 0
