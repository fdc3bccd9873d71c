"""A smaller network out of a larger one of the same family: the channels that say most are kept (Liu et al. 2017, Network Slimming).

usage: python -m person_detector.cut --weights WEIGHTS.pt --shape fast --out WEIGHTS.pt

A channel's worth is the sum of the gains of all batch normalisations that write it. What is cut has to be trained on, but begins far
ahead of chance.
"""
import argparse
from pathlib import Path

import torch
from torch import Tensor

from .network import SHAPES, Network, Shape, checkpoint, load

PICTURE = "picture"


def roles(shape: Shape) -> dict[str, tuple[str, str]]:
    """For each convolution, by name without its index: the group of channels that it reads, and that it writes.

    Channels that are added to one another belong to one group, so all of a stage's blocks do, and all of the neck.
    """
    table = {"stem": (PICTURE, "stem")}
    for stage, before in (("s2", "stem"), ("s3", "s2"), ("s4", "s3"), ("s5", "s4")):
        table[f"{stage}.d"] = (before, stage)
        for block in range(shape.blocks[int(stage[1]) - 2]):
            inner = f"{stage}.m.{block}.inner"
            table[f"{stage}.m.{block}.a"] = (stage, inner)
            table[f"{stage}.m.{block}.b"] = (inner, stage)
    table["context.squeeze"] = ("s5", "squeezed")
    table["context.merge"] = ("pooled", "s5")
    for level in "345":
        table[f"l{level}"] = (f"s{level}", "neck")
    for name in ("p4", "p3", "d4", "n4", "d5", "n5"):
        table[name] = ("neck", "neck")
    for index in range(3):
        for head in ("hc", "hr"):
            table[f"{head}.{index}"] = ("neck", f"{head}.{index}")
    return table


def cut(large: Network, shape: Shape) -> Network:
    """The network of the wanted shape with the best channels and the first blocks of the large one."""
    small = Network(shape)
    gains: dict[str, Tensor] = {}
    modules, table = dict(large.named_modules()), roles(large.shape)
    for name, (_, group) in table.items():
        gain = modules[f"{name}.1"].weight.detach().abs()
        gains[group] = gains.get(group, 0) + gain
    targets, kept = dict(small.named_modules()), {PICTURE: torch.arange(3)}
    for name, (_, group) in roles(shape).items():
        width = targets[f"{name}.1"].num_features
        kept[group] = gains[group].topk(width).indices.sort().values
    squeezed = len(gains["squeezed"])
    kept["pooled"] = torch.cat([kept["squeezed"] + part * squeezed for part in range(4)])

    with torch.no_grad():
        for name, (read, written) in roles(shape).items():
            source, target = modules[name], targets[name]
            target[0].weight.copy_(source[0].weight[kept[written]][:, kept[read]])
            for key in ("weight", "bias", "running_mean", "running_var"):
                getattr(target[1], key).copy_(getattr(source[1], key)[kept[written]])
        for outputs, head in (("oc", "hc"), ("orr", "hr")):
            for index in range(3):
                source, target = getattr(large, outputs)[index], getattr(small, outputs)[index]
                target.weight.copy_(source.weight[:, kept[f"{head}.{index}"]])
                target.bias.copy_(source.bias)
    return small


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(checkpoint(cut(load(options.weights), SHAPES[options.shape])), options.out)


if __name__ == "__main__":
    main()
