"""Products of matrices by whichever of torch's two libraries is the faster on this processor.

torch.mm calls MKL, which on AMD's processors stays with 256-bit vectors. From Zen 5 (family 26) on
these have 512-bit ones in full, and oneDNN's products are twice as fast; before that, and on
Intel's, the two are about equal, and oneDNN needs copies that MKL doesn't. The choice is by the
processor's model, never by a timing, so that equal machines give equal bytes.
"""

from functools import cache

import torch
from torch import Tensor

from resnet_depth.machine.environment import cpuinfo, instruction_sets

# Maps of at least so many pixels are short of channels: a convolution's kernel suits them better.
LEAST_PIXELS_OF_A_CONVOLUTION = 16


@cache
def prefers_onednn() -> bool:
    """Return whether oneDNN's products are much faster than MKL's on this processor."""
    cpu = cpuinfo()
    wide = cpu.get("vendor_id") == "AuthenticAMD" and int(cpu.get("cpu family", 0)) >= 26
    return wide and "avx512f" in instruction_sets() and torch.backends.mkldnn.is_available()


def product(left: Tensor, right: Tensor) -> Tensor:
    """Return left (n, k) times the transpose of right (m, k): (n, m), without gaps in memory."""
    if torch.backends.mkldnn.is_available() and _suits_onednn(left):
        # Up to a quarter faster than torch.mm also where MKL isn't slow, as it takes no copies;
        # this is what torch's own compiler emits for a linear layer.
        return _by_onednn(left, right)
    return left @ right.t()


def add_product(target: Tensor, left: Tensor, right: Tensor, *, first: bool) -> None:
    """Add left (n, k) times the transpose of right (m, k) to a target (n, m); all may have gaps.

    The first product is written instead: what the target held is lost.
    """
    if prefers_onednn() and _suits_onednn(left):
        result = _by_onednn(left, right)
        target.copy_(result) if first else target.add_(result)
    elif first:
        torch.mm(left, right.t(), out=target)
    else:
        target.addmm_(left, right.t())


def product_over_rows(left: Tensor, right: Tensor, pixels: int = 1) -> Tensor:
    """Return the transpose of left (rows, n) times right (rows, m): (n, m), without gaps.

    Both have a row for each of the `pixels` of each image.
    """
    if not (prefers_onednn() and _suits_onednn(left)):
        return left.t() @ right
    if pixels >= LEAST_PIXELS_OF_A_CONVOLUTION:
        return _as_weight_gradient(left, right, pixels)
    # oneDNN wants its first factor's rows without gaps. To copy the other one instead, where that
    # is smaller, would leave a transposed result, which autograd copies.
    return _by_onednn(left.t().contiguous(), right.t())


def _suits_onednn(matrix: Tensor) -> bool:
    """Return whether oneDNN multiplies such matrices."""
    return matrix.device.type == "cpu" and matrix.dtype == torch.float32


def _by_onednn(left: Tensor, right: Tensor) -> Tensor:
    """Return left (n, k) times the transpose of right (m, k)."""
    # Gaps between the second factor's rows or columns make oneDNN a thousand times as slow.
    right = right.t().contiguous().t() if right.stride(0) == 1 else right.contiguous()
    result: Tensor = torch.ops.mkldnn._linear_pointwise(left, right, None, "none", [], "")
    return result


def _as_weight_gradient(left: Tensor, right: Tensor, pixels: int) -> Tensor:
    """Return leftᵀ right as the gradient by the weight of a 1×1 convolution from right to left."""
    outputs, inputs = left.shape[1], right.shape[1]
    gradient, maps = (
        matrix.reshape(-1, pixels, 1, matrix.shape[1]).permute(0, 3, 1, 2)
        for matrix in (left, right)
    )
    weight = maps.new_empty(1).expand(outputs, inputs, 1, 1)
    nothing, wanted = [0, 0], [False, True, False]
    by_weight: Tensor = torch.ops.aten.convolution_backward(
        gradient, maps, weight, None, [1, 1], nothing, [1, 1], False, nothing, 1, wanted
    )[1]
    return by_weight.view(outputs, inputs)
