"""Trains one network; goes on from its own last checkpoint when there is one.

usage: python -m person_detector.train_detector --data FOLDER --out FOLDER [--shape accurate|fast] [--from WEIGHTS.pt]
       [--pictures N | --minutes N] …

The learning rate falls along a cosine, to the end of the pictures or of the minutes, whichever is given. Progress goes to
`OUT/log.jsonl`; the moving average of the weights to `OUT/weights.pt`; everything needed to go on to `OUT/state.pt`.
"""
import argparse
import copy
import json
import math
import os
import time
from pathlib import Path

import cv2
import numpy
import torch
from torch.utils.data import DataLoader, Dataset

from .augmentation import MOSAIC, sample
from .evaluation import evaluate
from .loss import detection_loss
from .network import SHAPES, Network, checkpoint, take_over
from .pictures import Pictures

# Input sizes and how often each is drawn. Batches hold about the same number of pixels.
SIZES = {(416, 256): 3, (640, 384): 3, (416, 416): 2, (512, 320): 1, (384, 224): 1}
BATCH_PIXELS = 20 * 416 * 256
# Few pictures, but from real cameras or of rooms without people: seen more often.
REPEATS = {"cctv-clinic": 3, "cafe-overhead": 3, "hmdet-cctv": 3, "factory-cctv": 2, "mall-atrium": 3, "fpds-fallen": 2, "negatives-maskwear": 2}
STATE_EVERY = 300.0  # seconds


