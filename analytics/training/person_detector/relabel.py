"""Looks for wrong labels with a trained network as teacher, and writes what training had better not learn.

usage: python -m person_detector.relabel --data FOLDER --cache FOLDER --weights WEIGHTS.pt --out FILE.csv

Two verdicts, each a row of `file,label,x1,y1,x2,y2` (pixels of the stored picture):
- an unlabelled person: the teacher is sure of somebody where no label is. `label` is empty. The area is taken out of training;
- a label of nothing: the teacher, asked at two sizes and mirrored, sees nobody near. `label` is its number among the picture's boxes.
"""
import argparse
import csv
from pathlib import Path

import numpy

from .evaluation import detect
from .network import load
from .pictures import Pictures, letterbox
from .scoring import Detections, overlaps, suppress

SIZES = ((416, 416), (640, 640))
SURE = 0.45  # from this score on an unlabelled person is believed
UNSEEN = 0.03  # a label that no detection above this score overlaps is doubted
NEAR, APART = 0.3, 0.3


def look(network, image: numpy.ndarray, device: str) -> Detections:
    """All that is seen at several sizes and mirrored, in the picture's pixels."""
    boxes, scores = [], []
    for width, height in SIZES:
        canvas, scale, x, y = letterbox(image, width, height)
        for found, mirrored in zip(detect(network, numpy.stack([canvas, canvas[:, ::-1]]), device), (False, True)):
            b = found.boxes.copy()
            if mirrored:
                b[:, [0, 2]] = width - b[:, [2, 0]]
            boxes.append((b - (x, y, x, y)) / scale)
            scores.append(found.scores)
    return suppress(numpy.concatenate(boxes), numpy.concatenate(scores), most=800)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    pictures, network = Pictures(options.data, "train", options.cache), load(options.weights).to(options.device)
    unlabelled = doubted = 0
    with open(options.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "x1", "y1", "x2", "y2"])
        for index, name in enumerate(pictures.names):
            found, labels = look(network, pictures.picture(index), options.device), pictures.boxes[index]
            shared = overlaps(found.boxes, labels)
            for box, score, near in zip(found.boxes, found.scores, shared.max(1, initial=0)):
                if score >= SURE and near < APART:
                    writer.writerow([name, "", *box.round(1)])
                    unlabelled += 1
            for number, near in enumerate((shared * (found.scores[:, None] >= UNSEEN)).max(0, initial=0)):
                if near < NEAR:
                    writer.writerow([name, number, *labels[number].round(1)])
                    doubted += 1
    total = sum(len(boxes) for boxes in pictures.boxes)
    print(f"{total} labels in {len(pictures)} pictures: {doubted} doubted, {unlabelled} people found that no label names")


if __name__ == "__main__":
    main()
