"""Trains one network; goes on from its own last checkpoint when there is one.

usage: python -m person_detector.train_detector --data FOLDER --out FOLDER [--shape standard|slim|wide|lite0|…] [--from WEIGHTS.pt]
       [--pictures N | --minutes N] …

Training begins on small pictures, of which many fit into a second, and ends on large and whole ones. The learning rate falls along a
cosine, to the end of the pictures or of the minutes, whichever is given. Progress goes to `OUT/log.jsonl`; the moving average of the
weights to `OUT/weights.pt`; everything needed to go on to `OUT/state.pt`, every few minutes and when it is asked to end (SIGTERM). What
is random follows from the seed and the number of the batch. `--go-on` with `--from WEIGHTS.pt` takes up the schedule, too, where
those weights left it, so that a long training can move from machine to machine with that file alone.

The shapes `lite0`, `lite1` and `lite2` are teachers (see `teacher.py`); they begin with `--imagenet FILE.pth` or `--from WEIGHTS.pt`.

On a CPU, several processes make batches of their own and average their gradients: with threads alone, cores wait for one another.
"""
import argparse
import copy
import json
import math
import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import cv2
import numpy
import torch
from torch import distributed, multiprocessing
from torch.utils.data import DataLoader, Dataset

from . import teacher
from .augmentation import MOSAIC, sample
from .distil import PicturesAndFrames, distillation_loss, mixed
from .evaluation import evaluate
from .loss import detection_loss
from .network import SHAPES, Network, checkpoint, take_over
from .pictures import Pictures
from .teacher import BACKBONE_SHARE, STAGES, Teacher

# Input sizes and how often each is drawn, in the first part and after it. Batches hold about the same number of pixels.
SMALL_SIZES = {(320, 192): 2, (256, 256): 2, (384, 224): 2, (320, 320): 1, (416, 256): 1}
SIZES = {(416, 256): 3, (640, 384): 2, (416, 416): 2, (512, 320): 1, (384, 224): 1}
SMALL_UNTIL, MOSAICS_UNTIL = 0.5, 0.85  # of the training
BOX_WEIGHT = 3.0  # of the boxes' loss beside the scores'
BATCH_PIXELS = 30 * 416 * 256  # of all processes together
MOST_PROCESSES = 4  # each normalises by its own share of a batch, which must not get too small
# Few pictures, but from real cameras or of rooms without people: seen more often.
REPEATS = {"cctv-clinic": 3, "cafe-overhead": 3, "hmdet-cctv": 3, "factory-cctv": 2, "mall-atrium": 3, "fpds-fallen": 2, "negatives-maskwear": 2}
WARM_BATCHES, WARM_UNTIL = 300, 0.05  # the rate rises for so many batches, or so much of a short training
STATE_EVERY = 180.0  # seconds
PATIENCE = timedelta(days=7)  # of processes with one another: they may be held for long while something else is measured
ENDLESS = 10**9  # batches
ENDED = 2.0  # the progress of a training that was asked to end before its end


class Samples(Dataset):
    """Batches by number: a batch follows from the seed, its number and how far training is, so training goes on where it stopped."""

    def __init__(self, pictures: Pictures, seed: int, pixels: int, sizes: dict[tuple[int, int], int] | None):
        self.pictures, self.seed, self.pixels, self.sizes = pictures, seed, pixels, sizes
        self.progress = torch.zeros(1).share_memory_()  # of the training, 0…1, told to those who make batches
        self.weights = numpy.repeat(numpy.arange(len(pictures)), [
            REPEATS.get(source, 1) * times for source, times in zip(pictures.sources, pictures.times)
        ])

    def __getitem__(self, number: int):
        cv2.setNumThreads(0)
        random = numpy.random.default_rng((self.seed, number))
        progress = self.progress.item()
        drawn_from = self.sizes or (SMALL_SIZES if progress < SMALL_UNTIL else SIZES)
        sizes, shares = list(drawn_from), numpy.array(list(drawn_from.values()), float)
        width, height = sizes[random.choice(len(sizes), p=shares / shares.sum())]
        mosaic = MOSAIC if progress < MOSAICS_UNTIL else 0.1  # ends on whole pictures, as they come in use
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
    """Of each group, `share` is its part of the learning rate."""
    slow = {id(p) for p in network.backbone()} if isinstance(network, Teacher) else set()
    groups = {}
    for p in network.parameters():
        if p.requires_grad:
            share, decay = BACKBONE_SHARE if id(p) in slow else 1, 0.03 if p.ndim > 1 else 0
            groups.setdefault((share, decay), []).append(p)
    return torch.optim.AdamW(
        [{"params": params, "share": share, "weight_decay": decay} for (share, decay), params in groups.items()], lr=rate, betas=(0.9, 0.99)
    )