class Samples(Dataset):
    """Batches by number: the whole of a batch follows from the seed and its number, so training goes on where it stopped."""

    def __init__(self, pictures: Pictures, seed: int, batches: int, pixels: int):
        self.pictures, self.seed, self.batches, self.pixels = pictures, seed, batches, pixels
        self.weights = numpy.repeat(numpy.arange(len(pictures)), [REPEATS.get(source, 1) for source in pictures.sources])

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, number: int):
        cv2.setNumThreads(0)
        random = numpy.random.default_rng((self.seed, number))
        sizes, shares = list(SIZES), numpy.array(list(SIZES.values()), float)
        width, height = sizes[random.choice(len(sizes), p=shares / shares.sum())]
        mosaic = MOSAIC if number < 0.85 * self.batches else 0.1  # ends on whole pictures, as they come in use
        chosen = random.choice(self.weights, max(1, self.pixels // (width * height)))
        drawn = [sample(self.pictures, int(index), width, height, random, mosaic) for index in chosen]
        most = max(1, max(len(boxes) for _, boxes, _ in drawn))
        truth = torch.zeros(len(drawn), most, 4)
        kind = torch.zeros(len(drawn), most, dtype=torch.int8)
        for row, (_, boxes, kinds) in enumerate(drawn):
            truth[row, : len(boxes)] = torch.from_numpy(boxes)
            kind[row, : len(boxes)] = torch.from_numpy(kinds)
        return torch.from_numpy(numpy.stack([image for image, _, _ in drawn])), truth, kind


class Average:
    """The exponential moving average of a network, which is what is kept in the end."""

    def __init__(self, network: Network):
        self.network = copy.deepcopy(network).eval()
        self.steps = 0

    @torch.no_grad()
    def update(self, network: Network) -> None:
        self.steps += 1
        decay = min(0.9995, (1 + self.steps) / (20 + self.steps))
        for mean, value in zip(self.network.state_dict().values(), network.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def optimiser(network: Network, rate: float) -> torch.optim.Optimizer:
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": kernels, "weight_decay": 0.03}, {"params": others, "weight_decay": 0}], lr=rate, betas=(0.9, 0.99)
    )


def save(value: dict, path: Path) -> None:
    torch.save(value, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of images.csv, boxes.csv and images-*.tar")
    parser.add_argument("--cache", type=Path, help="where decoded pictures are kept; OUT/cache when absent")
    parser.add_argument("--relabelled", type=Path, help="verdicts of relabel.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shape", choices=SHAPES, default="accurate")
    parser.add_argument("--from", dest="start", type=Path, help="weights to begin with")
    parser.add_argument("--pictures", type=float, default=math.inf, help="training pictures in all")
    parser.add_argument("--minutes", type=float, default=math.inf, help="minutes in all, over all runs")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--batch", type=float, default=1, help="factor on the size of batches")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-every", type=int, default=100, help="batches")
    parser.add_argument("--evaluate-every", type=int, default=1500, help="batches")
    options = parser.parse_args()
    if options.pictures == math.inf and options.minutes == math.inf:
        parser.error("one of --pictures and --minutes is needed")
    return options


def main() -> None:
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    cache = options.cache or options.out / "cache"
    pictures = Pictures(options.data, "train", cache, options.relabelled)
    held_out = Pictures(options.data, "val", cache)

    network = Network(SHAPES[options.shape]).to(options.device, memory_format=torch.channels_last)
    average = Average(network)
    adam = optimiser(network, options.rate)
    number, seen, spent = 0, 0, 0.0
    state_file = options.out / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, map_location=options.device, weights_only=True)
        network.load_state_dict(state["network"])
        average.network.load_state_dict(state["average"])
        adam.load_state_dict(state["adam"])
        number, seen, spent, average.steps = state["number"], state["seen"], state["spent"], state["steps"]
    elif options.start:
        stored = torch.load(options.start, map_location="cpu", weights_only=True)
        new = take_over(network, stored["weights"])
        average = Average(network)
        average.steps = 1000  # what is taken over is worth keeping
        print(f"new: {', '.join(new) or 'nothing'}", flush=True)

    pixels = int(BATCH_PIXELS * options.batch)
    typical = pixels / numpy.average([w * h for w, h in SIZES], weights=list(SIZES.values()))
    batches = int(min(options.pictures / typical, 1e7))
    samples = Samples(pictures, options.seed, batches, pixels)
    loader = DataLoader(
        samples, batch_size=None, sampler=range(number, batches), num_workers=options.workers, prefetch_factor=4,
        multiprocessing_context="fork",
    )
    log = open(options.out / "log.jsonl", "a", buffering=1)
    began, saved = time.monotonic() - spent, time.monotonic()
    smoothed = numpy.zeros(2)

    def keep() -> None:
        save({"network": network.state_dict(), "average": average.network.state_dict(), "adam": adam.state_dict(),
              "number": number, "seen": seen, "spent": time.monotonic() - began, "steps": average.steps}, state_file)
        save(checkpoint(average.network, seen=seen), options.out / "weights.pt")

    def judge(every: int) -> None:
        tally = evaluate(average.network, held_out, 416, 416, options.device, every)
        precision = tally.average_precision()
        row = {"seen": seen, "minutes": round((time.monotonic() - began) / 60, 1), "AP50": round(float(precision[0]), 4),
               "AP": round(float(precision.mean()), 4), "F1": tally.best_f1(), "every": every}
        log.write(json.dumps(row) + "\n")
        print(row, flush=True)

    half = torch.bfloat16
    for images, truth, kind in loader:
        progress = max(number / batches, (time.monotonic() - began) / 60 / options.minutes)
        if progress >= 1:
            break
        rate = options.rate * min(1, (number + 1) / 300) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in adam.param_groups:
            group["lr"] = rate
        inputs = images.to(options.device).permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
        with torch.autocast(options.device.split(":")[0], half):
            outputs = network(inputs)
        losses = detection_loss(outputs, truth.to(options.device), kind.to(options.device))
        adam.zero_grad(set_to_none=True)
        (losses[0] + 2 * losses[1]).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        adam.step()
        average.update(network)
        number, seen = number + 1, seen + len(images)
        values = numpy.array([loss.item() for loss in losses])
        smoothed = values if not smoothed.any() else 0.98 * smoothed + 0.02 * values
        if number % options.log_every == 0:
            speed = seen / (time.monotonic() - began)
            print(f"{number} {seen} pictures {speed:.1f}/s score {smoothed[0]:.3f} box {smoothed[1]:.3f} rate {rate:.5f}", flush=True)
        if number % options.evaluate_every == 0:
            judge(every=4)
        if time.monotonic() - saved > STATE_EVERY:
            keep()
            saved = time.monotonic()
    keep()
    judge(every=1)


if __name__ == "__main__":
    main()
