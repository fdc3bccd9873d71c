"""Writes an EfficientNet-Lite, which classifies pictures, as an ONNX model: its stored weights with the network they are of.

usage: efficientnet_lite.py WEIGHTS.pth lite0|lite1|lite2 TEMPERATURE MODEL.onnx

The model takes a picture [1, 3, side, side], red first, of values (v - 127) / 128, and puts out the probability of each of 1,000 classes,
[1, 1000]. Logits are divided by TEMPERATURE: below 1 makes it surer of what it says, without changing the order (Guo et al., "On
Calibration of Modern Neural Networks", ICML 2017). Python's own library does it all; arithmetic is of doubles, rounded once, so the file is the same on every machine.

Sources: Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, table 1 and section 3.3 (the
network and how it is scaled); Sandler et al., "MobileNetV2", CVPR 2018 (its blocks). The Lite variants have no squeeze-and-excitation,
ReLU6 instead of swish, and a stem, a head, a first and a last stage that are not scaled.
"""
import array
import math
import pathlib
import pickle
import sys

import stored_tensors
from float_weights import DIMENSIONS, FLOAT, GRAPH, INITIALIZER, INPUT, NAME, NODE, OPERATION, OUTPUT, RAW, TYPE, field

# Width and depth as multiples of the smallest network, and the side of its input.
VARIANTS = {"lite0": (1.0, 1.0, 224), "lite1": (1.0, 1.1, 240), "lite2": (1.1, 1.2, 260)}
# Kernel, stride of the first block, expansion, channels, blocks.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
STEM, HEAD, CLASSES = 32, 1280, 1000
EPSILON = 1e-3  # of the batch normalisation

ATTRIBUTE_INT, ATTRIBUTE_TEXT, ATTRIBUTE_INTS = 2, 3, 7  # AttributeProto.AttributeType


def scaled_channels(channels, width):
    """A multiple of 8, and no more than a tenth less than asked for."""
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * wanted else rounded + 8


def blocks(variant):
    """Kernel, stride, expansion, input channels and output channels of each block."""
    width, depth, _ = VARIANTS[variant]
    before = STEM
    for index, (kernel, stride, expansion, channels, count) in enumerate(STAGES):
        ends = index in (0, len(STAGES) - 1)
        after = scaled_channels(channels, width)
        for number in range(count if ends else math.ceil(count * depth)):
            yield kernel, stride if number == 0 else 1, expansion, before, after
            before = after


class Graph:
    """Nodes and constants as they are written. Each node is named after its one output."""

    def __init__(self, tensors):
        self.tensors, self.used = tensors, set()
        self.nodes, self.constants = [], []
        self.constant("0", [], array.array("f", [0]))
        self.constant("6", [], array.array("f", [6]))

    def stored(self, name, shape):
        tensor = self.tensors.get(name)
        if tensor is None or tensor.shape != tuple(shape):
            raise SystemExit(f"the weights '{name}' are missing or not of the shape {list(shape)}")
        self.used.add(name)
        return tensor.values()

    def constant(self, name, shape, values):
        if sys.byteorder == "big":
            values.byteswap()
        message = b"".join(field(DIMENSIONS, dimension) for dimension in shape)
        message += field(TYPE, FLOAT) + field(NAME, name.encode()) + field(RAW, values.tobytes())
        self.constants.append(field(INITIALIZER, message))

    def node(self, operation, inputs, output, **attributes):
        message = b"".join(field(INPUT, name.encode()) for name in inputs) + field(OUTPUT, output.encode())
        message += field(3, output.encode()) + field(OPERATION, operation.encode())
        for name, value in attributes.items():
            content = field(1, name.encode())
            if isinstance(value, str):
                content += field(4, value.encode()) + field(20, ATTRIBUTE_TEXT)
            elif isinstance(value, int):
                content += field(3, value) + field(20, ATTRIBUTE_INT)
            else:
                content += b"".join(field(8, item) for item in value) + field(20, ATTRIBUTE_INTS)
            message += field(5, content)
        self.nodes.append(field(NODE, message))
        return output

    def convolution(self, source, name, norm, shape, stride=1, groups=1, activates=True):
        """A convolution, with the normalisation that follows it in its weights, and ReLU6."""
        outputs = shape[0]
        weights = self.stored(f"{name}.weight", shape)
        gamma, beta, mean, variance = (
            self.stored(f"{norm}.{part}", [outputs]) for part in ("weight", "bias", "running_mean", "running_var")
        )
        factors = [g / math.sqrt(v + EPSILON) for g, v in zip(gamma, variance)]
        row = len(weights) // outputs
        folded = array.array("f")
        for index, factor in enumerate(factors):
            folded.extend([value * factor for value in weights[index * row : (index + 1) * row]])
        self.constant(f"{name}.weights", shape, folded)
        self.constant(f"{name}.bias", [outputs], array.array("f", [b - m * f for b, m, f in zip(beta, mean, factors)]))
        result = self.node(
            "Conv", [source, f"{name}.weights", f"{name}.bias"], name, kernel_shape=shape[2:],
            strides=[stride, stride], group=groups, auto_pad="SAME_UPPER",
        )
        return self.node("Clip", [result, "0", "6"], f"{name}.relu6") if activates else result


