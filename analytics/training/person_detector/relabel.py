"""Looks for wrong labels with a trained network as teacher, and for empty views that deceive it.

usage: python -m person_detector.relabel --data FOLDER --cache FOLDER --weights WEIGHTS.pt --out FILE.csv

Three verdicts, each a row of `file,label,x1,y1,x2,y2` (pixels of the stored picture):
- an unlabelled person: the teacher is sure of somebody where no label is. `label` is empty. The area is taken out of training;
- a label of nothing: the teacher, who looks at the picture and at its mirror image, sees nobody near. `label` is its number among the
  picture's boxes. Small people are let be: of them it is the teacher who cannot be trusted;
- an empty view (rooms, streets, doors) in which the teacher sees somebody. `label` is `again`: it is shown more often from now on.
"""
import argparse
import csv
from pathlib import Path

import numpy
import torch

from .evaluation import detect
from .pictures import AGAIN, Pictures, letterbox
from .scoring import Detections, overlaps, suppress
from .teacher import load

WIDTH = HEIGHT = 416
SURE = 0.45  # from this score on an unlabelled person is believed
UNSEEN = 0.03  # a label that no detection above this score overlaps is doubted
DECEIVED = 0.25  # the score of somebody in an empty view from which on it is shown again
NEAR, APART = 0.3, 0.3
SMALLEST_DOUBTED = 32  # pixels of height in the teacher's view


def look(network, image: numpy.ndarray, device: str) -> tuple[Detections, float]:
    """All that is seen in the picture and in its mirror image, in the picture's pixels, and the scale of the teacher's view."""
    canvas, scale, x, y = letterbox(image, WIDTH, HEIGHT)
    with torch.autocast(device.split(":")[0], torch.bfloat16):
        plain, mirrored = detect(network, numpy.stack([canvas, canvas[:, ::-1]]), device)
    back = mirrored.boxes.copy()
    back[:, [0, 2]] = WIDTH - mirrored.boxes[:, [2, 0]]
    boxes = (numpy.concatenate([plain.boxes, back]) - (x, y, x, y)) / scale
    return suppress(boxes, numpy.concatenate([plain.scores, mirrored.scores]), most=800), scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    pictures, network = Pictures(options.data, "train", options.cache), load(options.weights).to(options.device)
    unlabelled = doubted = deceived = 0
    with open(options.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "x1", "y1", "x2", "y2"])
        for index, name in enumerate(pictures.names):
            (found, scale), labels = look(network, pictures.picture(index), options.device), pictures.boxes[index]
            if len(labels) == 0 and DECEIVED <= found.scores.max(initial=0) < SURE:
                writer.writerow([name, AGAIN, *found.boxes[found.scores.argmax()].round(1)])
                deceived += 1
            shared = overlaps(found.boxes, labels)
            for box, score, near in zip(found.boxes, found.scores, shared.max(1, initial=0)):
                if score >= SURE and near < APART:
                    writer.writerow([name, "", *box.round(1)])
                    unlabelled += 1
            for number, near in enumerate((shared * (found.scores[:, None] >= UNSEEN)).max(0, initial=0)):
                if near < NEAR and (labels[number, 3] - labels[number, 1]) * scale >= SMALLEST_DOUBTED:
                    writer.writerow([name, number, *labels[number].round(1)])
                    doubted += 1
    total = sum(len(boxes) for boxes in pictures.boxes)
    print(f"{total} labels in {len(pictures)} pictures: {doubted} doubted, {unlabelled} people found that no label names, "
          f"{deceived} empty views that deceive")


if __name__ == "__main__":
    main()
