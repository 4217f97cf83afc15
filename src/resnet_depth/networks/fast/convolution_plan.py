"""A convolution taken apart into matrix products, from shapes alone; see `matrix_convolution`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

Pair = tuple[int, int]


@dataclass(frozen=True)
class Product:
    """Neighbouring pixels times the taps that lie on them: a part of one output position.

    Where the same taps lie on other pixels in the same way for other positions, one product does
    all of them: it is then repeated in each of the `repeats` equal parts of the map.

    Attributes:
        position: Index of the output position, row by row; in the first part.
        pixels: Of the flattened input map, likewise.
        taps: Of the flattened kernel; as many.
        repeats: In how many equal parts of input and output map.
        first: Whether it is the first one of its positions.
    """

    position: int
    pixels: slice
    taps: slice
    repeats: int
    first: bool


@dataclass(frozen=True)
class Plan:
    """The products that make up a convolution, and how many pixels and positions there are.

    Attributes:
        products: In order; the first one of a position comes before the others.
        pixels: Of the input map.
        positions: Of the output map.
    """

    products: tuple[Product, ...]
    pixels: int
    positions: int

    @property
    def is_single(self) -> bool:
        """Whether it is one product for one position."""
        return len(self.products) == self.positions == 1

    @cached_property
    def is_full(self) -> bool:
        """Whether every position meets every pixel."""
        lengths = [part.pixels.stop - part.pixels.start for part in self.products]
        met = sum(
            length * part.repeats for length, part in zip(lengths, self.products, strict=True)
        )
        return bool(met == self.pixels * self.positions)


# Index of an output position, of the first pixel and of the first tap of a run, and its length.
Run = tuple[int, int, int, int]


@cache
def plan_of(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Plan:
    """Return the products that make up a convolution; pairs are (height, width).

    Args:
        size: Of the input, in pixels.
        kernel: In taps.
        stride: In pixels.
        padding: In pixels, at each end; every output position meets a pixel.
    """
    rows, columns = output_size(size, kernel, stride, padding)
    pixels, positions = size[0] * size[1], rows * columns
    alike: dict[Pair, list[Run]] = {}
    for run in _runs(size, kernel, stride, padding):
        alike.setdefault(run[2:], []).append(run)
    repeated = [runs for runs in alike.values() if _repeat(runs, pixels, positions)]
    single = [[run] for runs in alike.values() if runs not in repeated for run in runs]
    products, begun = list[Product](), set[int]()
    for runs in sorted(repeated) + sorted(single):
        position, pixel, tap, length = runs[0]
        reached = {run[0] for run in runs}
        assert reached <= begun or reached.isdisjoint(begun)
        part = Product(
            position=position,
            pixels=slice(pixel, pixel + length),
            taps=slice(tap, tap + length),
            repeats=len(runs),
            first=reached.isdisjoint(begun),
        )
        products.append(part)
        begun |= reached
    return Plan(tuple(products), pixels, positions)


def _runs(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Iterator[Run]:
    """Yield what is a product of its own: pixels in a row, and the taps on them."""
    rows, columns = output_size(size, kernel, stride, padding)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride[0] - padding[0], column * stride[1] - padding[1]
            start, stop = max(left, 0), min(left + kernel[1], size[1])
            lines = range(max(top, 0), min(top + kernel[0], size[0]))
            # Rows met from end to end, by taps from end to end, follow each other in memory.
            joined = stop - start == size[1] == kernel[1]
            for line in lines[:1] if joined else lines:
                pixel, tap = line * size[1] + start, (line - top) * kernel[1] + start - left
                length = (stop - start) * (len(lines) if joined else 1)
                yield row * columns + column, pixel, tap, length


def _repeat(runs: list[Run], pixels: int, positions: int) -> bool:
    """Return whether runs with the same taps lie alike in as many equal parts of both maps."""
    count = len(runs)
    if count < 2 or pixels % count or positions % count:
        return False
    position, pixel, tap, length = runs[0]
    inside = position < positions // count and pixel + length <= pixels // count
    return inside and runs == [
        (position + part * positions // count, pixel + part * pixels // count, tap, length)
        for part in range(count)
    ]


def output_size(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """Return height and width of a convolution's output."""
    height, width = ((size[i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in range(2))
    return height, width
