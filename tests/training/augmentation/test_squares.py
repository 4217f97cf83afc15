"""Which pixels a square covers."""

import torch

from resnet_depth.training.augmentation.squares import squares


def test_a_square_lies_around_its_centre_and_is_cut_off_at_the_border():
    centres, sides = torch.tensor([[0, 3, 2], [4, 1, 2]]), torch.tensor([3, 2, 0])

    square = squares(centres, sides, (4, 5))
    found = square[..., 0].tolist()

    # Around (0, 4), 3 pixels a side; with (3, 1) right and below of the middle, 2 a side; none.
    assert found[0] == [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [0] * 5, [0] * 5]
    assert found[1] == [[0] * 5, [0] * 5, [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]]
    assert found[2] == [[0] * 5] * 4
    # For each channel the same.
    assert torch.equal(square, square[..., :1].expand(3, 4, 5, 3))