def shaped(name, shape):
    """A ValueInfoProto of floats."""
    dimensions = b"".join(field(1, field(1, dimension)) for dimension in shape)
    return field(1, name.encode()) + field(2, field(1, field(1, FLOAT) + field(2, dimensions)))


def model(tensors, variant, temperature=1.0):
    """The bytes of the ONNX model."""
    graph, side = Graph(tensors), VARIANTS[variant][2]
    at = graph.convolution("picture", "_conv_stem", "_bn0", [STEM, 3, 3, 3], stride=2)
    for number, (kernel, stride, expansion, before, after) in enumerate(blocks(variant)):
        name, start, inner = f"_blocks.{number}", at, before * expansion
        if expansion != 1:
            at = graph.convolution(at, f"{name}._expand_conv", f"{name}._bn0", [inner, before, 1, 1])
        depthwise = [inner, 1, kernel, kernel]
        at = graph.convolution(at, f"{name}._depthwise_conv", f"{name}._bn1", depthwise, stride, groups=inner)
        at = graph.convolution(at, f"{name}._project_conv", f"{name}._bn2", [after, inner, 1, 1], activates=False)
        if stride == 1 and before == after:
            at = graph.node("Add", [at, start], f"{name}.sum")
    at = graph.convolution(at, "_conv_head", "_bn1", [HEAD, after, 1, 1])
    at = graph.node("Flatten", [graph.node("GlobalAveragePool", [at], "mean")], "features", axis=1)
    for name, shape in (("_fc.weight", [CLASSES, HEAD]), ("_fc.bias", [CLASSES])):
        graph.constant(name, shape, array.array("f", [value / temperature for value in graph.stored(name, shape)]))
    at = graph.node("Gemm", [at, "_fc.weight", "_fc.bias"], "logits", transB=1)
    graph.node("Softmax", [at], "probabilities", axis=1)
    left = {name for name in tensors if not name.endswith(".num_batches_tracked")} - graph.used
    if left:
        raise SystemExit(f"the weights '{min(left)}' are of another network")

    content = b"".join(graph.nodes) + field(2, f"efficientnet-{variant}".encode()) + b"".join(graph.constants)
    content += field(11, shaped("picture", [1, 3, side, side])) + field(12, shaped("probabilities", [1, CLASSES]))
    # Version 7 of the format, version 13 of the operations.
    return field(1, 7) + field(GRAPH, content) + field(8, field(1, b"") + field(2, 13))


if __name__ == "__main__":
    weights, variant, temperature, result = sys.argv[1:]
    try:
        with open(weights, "rb") as file:
            tensors = stored_tensors.read(file)
    except pickle.UnpicklingError as error:
        raise SystemExit(f"{weights} is refused: {error}") from None
    pathlib.Path(result).write_bytes(model(tensors, variant, float(temperature)))
