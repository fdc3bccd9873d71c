"""Weights to ONNX files: in 32-bit floats, and in 8-bit integers (quantise-dequantise form, weights per channel).

usage: python -m person_detector.export --data FOLDER --cache FOLDER --weights WEIGHTS.pt --size 640x384 --out FILE.onnx
       [--int8 FILE.onnx] [--calibration 300]

The exported network takes `image` `[1, 3, H, W]` (BGR, 0…1) and gives `boxes` `[1, A, 4]` (x1, y1, x2, y2 in input pixels) and
`scores` `[1, A, 1]`. Non-maximum suppression is left to whoever runs it.
"""
import argparse
from pathlib import Path

import numpy
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from torch import Tensor, nn
from torch.nn import functional

from .network import STRIDES, Network, cell_centres, load
from .pictures import Pictures, letterbox

OPSET = 17


class Deployed(nn.Module):
    """The network with decoding for one input size."""

    def __init__(self, network: Network, width: int, height: int):
        super().__init__()
        self.network = network
        centres, strides = cell_centres([(height // s, width // s) for s in STRIDES], torch.device("cpu"))
        self.register_buffer("centres", centres[None])
        self.register_buffer("strides", strides[None])

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        flat = torch.cat([level.flatten(2) for level in self.network(image)], 2).transpose(1, 2)
        distances = functional.softplus(flat[..., :4]) * self.strides
        boxes = torch.cat([self.centres - distances[..., :2], self.centres + distances[..., 2:]], -1)
        return boxes, flat[..., 4:].sigmoid()


def fuse(network: Network) -> Network:
    """Folds each batch normalisation into the convolution before it."""
    for module in network.modules():
        if isinstance(module, nn.Sequential) and len(module) > 1 and isinstance(module[1], nn.BatchNorm2d):
            module[0], module[1] = nn.utils.fuse_conv_bn_eval(module[0], module[1]), nn.Identity()
    return network


class Calibration(CalibrationDataReader):
    """Held-in pictures as the network is fed, one at a time."""

    def __init__(self, pictures: Pictures, count: int, width: int, height: int, seed: int = 5):
        random = numpy.random.default_rng(seed)
        chosen = random.choice(len(pictures), count, replace=False)
        self.inputs = ({"image": as_input(letterbox(pictures.picture(int(i)), width, height)[0])} for i in chosen)

    def get_next(self):
        return next(self.inputs, None)


def as_input(image: numpy.ndarray) -> numpy.ndarray:
    return numpy.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=numpy.float32) / 255


def outer_nodes(model: onnx.ModelProto) -> list[str]:
    """The last convolutions: their share of the time is nothing, and their rounding would show in every box and score."""
    return [node.name for node in model.graph.node if node.op_type == "Conv" and ("/oc." in node.name or "/orr." in node.name)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--size", required=True, help="WIDTHxHEIGHT, multiples of 32")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--int8", type=Path)
    parser.add_argument("--calibration", type=int, default=300, help="pictures")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    if width % 32 or height % 32:
        parser.error(f"--size is {options.size}, but both sides must be multiples of 32")

    options.out.parent.mkdir(parents=True, exist_ok=True)
    deployed = Deployed(fuse(load(options.weights)), width, height).eval()
    torch.onnx.export(
        deployed, torch.zeros(1, 3, height, width), options.out, input_names=["image"], output_names=["boxes", "scores"],
        opset_version=OPSET, dynamo=False,
    )
    if options.int8:
        pictures = Pictures(options.data, "train", options.cache)
        # Convolutions alone: rounding the sums of the residual branches too costs 1.7 points of AP50 and saves no time.
        quantize_static(
            options.out, options.int8, Calibration(pictures, options.calibration, width, height),
            quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv"], nodes_to_exclude=outer_nodes(onnx.load(options.out)),
            calibrate_method=CalibrationMethod.MinMax,
        )


if __name__ == "__main__":
    main()
