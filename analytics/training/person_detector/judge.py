"""Judges detectors: bundled ones, peers, and any ONNX file with a card. Prints Markdown; `--json` keeps the figures.

usage: python -m person_detector.judge pictures --data FOLDER --cache FOLDER [--amended FILE.csv] [--by-source] [--hog] CARD.json …
       python -m person_detector.judge sequence --video FILE --truth gt.txt [--every N] [--hog] CARD.json …
"""
import argparse
import csv
import json
from pathlib import Path

import numpy

from .detectors import CardDetector, HOGDetector
from .pictures import Pictures, frames
from .scoring import Detections, Tally

TALL = 0.5  # share of the picture's height from which on a person is tall


def row_of(tally: Tally) -> dict:
    precision, (low, high), (f1, score) = tally.average_precision(), tally.interval(), tally.best_f1()
    return {
        "AP50": float(precision[0]), "AP50 from": low, "AP50 to": high, "AP50:95": float(precision.mean()),
        "recall at 1 false per picture": tally.recall_at_false_per_picture(1), "best F1": f1, "at score": score,
        "pictures": tally.pictures, "people": tally.people,
    }


def show(title: str, rows: dict[str, dict]) -> None:
    columns = list(next(iter(rows.values())))
    print(f"\n{title}\n")
    print(f"| | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(f'{v:.3f}' if isinstance(v, float) else str(v) for v in row.values())} |")


def judge_pictures(detector, pictures: Pictures) -> tuple[dict, dict[str, dict]]:
    """The row of a detector over held-out pictures, and one for each source."""
    whole, tall, by_source = Tally(), Tally(), {}
    for index in range(len(pictures)):
        image, truth = pictures.picture(index), pictures.boxes[index]
        found = detector.detect(image)
        whole.add(found, truth)
        by_source.setdefault(pictures.sources[index], Tally()).add(found, truth)
        is_tall = truth[:, 3] - truth[:, 1] > TALL * image.shape[0]
        sure = found.boxes[:, 3] - found.boxes[:, 1] > 0.7 * TALL * image.shape[0]
        tall.add(Detections(found.boxes[sure], found.scores[sure]), truth[is_tall], truth[~is_tall])
    row = row_of(whole) | {"tall: recall at precision 0.8": tall.recall_at_precision(0.8)}
    return row, {source: row_of(tally) for source, tally in sorted(by_source.items())}


def judge_sequence(detector, video: Path, truth: dict[int, numpy.ndarray], every: int) -> dict:
    tally = Tally()
    for number, frame in frames(video, every):
        tally.add(detector.detect(frame), truth.get(number, numpy.zeros((0, 4))))
    return row_of(tally)


def truth_of(path: Path) -> dict[int, numpy.ndarray]:
    """Boxes of each frame, from rows of MOTChallenge."""
    frames: dict[int, list] = {}
    with open(path, newline="") as file:
        for row in csv.reader(file):
            x, y, w, h, counts = (float(value) for value in row[2:7])
            if counts > 0:
                frames.setdefault(int(row[0]), []).append((x, y, x + w, y + h))
    return {number: numpy.array(boxes) for number, boxes in frames.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    modes = parser.add_subparsers(dest="mode", required=True)
    pictures = modes.add_parser("pictures")
    pictures.add_argument("--data", type=Path, required=True)
    pictures.add_argument("--cache", type=Path, required=True)
    pictures.add_argument("--by-source", action="store_true")
    pictures.add_argument("--amended", type=Path, help="a table too by these verdicts on labels: ../held-out-verdicts.csv")
    pictures.add_argument("--most-loss", type=float, help="fails if AP50 of the second card is lower by more than this than the first's")
    sequence = modes.add_parser("sequence")
    sequence.add_argument("--video", type=Path, required=True)
    sequence.add_argument("--truth", type=Path, required=True)
    sequence.add_argument("--every", type=int, default=1)
    for mode in (pictures, sequence):
        mode.add_argument("--milliseconds", action="store_true", help="time one picture too, with one thread and with two")
        mode.add_argument("--hog", action="store_true", help="OpenCV's people detector too")
        mode.add_argument("cards", type=Path, nargs="*")
    options = parser.parse_args()

    detectors = [CardDetector(card) for card in options.cards] + ([HOGDetector()] if options.hog else [])
    rows, sources = {}, {}
    times = {}
    for card in options.cards if options.milliseconds else []:
        for threads in (1, 2):
            timed = CardDetector(card, threads)
            times.setdefault(timed.name, {})[f"ms, {threads} thread{'s'[: threads - 1]}"] = timed.milliseconds()
    if options.mode == "pictures":
        held_out = Pictures(options.data, "val", options.cache)
        for detector in detectors:
            rows[detector.name], sources[detector.name] = judge_pictures(detector, held_out)
        rows = {name: row | times.get(name, {}) for name, row in rows.items()}
        show(f"Held-out pictures of {options.data.name}", rows)
        if options.amended:
            amended = Pictures(options.data, "val", options.cache, amended=options.amended)
            better = {detector.name: judge_pictures(detector, amended)[0] for detector in detectors}
            show(f"The same with the labels of {options.amended.name}", better)
        if options.by_source:
            for name, by_source in sources.items():
                show(f"{name}, by source", by_source)
    else:
        truth = truth_of(options.truth)
        for detector in detectors:
            rows[detector.name] = judge_sequence(detector, options.video, truth, options.every)
        rows = {name: row | times.get(name, {}) for name, row in rows.items()}
        show(f"{options.video.name}, detections against {options.truth.name} at IoU 0.5", rows)
    if options.mode == "pictures" and options.most_loss is not None:
        first, second = (row["AP50"] for row in list(rows.values())[:2])
        print(f"\nAP50 {first:.3f} → {second:.3f}: {(first - second) * 100:.1f} points lost, at most {options.most_loss * 100:.1f} allowed")
        if first - second > options.most_loss:
            raise SystemExit(1)
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "by_source": sources}, indent=1))


if __name__ == "__main__":
    main()
