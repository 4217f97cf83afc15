"""A trained network as an ONNX file: from an image's bytes to logits, in one graph.

The input is what an image is once it is decoded: uint8, (images, height, width, channels), so that
nobody has to know mean and deviation; a Transpose and a Cast bring it into the network's order.
How many images come at once is left open.

The nodes are written from the network's own layers, which are few kinds in a fixed order, and have
their names. `torch.onnx.export` gives the same graph, but needs a tracer, a compiler's packages and
seconds to start, and leaves paths of the machine's files in it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from resnet_depth.base.files import replacing_file
from resnet_depth.deployment.folding import without_batch_norm
from resnet_depth.deployment.session import INPUT, OUTPUT
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import STAGES, PlacedConvolution, ResNet, placed_convolutions

# The first with scaling that averages, and old enough for every runtime of the last years.
OPSET, IR_VERSION = 18, 8
# What network input is called where it is scaled.
SCALED = "scaled"
CHANNELS = 3


def onnx_model(
    network: ResNet,
    image_size: int,
    pixels: int,
    mean: Sequence[float],
    std: Sequence[float],
) -> onnx.ModelProto:
    """Return a network as an ONNX model; equal networks give equal bytes.

    Args:
        network: Full, compact or pruned, on the CPU and in evaluation mode; left as it was.
        image_size: Pixels a side of network input.
        pixels: Pixels a side of the images that the model takes. Where that is another number they
            are scaled as in training, see `networks.prediction.Images.normalize`.
        mean: Of each channel, as fractions of 255.
        std: Likewise. A channel that never varies (0) is centred, not scaled.

    Returns:
        A model that maps `pixels`, uint8 (n, pixels, pixels, 3), to `logits`, float32 (n, classes).
    """
    folded = compact(without_batch_norm(network, image_size), image_size)
    places = {place.name: place for place in placed_convolutions(folded, image_size)}
    graph = _Graph()
    x = graph.add("Transpose", "planes", INPUT, perm=[0, 3, 1, 2])
    x = graph.add("Cast", "numbers", x, to=TensorProto.FLOAT)
    centre = np.multiply(mean, 255).astype(np.float32)
    x = graph.add("Sub", "centred", x, graph.constant("mean", centre.reshape(1, -1, 1, 1)))
    if pixels != image_size:
        # A little more than the ratio, since the product with `pixels` is rounded down.
        ratio = np.nextafter(np.float32(image_size / pixels), np.float32(np.inf))
        scales = graph.constant("scales", np.array([1, 1, ratio, ratio], np.float32))
        # At the border as torch and Pillow do: by the pixels that there are, none repeated.
        options = {"mode": "linear", "antialias": 1, "exclude_outside": 1}
        x = graph.add("Resize", SCALED, x, "", scales, **options)
    # The first convolution divides by the deviation too, which saves a pass over all pixels.
    scale = np.array([255 * (value or 1.0) for value in std], np.float32)
    x = graph.convolution(places["conv1"], x, rectified=True, input_scale=scale)
    if isinstance(folded.maxpool, nn.MaxPool2d):
        x = graph.add("MaxPool", "maxpool", x, **_window(folded.maxpool))
    for stage in STAGES:
        for index in range(len(getattr(folded, stage))):
            x = graph.block(f"{stage}.{index}", places, x)
    if x not in graph.flat:
        x = graph.add("Flatten", "features", graph.add("GlobalAveragePool", "avgpool", x))
    weights = [graph.constant(f"fc.{name}", _array(value)) for name, value in _of(folded.fc)]
    graph.add("Gemm", OUTPUT, x, *weights, transB=1)
    images = helper.make_tensor_value_info(
        INPUT, TensorProto.UINT8, ["images", pixels, pixels, CHANNELS]
    )
    logits = helper.make_tensor_value_info(
        OUTPUT, TensorProto.FLOAT, ["images", folded.fc.out_features]
    )
    made = helper.make_graph(graph.nodes, "resnet", [images], [logits], graph.weights)
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(made, opset_imports=opset, ir_version=IR_VERSION)


def write_onnx(model: onnx.ModelProto, path: Path) -> None:
    """Write a model without what doesn't belong to the function: who made it, notes, properties."""
    for field in ("producer_name", "producer_version", "domain", "doc_string", "metadata_props"):
        model.ClearField(field)
    for part in (model.graph, *model.graph.node, *model.graph.initializer):
        part.ClearField("doc_string")
    with replacing_file(path) as temporary:
        temporary.write_bytes(model.SerializeToString(deterministic=True))


