"""Convolutions as matrix products: equal outputs and gradients, whatever the shape."""

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from resnet_depth.networks.fast.convolution import MatrixConvolution

CHANNELS_LAST = torch.channels_last


@st.composite
def cases(draw):
    """A convolution without bias and the side of a map that every output position meets."""
    size, kernel, stride = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    padding = draw(st.integers(0, (kernel - 1) // 2))
    assume(kernel <= size + 2 * padding)
    torch.manual_seed(draw(st.integers(0, 2**32 - 1)))
    inputs, outputs = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False).double()
    return layer.to(memory_format=CHANNELS_LAST), size


def results(layer, images):
    images = images.clone().requires_grad_()
    output = layer(images)
    factors = torch.randn(output.shape, generator=torch.Generator().manual_seed(1)).double()
    gradients = torch.autograd.grad((output * factors).sum(), (images, layer.weight))
    return output.detach(), *gradients


@settings(deadline=None, derandomize=True, max_examples=150)
@given(cases(), st.integers(1, 3), st.booleans())
def test_outputs_and_gradients_are_the_convolutions(case, count, channels_last):
    layer, size = case
    images = torch.randn(count, layer.in_channels, size, size).double()
    if channels_last:
        images = images.contiguous(memory_format=CHANNELS_LAST)

    expected, found = (results(form, images) for form in (layer, MatrixConvolution.of(layer)))

    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-12, atol=1e-12)


def test_the_weight_is_the_layers_own_and_its_gradient_lies_as_it_does():
    layer = nn.Conv2d(3, 4, 3, padding=1, bias=False).to(memory_format=CHANNELS_LAST)
    form = MatrixConvolution.of(layer)

    form(torch.randn(2, 3, 2, 2)).sum().backward()

    assert form.weight is layer.weight
    assert layer.weight.grad.stride() == layer.weight.stride()


def test_first_layers_get_no_gradient_of_the_images():
    form = MatrixConvolution.of(nn.Conv2d(3, 4, 3, padding=1, bias=False))
    images = torch.randn(2, 3, 2, 2)

    form(images).sum().backward()

    assert images.grad is None