def average_gradients(network: Network, processes: int) -> None:
    """Gives every process the mean of all processes' gradients."""
    gradients = [p.grad for p in network.parameters() if p.requires_grad]
    whole = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(whole)
    for gradient, mean in zip(gradients, whole.div_(processes).split([gradient.numel() for gradient in gradients])):
        gradient.copy_(mean.view_as(gradient))


def sizes_of(text: str) -> dict[tuple[int, int], int]:
    """`640x384:3,416x416` as sizes and how often each is drawn."""
    sizes = {}
    for part in text.split(","):
        size, _, often = part.partition(":")
        width, height = (int(side) for side in size.split("x"))
        if width % 32 or height % 32:
            raise argparse.ArgumentTypeError(f"{size} is no input size: both sides must be multiples of 32")
        sizes[width, height] = int(often or 1)
    return sizes


def cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0))


def computes_bfloat16() -> bool:
    """Whether this CPU has instructions for it: one without takes eleven times as long as in 32-bit floats."""
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


def save(value: dict, path: Path) -> None:
    torch.save(value, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of images.csv, boxes.csv and images-*.tar")
    parser.add_argument("--cache", type=Path, help="where decoded pictures are kept; OUT/cache when absent")
    parser.add_argument("--relabelled", type=Path, help="verdicts of relabel.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shape", choices=[*SHAPES, *(f"lite{size}" for size in STAGES)], default="standard")
    parser.add_argument("--from", dest="start", type=Path, help="weights to begin with")
    parser.add_argument("--go-on", action="store_true", help="with the schedule where the weights of --from left it")
    parser.add_argument("--imagenet", type=Path, help="published weights of a teacher's backbone to begin with")
    parser.add_argument("--teacher", type=Path, help="weights of a network that is learned from beside the labels")
    parser.add_argument("--frames", type=Path, help="folder of videos without labels, of which the teacher alone teaches")
    parser.add_argument("--pictures", type=float, default=math.inf, help="training pictures in all")
    parser.add_argument("--minutes", type=float, default=math.inf, help="minutes in all, over all runs")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--batch", type=float, default=1, help="factor on the size of batches")
    parser.add_argument("--sizes", type=sizes_of, help="input sizes for all of the training, as 640x384:3,416x416:1")
    parser.add_argument("--processes", type=int, help="that train side by side; on a CPU one a core and at most four, on a GPU one")
    parser.add_argument("--workers", type=int, help="processes that make batches; on a CPU none, on a GPU eight")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log-every", type=int, default=100, help="batches")
    parser.add_argument("--evaluate-every", type=int, default=1500, help="batches")
    options = parser.parse_args()
    if options.frames and not options.teacher:
        parser.error("--frames needs --teacher: nobody else knows what there is to be seen in them")
    if options.pictures == math.inf and options.minutes == math.inf:
        parser.error("one of --pictures and --minutes is needed")
    on_cpu = options.device == "cpu"
    options.processes = options.processes or (min(cores(), MOST_PROCESSES) if on_cpu else 1)
    options.workers = options.workers if options.workers is not None else (0 if on_cpu else 8)
    return options


def main() -> None:
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    cache = options.cache or options.out / "cache"
    for split in ("train", "val"):
        Pictures(options.data, split, cache)  # decoded once, before the processes that map it begin
    meeting = options.out.resolve() / "meeting"  # where the processes find one another
    meeting.unlink(missing_ok=True)
    running = multiprocessing.spawn(train, (options, cache, meeting), nprocs=options.processes, join=False)
    signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in running.processes])
    while not running.join():
        pass


def new_network(options: argparse.Namespace) -> Network:
    """The network of the options' shape, with the weights that it begins with but for those of `--from`."""
    if not options.shape.startswith("lite"):
        return Network(SHAPES[options.shape])
    size = int(options.shape.removeprefix("lite"))
    network = teacher.from_imagenet(size, options.imagenet) if options.imagenet else Teacher(size)
    network.freeze()
    return network


class Request:
    """Whether somebody asked this process to end: it does so between two batches, when all is kept."""

    def __init__(self):
        self.is_made = False
        signal.signal(signal.SIGTERM, self._make)

    def _make(self, *_) -> None:
        self.is_made = True


