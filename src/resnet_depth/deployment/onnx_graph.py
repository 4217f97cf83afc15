"""A trained network as an ONNX file: from an image's bytes to logits, in one graph.

The input is what an image is once it is decoded: uint8, (images, height, width, channels), so that
nobody has to know mean and deviation; a Transpose and a Cast bring it into the network's order.
How many images come at once is left open.

Nodes are written layer by layer, as torch.fx traces the network, and have the layers' names.
docs/performance.md tells why not by `torch.onnx.export`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, fx, nn
from torch.fx.experimental.optimization import fuse
from torch.fx.passes.shape_prop import ShapeProp

from resnet_depth.base.files import replacing_file
from resnet_depth.deployment.session import INPUT, OUTPUT
from resnet_depth.networks.compaction import compact
from resnet_depth.networks.resnet import ResNet

# The first with scaling that averages, and old enough for every runtime of the last years.
OPSET, IR_VERSION = 18, 8
# What network input is called where it is scaled.
SCALED = "scaled"
CHANNELS = 3


def onnx_model(
    network: ResNet, image_size: int, pixels: int, mean: Sequence[float], std: Sequence[float]
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
    graph = _Graph()
    x = graph.add("Transpose", "planes", INPUT, perm=[0, 3, 1, 2])
    x = graph.add("Cast", "numbers", x, to=TensorProto.FLOAT)
    centre = torch.tensor([255 * value for value in mean]).view(1, -1, 1, 1)
    x = graph.add("Sub", "centred", x, graph.constant("mean", centre))
    if pixels != image_size:
        # A little more than the ratio, since the product with `pixels` is rounded down.
        ratio = np.nextafter(np.float32(image_size / pixels), np.float32(np.inf))
        scales = graph.constant("scales", torch.tensor([1, 1, ratio, ratio]))
        # At the border as torch and Pillow do: by the pixels that there are, none repeated.
        options = {"mode": "linear", "antialias": 1, "exclude_outside": 1}
        x = graph.add("Resize", SCALED, x, "", scales, **options)
    traced = fuse(compact(network, image_size), inplace=True)
    assert isinstance(traced, fx.GraphModule)
    # The first convolution divides by the deviation too, which saves a pass over all pixels.
    deviation = torch.tensor([255 * (value or 1.0) for value in std]).view(-1, 1, 1)
    traced.get_parameter("conv1.weight").data.div_(deviation)
    ShapeProp(traced).propagate(torch.zeros(1, CHANNELS, image_size, image_size))
    graph.add_layers(traced, x)
    images = helper.make_tensor_value_info(
        INPUT, TensorProto.UINT8, ["images", pixels, pixels, CHANNELS]
    )
    logits = helper.make_tensor_value_info(
        OUTPUT, TensorProto.FLOAT, ["images", network.fc.out_features]
    )
    made = helper.make_graph(graph.nodes, "resnet", [images], [logits], graph.constants)
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(made, opset_imports=opset, ir_version=IR_VERSION)


def write_onnx(model: onnx.ModelProto, path: Path) -> None:
    """Write a model without what doesn't belong to the function: who made it, notes, properties."""
    for field in ("producer_name", "producer_version", "domain", "metadata_props"):
        model.ClearField(field)
    for part in (model, model.graph, *model.graph.node, *model.graph.initializer):
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
        self.constants: list[onnx.TensorProto] = []
        self.flat: set[str] = set()

    def add(self, kind: str, output: str, *inputs: str, **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        if kind == "Flatten" or self.flat.intersection(inputs):
            self.flat.add(output)
        return output

    def constant(self, name: str, values: Tensor) -> str:
        """Append a constant and return its name."""
        array = values.detach().contiguous().numpy()
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add_layers(self, traced: fx.GraphModule, x: str) -> None:
        """Append the layers of a network without batch norm, once shapes were propagated through.

        Its input is `x`; its output is called `OUTPUT`.
        """
        names, layers = dict[fx.Node, str](), dict(traced.named_modules())
        for node in traced.graph.nodes:
            x, *others = [names[each] for each in node.all_input_nodes] or [x]
            match layer := layers.get(node.target, node.target):
                case nn.Conv2d():
                    x = self.convolution(node, layer, x)
                case nn.ReLU():
                    block, _, part = x.rpartition(".")
                    x = self.add("Relu", block if part == "add" else f"{x}.relu", x)
                case nn.MaxPool2d():
                    x = self.add("MaxPool", "maxpool", x, **_window(layer))
                case "add_":
                    x = self.add("Add", f"{x.rpartition('.')[0]}.add", x, *others)
                case nn.AdaptiveAvgPool2d() if x not in self.flat:
                    x = self.add("GlobalAveragePool", "avgpool", x)
                case "flatten" if x not in self.flat:
                    x = self.add("Flatten", "features", x)
                case nn.Linear():
                    self.add("Gemm", OUTPUT, x, *self.weights("fc", layer), transB=1)
            # What is none of these computes nothing, as an Identity.
            names[node] = x

    def convolution(self, node: fx.Node, layer: nn.Conv2d, x: str) -> str:
        """Append a convolution and return the name of its output."""
        name, kernel = str(node.target), layer.kernel_size
        before, after = (
            each.meta["tensor_meta"].shape[2:] for each in (node.all_input_nodes[0], node)
        )
        if after != (1, 1):
            return self.add("Conv", name, x, *self.weights(name, layer), **_window(layer))
        layer.weight.data = layer.weight.data.flatten(1)
        weights = self.weights(name, layer)
        if x not in self.flat:
            if before != kernel:
                # What the kernel lies on: in a compact network no tap of it meets padding.
                ends = {"starts": (0, 0), "ends": kernel, "axes": (2, 3)}.items()
                met = [self.constant(f"{name}.{end}", torch.tensor(at)) for end, at in ends]
                x = self.add("Slice", f"{name}.met", x, *met)
            x = self.add("Flatten", f"{name}.flat", x)
        return self.add("Gemm", name, x, *weights, transB=1)

    def weights(self, name: str, layer: nn.Module) -> list[str]:
        """Append a layer's weight and bias and return their names."""
        return [self.constant(f"{name}.{part}", own) for part, own in layer.named_parameters()]


def _window(layer: nn.Conv2d | nn.MaxPool2d) -> dict[str, list[int]]:
    """Return kernel, stride and padding as ONNX has them: padding before both, then behind."""
    kernel, strides, padding = (
        np.broadcast_to(np.array(value), 2).tolist()
        for value in (layer.kernel_size, layer.stride, layer.padding)
    )
    return {"kernel_shape": kernel, "strides": strides, "pads": [*padding, *padding]}
