"""Muon: momentum, made half-orthogonal, for the weights of convolutions seen as matrices.

K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024),
https://kellerjordan.github.io/posts/muon/; for convolutions as in `airbench94_muon.py` of
https://github.com/KellerJordan/cifar10-airbench, whose weights keep their norm too.

A gradient's matrix has few large singular values; with all of them near 1, a step moves every
direction of the layer alike. What that costs doesn't grow with the batch: it belongs to large ones.
"""

import torch
from torch import Tensor

from resnet_depth.networks.fast.form import in_memory_order

# Of the polynomial a x + b x³ + c x⁵, by Jordan et al.: as steep at 0 as can be, so that few
# iterations do, at the price of an end that only lies near 1.
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
# As many as airbench94_muon.py takes. Singular values of at least 0.018 of the Frobenius norm end
# in [0.68, 1.21]; smaller ones are multiplied by 41 at most.
ITERATIONS = 3
# Of the matrices that are worth the iteration, see `suits_muon`.
LARGEST_SIDE = 256
# A squared norm below which a gradient is as good as zero.
NEGLIGIBLE = 1e-20


def short_side(weight: Tensor) -> int:
    """Return the shorter side of a convolution's weight as a matrix (outputs, inputs · taps)."""
    return min(len(weight), weight[0].numel())


def suits_muon(parameter: Tensor) -> bool:
    """Return whether Muon moves a parameter: a convolution's weight with few outputs or inputs.

    The iteration takes time with the square and the cube of a matrix's shorter side, so that it
    is that side which may have 256 numbers at most. This keeps the stem and layers 1 to 3, and
    leaves out layer 4. (A projection may lie on the other side: that of layer 4 in ResNet-18 and
    34 is in, that of layer 3 from ResNet-50 on out.)

    At 32×32 pixels with the ImageNet stem, layer 4 sees one pixel of each image. Of the operations
    of a step with 512 images, the iteration is 5 % in ResNet-18 and 6 % in ResNet-50; with layer 4
    it would be 16 % and 27 %.
    """
    return parameter.dim() == 4 and short_side(parameter) <= LARGEST_SIDE


class Muon:
    """An update of weights whose matrices share the shorter side, so that they can go together.

    Each step is as long as `rate` times the weight's first Frobenius norm, and to that norm the
    weight is brought back before the step: what follows is a batch norm, so that a weight's length
    shows in nothing but the angle that a step turns it by. Norms are of live taps.
    """

    def __init__(self, weights: dict[str, Tensor], rate: float, momentum: float) -> None:
        """Start at rest.

        Args:
            weights: Of convolutions, by name, each contiguous or with channels last; of one
                `short_side`; in place ever after.
            rate: A step's length, as a share of the weight's first norm.
            momentum: Nesterov's, in [0, 1).
        """
        self.parameters = list(weights.values())
        self._names, self._rate, self._momentum = list(weights), rate, momentum
        matrices = [in_memory_order(each.detach()).flatten(1) for each in self.parameters]
        self._momenta = [torch.zeros_like(matrix) for matrix in matrices]
        self._norms = torch.stack(torch._foreach_norm(matrices))
        self._weights = [_wide(matrix) for matrix in matrices]

    def step(self, gradients: list[Tensor], factor: float) -> None:
        """Move the weights; see `optimizer.Update`."""
        matrices = [gradient.flatten(1) for gradient in gradients]
        # Momentum as a mean rather than a sum: the direction is the same, and only that counts.
        torch._foreach_lerp_(self._momenta, matrices, 1 - self._momentum)
        torch._foreach_lerp_(matrices, self._momenta, self._momentum)
        ahead = [_wide(matrix) for matrix in matrices]
        # Products along the long side go one by one, each enough for all threads; the others, of
        # small squares, together.
        grams = torch.stack([matrix @ matrix.t() for matrix in ahead])
        roots = inverse_roots(grams)
        # The norms of what the roots make of `ahead`, found without making it.
        lengths = (torch.bmm(roots, grams) * roots).sum((1, 2)).clamp_min(NEGLIGIBLE).sqrt()
        roots *= (self._norms * (-self._rate * factor) / lengths)[:, None, None]
        stretches = self._norms / torch.stack(torch._foreach_norm(self._weights))
        for weight, stretch, root, matrix in zip(
            self._weights, stretches, roots, ahead, strict=True
        ):
            weight.mul_(stretch).addmm_(root, matrix)

    def state(self) -> dict[str, Tensor]:
        """Return first norms and momenta; see `optimizer.Update`."""
        momenta = zip(self._names, self._momenta, strict=True)
        norms = zip(self._names, self._norms, strict=True)
        return {
            **{f"momentum.{name}": value for name, value in momenta},
            **{f"norm.{name}": value for name, value in norms},
        }


def inverse_roots(grams: Tensor) -> Tensor:
    """Return the inverse square roots of Gram matrices, up to the iteration's error.

    Of a matrix X with singular values S in U S Vᵀ, the half-orthogonal matrix U Vᵀ nearest to it
    is (X Xᵀ)^(-1/2) X. The Newton-Schulz iteration X ← a X + b (X Xᵀ) X + c (X Xᵀ)² X, which begins
    with X over its Frobenius norm, is done here on X Xᵀ alone: it is smaller than X, and symmetric
    like all that is made of it.

    Args:
        grams: X Xᵀ of matrices X with rows no longer than columns, shape (n, rows, rows).

    Returns:
        Matrices R, shape (n, rows, rows), such that R X is X with each singular value near 1;
        see `ITERATIONS` for how near.
    """
    a, b, c = COEFFICIENTS
    squares = grams.diagonal(dim1=1, dim2=2).sum(-1)[:, None, None].clamp_min(NEGLIGIBLE)
    gram, roots = grams / squares, squares.rsqrt()
    for iteration in range(ITERATIONS):
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        polynomial.diagonal(dim1=1, dim2=2).add_(a)
        roots = polynomial * roots if iteration == 0 else torch.bmm(polynomial, roots)
        if iteration + 1 < ITERATIONS:
            gram = torch.bmm(torch.bmm(polynomial, gram), polynomial)
    return roots


def _wide(matrix: Tensor) -> Tensor:
    """Return the matrix, or its transpose if that has the shorter columns."""
    return matrix.t() if len(matrix) > matrix.shape[1] else matrix