def train(rank: int, options: argparse.Namespace, cache: Path, meeting: Path) -> None:
    """The work of process number `rank`; the first one keeps the average, writes the log and judges."""
    if options.processes > 1:
        distributed.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=rank, world_size=options.processes, timeout=PATIENCE
        )
    ending = Request()
    if options.device == "cpu":
        torch.set_num_threads(max(1, cores() // options.processes))
    torch.manual_seed(options.seed)
    pictures = Pictures(options.data, "train", cache, options.relabelled)
    if options.frames:
        pictures = PicturesAndFrames(pictures, options.frames)
    held_out = Pictures(options.data, "val", cache)

    network = new_network(options).to(options.device, memory_format=torch.channels_last)
    guide = teacher.load(options.teacher).to(options.device, memory_format=torch.channels_last) if options.teacher else None
    average = Average(network)
    adam = optimiser(network, options.rate)
    number, seen, spent = 0, 0, 0.0
    cold = (0, 0.0)  # the batch and the progress at which the optimiser began
    state_file = options.out / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, map_location=options.device, weights_only=True)
        network.load_state_dict(state["network"])
        average.network.load_state_dict(state["average"])
        adam.load_state_dict(state["adam"])
        number, seen, spent, average.steps = state["number"], state["seen"], state["spent"], state["steps"]
        cold = state["cold"]
    elif options.start:
        stored = torch.load(options.start, map_location="cpu", weights_only=True)
        new = take_over(network, teacher.unpacked(stored["weights"]))
        average = Average(network)
        average.steps = 1000  # what is taken over is worth keeping
        if rank == 0:
            print(f"new: {', '.join(new) or 'nothing'}", flush=True)
        if options.go_on:
            number, seen, average.steps = stored["number"], stored["seen"], stored["number"]
            cold = (number, seen / options.pictures)

    pixels = int(BATCH_PIXELS * options.batch / options.processes)
    samples = Samples(pictures, options.seed, pixels, options.sizes)
    own = range(number * options.processes + rank, ENDLESS, options.processes)  # the batches of this process
    loader = DataLoader(
        samples, batch_size=None, sampler=own, num_workers=options.workers,
        prefetch_factor=4 if options.workers else None, multiprocessing_context="fork" if options.workers else None,
    )
    log = open(options.out / "log.jsonl", "a", buffering=1)
    began, saved = time.monotonic() - spent, time.monotonic()
    smoothed, told = numpy.zeros(2), (seen, time.monotonic())

    def keep() -> None:
        save({"network": network.state_dict(), "average": average.network.state_dict(), "adam": adam.state_dict(),
              "number": number, "seen": seen, "spent": time.monotonic() - began, "steps": average.steps, "cold": cold}, state_file)
        save(checkpoint(average.network, seen=seen, number=number), options.out / "weights.pt")

    def judge(every: int) -> None:
        tally = evaluate(average.network, held_out, 416, 416, options.device, every)
        precision = tally.average_precision()
        row = {"seen": seen, "minutes": round((time.monotonic() - began) / 60, 1), "AP50": round(float(precision[0]), 4),
               "AP": round(float(precision.mean()), 4), "F1": tally.best_f1(), "every": every}
        log.write(json.dumps(row) + "\n")
        print(row, flush=True)

    kind_of_device = options.device.split(":")[0]
    in_bfloat16 = kind_of_device != "cpu" or (not isinstance(network, Teacher) and computes_bfloat16())
    for images, truth, kind in loader:
        progress = torch.tensor(max(seen / options.pictures, (time.monotonic() - began) / 60 / options.minutes))
        if ending.is_made:
            progress = torch.tensor(ENDED)
        if options.processes > 1:
            distributed.broadcast(progress, 0)  # all stop together
        samples.progress[0] = progress
        if progress >= 1:
            break
        warm = min(1, max((number - cold[0] + 1) / WARM_BATCHES, (progress.item() - cold[1]) / WARM_UNTIL))
        rate = options.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in adam.param_groups:
            group["lr"] = rate * group["share"]
        inputs = images.to(options.device).permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
        with torch.autocast(kind_of_device, torch.bfloat16, enabled=in_bfloat16):
            outputs = network(inputs)
        losses = detection_loss(outputs, truth.to(options.device), kind.to(options.device))
        if guide:
            with torch.no_grad():
                taught = guide(inputs)
            losses = mixed(losses, distillation_loss(outputs, taught))
        network.zero_grad(set_to_none=True)
        (losses[0] + BOX_WEIGHT * losses[1]).backward()
        if options.processes > 1:
            average_gradients(network, options.processes)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        adam.step()
        number, seen = number + 1, seen + len(images) * options.processes
        if rank > 0:
            continue
        average.update(network)
        values = numpy.array([loss.item() for loss in losses])
        smoothed = values if not smoothed.any() else 0.98 * smoothed + 0.02 * values
        if number % options.log_every == 0:
            speed, told = (seen - told[0]) / (time.monotonic() - told[1]), (seen, time.monotonic())
            print(f"{number} {seen} pictures {speed:.1f}/s score {smoothed[0]:.3f} box {smoothed[1]:.3f} rate {rate:.5f}", flush=True)
        if number % options.evaluate_every == 0:
            judge(every=4)
        if time.monotonic() - saved > STATE_EVERY:
            keep()
            saved = time.monotonic()
    if rank == 0:
        keep()
        if progress < ENDED:
            judge(every=1)
    if options.processes > 1:
        distributed.barrier()
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