class _Graph:
    """Nodes in order, each named as its output, and the constants that they read.

    Maps of a single pixel are `flat`, of shape (n, channels), and convolutions to them matrix
    products: of all images at once, where a convolution would take each image alone.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.flat: set[str] = set()

    def add(self, kind: str, output: str, *inputs: str, **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        if kind == "Flatten" or self.flat.intersection(inputs):
            self.flat.add(output)
        return output

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Append a constant and return its name."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolution(
        self,
        place: PlacedConvolution,
        x: str,
        *,
        rectified: bool,
        input_scale: NDArray[np.float32] | None = None,
    ) -> str:
        """Append a convolution with bias of what is `input_scale` times too large; maybe a ReLU."""
        name, layer = place.name, place.layer
        kernel, bias = (_array(value) for _, value in _of(layer))
        if input_scale is not None:
            kernel = kernel / input_scale[:, None, None]
        if place.output_size == 1:
            kernel = kernel.reshape(len(kernel), -1)
        weights = self.constant(f"{name}.weight", kernel), self.constant(f"{name}.bias", bias)
        if place.output_size == 1:
            y = self.add("Gemm", name, self._flattened(place, x), *weights, transB=1)
        else:
            y = self.add("Conv", name, x, *weights, **_window(layer))
        return self.add("Relu", f"{name}.relu", y) if rectified else y

    def _flattened(self, place: PlacedConvolution, x: str) -> str:
        """Return what a convolution to a single pixel meets, of shape (n, channels · taps)."""
        if x in self.flat:
            return x
        taps = place.layer.kernel_size
        if taps != (place.input_size, place.input_size):
            ends = [("starts", (0, 0)), ("ends", taps), ("axes", (2, 3))]
            given = [
                self.constant(f"{place.name}.{end}", np.array(values, np.int64))
                for end, values in ends
            ]
            x = self.add("Slice", f"{place.name}.met", x, *given)
        return self.add("Flatten", f"{place.name}.flat", x)

    def block(self, name: str, places: Mapping[str, PlacedConvolution], x: str) -> str:
        """Append a residual block."""
        parts = [f"{name}.{part}" for part in ("conv1", "conv2", "conv3")]
        *inner, last = [part for part in parts if part in places]
        y = x
        for part in inner:
            y = self.convolution(places[part], y, rectified=True)
        y = self.convolution(places[last], y, rectified=False)
        if projection := places.get(f"{name}.downsample.0"):
            x = self.convolution(projection, x, rectified=False)
        return self.add("Relu", name, self.add("Add", f"{name}.add", y, x))


def _of(layer: nn.Conv2d | nn.Linear) -> list[tuple[str, Tensor]]:
    """Return a layer's weight and bias by name."""
    assert layer.bias is not None
    return [("weight", layer.weight), ("bias", layer.bias)]


def _array(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().contiguous().numpy()
    return array


def _window(layer: nn.Conv2d | nn.MaxPool2d) -> dict[str, list[int]]:
    """Return kernel, stride and padding as ONNX has them: padding before both, then behind."""
    kernel, strides, padding = (
        [value, value] if isinstance(value, int) else [int(side) for side in value]
        for value in (layer.kernel_size, layer.stride, layer.padding)
    )
    return {"kernel_shape": kernel, "strides": strides, "pads": [*padding, *padding]}
