"""A network's ONNX file in 8-bit integers, by ONNX Runtime's static quantization.

Activations are uint8, with a range seen on training images; weights int8 from -64 to 64, with a
scale for each output channel. Nagel et al., "A White Paper on Neural Network Quantization" (2021),
arXiv:2106.08295, sections 2 and 3, tell what that does. Scaling at run time instead (dynamic) and
int8 activations were slower on the processors tried.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from resnet_depth.base.faults import naming
from resnet_depth.deployment.onnx_graph import SCALED
from resnet_depth.deployment.session import INPUT

# Bounds the memory of calibration, which keeps the ranges of all activations of a batch.
IMAGES_AT_ONCE = 64
# What tells the quantizer that shapes are known and nothing is left to fuse, as it then needn't
# advise to see to that first; it is gone from the result.
_READY = ("onnx.quant.pre_process", "onnxruntime.quant")


def spread_sample(images: int, wanted: int) -> NDArray[np.int64]:
    """Return the indices of `wanted` of so many images, of all if there are fewer, ascending.

    They lie evenly over all: where images are ordered by class, each class has its share.
    """
    count = min(images, wanted)
    return np.arange(count) * images // count


def quantized(model: onnx.ModelProto, images: NDArray[np.uint8]) -> onnx.ModelProto:
    """Return a model, as `onnx_model` makes it, whose layers compute in 8-bit integers.

    `images`, uint8 (n, pixels, pixels, 3), decide the activations' ranges: the least and the
    largest value that each took.
    """
    ready = onnx.ModelProto()
    ready.CopyFrom(model)
    onnx.helper.set_model_props(ready, dict([_READY]))
    with tempfile.TemporaryDirectory() as folder, naming(Path(folder)):
        path = Path(folder) / "int8.onnx"
        quantize_static(
            ready,
            path,
            _Batches(images),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # x86 processors without VNNI add two products in 16 bits, which those of 8 bits by 8
            # overflow (VPMADDUBSW): answers would depend on where they are asked for.
            reduce_range=True,
            # What comes before the first layer is exact, and costs little.
            nodes_to_exclude=[SCALED],
        )
        return onnx.load(path)


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    """Images batch by batch, as the quantizer asks for them."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._batches: Iterator[NDArray[np.uint8]] = (
            images[start : start + IMAGES_AT_ONCE]
            for start in range(0, len(images), IMAGES_AT_ONCE)
        )

    def get_next(self) -> Mapping[str, NDArray[np.uint8]] | None:
        """Return the model's next input; None behind the last."""
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}
