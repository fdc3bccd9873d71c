"""The network: one stage, anchor-free, fully convolutional, one class.

Dense 3x3 convolutions with ReLU throughout: 8-bit arithmetic makes them about three times faster on plain CPUs, where depthwise
convolutions and smooth activations gain nothing.
"""
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)


@dataclass(frozen=True)
class Shape:
    """Widths of the stem and of the four stages, blocks per stage, and the width of neck and heads."""

    widths: tuple[int, int, int, int, int]
    blocks: tuple[int, int, int, int]
    neck: int


SHAPES = {
    "slim": Shape(widths=(16, 32, 48, 96, 160), blocks=(1, 2, 3, 3), neck=48),
    "standard": Shape(widths=(16, 32, 64, 128, 192), blocks=(1, 2, 4, 3), neck=48),  # the bundled detectors
    "wide": Shape(widths=(16, 32, 64, 128, 192), blocks=(1, 2, 4, 3), neck=64),
}


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Block(nn.Module):
    """A residual bottleneck: 1x1 to half the width, 3x3 back."""

    def __init__(self, width: int):
        super().__init__()
        self.a = convolution(width, width // 2, 1)
        self.b = convolution(width // 2, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.b(self.a(x))


class Stage(nn.Module):
    """Halves the resolution, then `blocks` residual blocks."""

    def __init__(self, inputs: int, width: int, blocks: int):
        super().__init__()
        self.d = convolution(inputs, width, 3, 2)
        self.m = nn.Sequential(*[Block(width) for _ in range(blocks)])

    def forward(self, x: Tensor) -> Tensor:
        return self.m(self.d(x))


class PooledContext(nn.Module):
    """What surrounds a cell, from three stacked 5x5 maximum poolings (spatial pyramid pooling, He et al. 2014), added to it.

    It lets the coarsest level see people who fill the picture, at next to no cost.
    """

    def __init__(self, width: int):
        super().__init__()
        self.squeeze = convolution(width, width // 4, 1)
        self.merge = convolution(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        pools = [self.squeeze(x)]
        for _ in range(3):
            pools.append(functional.max_pool2d(pools[-1], 5, 1, 2))
        return x + self.merge(torch.cat(pools, 1))


class Network(nn.Module):
    """Pictures `[B, 3, H, W]` (BGR, 0…1, H and W multiples of 32) to one `[B, 5, H / s, W / s]` for each stride s.

    Channels 0…3 are the distances from the cell's centre to the left, top, right and bottom of the box, in strides and before
    softplus; channel 4 is the logit of a person. The levels are fused top-down, then bottom-up (path aggregation, Liu et al. 2018).
    """

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        w, n, neck = shape.widths, shape.blocks, shape.neck
        self.stem = convolution(3, w[0], 3, 2)
        self.s2, self.s3 = Stage(w[0], w[1], n[0]), Stage(w[1], w[2], n[1])
        self.s4, self.s5 = Stage(w[2], w[3], n[2]), Stage(w[3], w[4], n[3])
        self.context = PooledContext(w[4])
        self.l3, self.l4, self.l5 = (convolution(width, neck, 1) for width in w[2:])
        self.p4, self.p3 = convolution(neck, neck), convolution(neck, neck)
        self.d4, self.n4 = convolution(neck, neck, 3, 2), convolution(neck, neck)
        self.d5, self.n5 = convolution(neck, neck, 3, 2), convolution(neck, neck)
        self.hc, self.hr = (nn.ModuleList(convolution(neck, neck) for _ in STRIDES) for _ in range(2))
        self.oc = nn.ModuleList(nn.Conv2d(neck, 1, 1) for _ in STRIDES)
        self.orr = nn.ModuleList(nn.Conv2d(neck, 4, 1) for _ in STRIDES)
        for layer in self.oc:
            nn.init.constant_(layer.bias, -4.6)  # a person in one cell of a hundred: training starts calm (Lin et al. 2017)
        for layer in self.orr:
            nn.init.constant_(layer.bias, 1.0)

    def described(self) -> dict:
        """What a file of weights says of the network, so that it can be built again."""
        return {"shape": asdict(self.shape)}

    def levels(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the backbone makes of pictures, at strides of 8, 16 and 32."""
        c3 = self.s3(self.s2(self.stem(x)))
        c4 = self.s4(c3)
        return c3, c4, self.s5(c4)

    def forward(self, x: Tensor) -> list[Tensor]:
        c3, c4, c5 = self.levels(x)
        p5 = self.l5(self.context(c5))
        p4 = self.p4(self.l4(c4) + functional.interpolate(p5, scale_factor=2.0, mode="nearest"))
        p3 = self.p3(self.l3(c3) + functional.interpolate(p4, scale_factor=2.0, mode="nearest"))
        n4 = self.n4(p4 + self.d4(p3))
        n5 = self.n5(p5 + self.d5(n4))
        return [
            torch.cat([box(reg(level)), score(cls(level))], 1)
            for level, cls, reg, score, box in zip((p3, n4, n5), self.hc, self.hr, self.oc, self.orr)
        ]


def cell_centres(sizes: list[tuple[int, int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Centres `[A, 2]` in input pixels and strides `[A, 1]` of all cells of levels with these heights and widths, finest first."""
    centres, strides = [], []
    for (height, width), stride in zip(sizes, STRIDES):
        y, x = torch.meshgrid(torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij")
        centres.append((torch.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride)
        strides.append(torch.full((height * width, 1), float(stride), device=device))
    return torch.cat(centres), torch.cat(strides)


def decode(outputs: list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The network's outputs as boxes `[B, A, 4]` (x1, y1, x2, y2 in input pixels), logits `[B, A]`, centres and strides."""
    centres, strides = cell_centres([tuple(level.shape[2:]) for level in outputs], outputs[0].device)
    flat = torch.cat([level.float().flatten(2) for level in outputs], 2).transpose(1, 2)
    distances = functional.softplus(flat[..., :4]) * strides
    return torch.cat([centres - distances[..., :2], centres + distances[..., 2:]], -1), flat[..., 4], centres, strides


def checkpoint(network: Network, **more) -> dict:
    """What a file of weights holds: the shape, the weights (of the moving average), and what else is to be remembered."""
    weights = {name: value.half() if value.is_floating_point() else value for name, value in network.state_dict().items()}
    return network.described() | {"weights": weights, **more}


def load(path: str) -> Network:
    """The network of a file of weights, ready to be asked."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    network = Network(Shape(**{key: tuple(value) if isinstance(value, list | tuple) else value for key, value in stored["shape"].items()}))
    network.load_state_dict({name: value.float() if value.is_floating_point() else value for name, value in stored["weights"].items()})
    return network.eval()


def take_over(network: Network, weights: dict[str, Tensor]) -> list[str]:
    """Takes over all weights that fit, and makes what is new begin as next to nothing, so that what was learned still holds.

    Returns the names of the modules that are new. A residual branch ends in a batch normalisation whose gain is made small.
    """
    own = network.state_dict()
    fitting = {name: value.float() for name, value in weights.items() if name in own and own[name].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    new = {name.rsplit(".", 1)[0] for name in own if name not in fitting}
    for name, module in network.named_modules():
        is_branch_end = name in new and (name.endswith("b.1") or name.endswith("merge.1"))
        if is_branch_end and isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 0.1)
    return sorted(new)
