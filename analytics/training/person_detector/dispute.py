"""Finds the labels of the held-out pictures that a network disputes most, for somebody to look at.

usage: python -m person_detector.dispute --data FOLDER --cache FOLDER --weights WEIGHTS.pt --out FOLDER [--most 200]

Half of what it shows are people whom the network is sure of and no label names, the surest first; half are labels near which it sees
nobody, the tallest of those that it is surest of first. `OUT/disputed.csv` holds a row for each, `number,verdict,file,cx,cy,w,h,score`
with boxes as in `boxes.csv` and `verdict` `add` or `drop` as the network would have it; `OUT/sheet-N.png` shows them, twenty on a sheet:
the box in red, labels near it in green. Whoever has looked keeps the rows that are right, as `../held-out-verdicts.csv`.
"""
import argparse
import csv
from pathlib import Path

import cv2
import numpy

from .pictures import Pictures
from .relabel import look
from .scoring import overlaps
from .teacher import load

APART = 0.4  # overlap with a label below which somebody found is somebody else
SMALLEST = 20  # pixels of the stored picture: who is lower cannot be judged by eye
COLUMNS, ROWS, TILE = 5, 4, 300


def disputes(network, pictures: Pictures, device: str = "cpu") -> tuple[list[tuple], list[tuple]]:
    """People to add and labels to drop, each as (index of the picture, box in pixels, the network's score), most disputed first."""
    add, drop = [], []
    for index in range(len(pictures)):
        (found, _), labels = look(network, pictures.picture(index), device), pictures.boxes[index]
        shared = overlaps(found.boxes, labels)
        for box, score, near in zip(found.boxes, found.scores, shared.max(1, initial=0)):
            if near < APART and box[3] - box[1] >= SMALLEST:
                add.append((index, box, float(score)))
        for number, best in enumerate((found.scores[:, None] * (shared >= APART)).max(0, initial=0)):
            if labels[number, 3] - labels[number, 1] >= SMALLEST:
                drop.append((index, labels[number], float(best)))
    add.sort(key=lambda one: -one[2])
    drop.sort(key=lambda one: (round(one[2], 2), -(one[1][3] - one[1][1])))
    return add, drop


def tile(pictures: Pictures, index: int, box: numpy.ndarray, words: str) -> numpy.ndarray:
    """The surroundings of a box, `TILE` by `TILE`."""
    image, labels = pictures.picture(index), pictures.boxes[index]
    reach = max(box[2] - box[0], box[3] - box[1], 60) * 0.9
    centre = (box[:2] + box[2:]) / 2
    matrix = numpy.array([[1, 0, -(centre[0] - reach)], [0, 1, -(centre[1] - reach)]]) * (TILE / (2 * reach))
    view = cv2.warpAffine(image, matrix, (TILE, TILE), flags=cv2.INTER_LINEAR, borderValue=(60, 60, 60))
    def draw(corners, colour, width):
        points = (corners.reshape(2, 2) @ matrix[:, :2].T + matrix[:, 2]).round().astype(int)
        cv2.rectangle(view, points[0].tolist(), points[1].tolist(), colour, width)
    for label in labels:
        draw(label, (80, 200, 80), 1)
    draw(box, (40, 40, 255), 2)
    cv2.putText(view, words, (6, TILE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3)
    cv2.putText(view, words, (6, TILE - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    return view


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    pictures = Pictures(options.data, "val", options.cache)
    add, drop = disputes(load(options.weights).to(options.device), pictures, options.device)
    half = options.most // 2
    shown = [("add", *one) for one in add[:half]] + [("drop", *one) for one in drop[:half]]
    options.out.mkdir(parents=True, exist_ok=True)
    with open(options.out / "disputed.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "verdict", "file", "cx", "cy", "w", "h", "score"])
        for number, (verdict, index, box, score) in enumerate(shown, 1):
            height, width = pictures.shapes[index]
            x1, y1, x2, y2 = box / (width, height, width, height)
            row = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
            writer.writerow([number, verdict, pictures.names[index], *(f"{value:.5f}" for value in row), f"{score:.3f}"])
    tiles = [tile(pictures, index, box, f"{number} {verdict} {score:.2f} {pictures.sources[index][:14]}")
             for number, (verdict, index, box, score) in enumerate(shown, 1)]
    for start in range(0, len(tiles), COLUMNS * ROWS):
        page = tiles[start : start + COLUMNS * ROWS]
        page += [numpy.zeros((TILE, TILE, 3), numpy.uint8)] * (-len(page) % COLUMNS)
        rows = [numpy.hstack(page[at : at + COLUMNS]) for at in range(0, len(page), COLUMNS)]
        cv2.imwrite(str(options.out / f"sheet-{start // (COLUMNS * ROWS) + 1}.png"), numpy.vstack(rows))
    labels = sum(len(boxes) for boxes in pictures.boxes)
    print(f"{labels} labels in {len(pictures)} pictures; {len(shown)} disputes in {options.out}")


if __name__ == "__main__":
    main()
