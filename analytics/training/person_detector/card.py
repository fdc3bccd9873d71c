"""Writes the card of an exported model: what the daemon must know to use it.

usage: python -m person_detector.card --model FILE.onnx --name person-accurate --size 640x384 --data FOLDER --cache FOLDER
       --out FILE.json

The thresholds follow from the score of the best F1 on the held-out pictures.
"""
import argparse
import hashlib
import json
import shutil
from pathlib import Path

from .detectors import CardDetector
from .judge import judge_pictures
from .pictures import Pictures
from .scoring import NMS_OVERLAP

DESCRIPTION = "People, whole bodies. Dense 3x3 ReLU convolutions, anchor-free, 8-bit weights and activations; input {}."
# Shares of the score of the best F1, to tune from with scripts/trial/tune-tracker: a false alarm costs more than a late beginning.
THRESHOLDS = {"confidence": 1.3, "candidate": 0.4, "birth": 1.5, "high": 1.2, "low": 0.95, "still": 1.55}


def described(name: str, file: Path, size: str) -> dict:
    """The card of an exported model, with thresholds that have yet to be found."""
    width, height = (int(side) for side in size.split("x"))
    return {
        "name": name, "description": DESCRIPTION.format(size), "license": "Apache-2.0", "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "input": {"width": width, "height": height, "color": "bgr", "scale": 255, "mean": [0, 0, 0],
                  "letterbox_fill": 114, "letterbox_align": "center"},
        "head": "boxes_scores", "outputs": {"boxes": "boxes", "scores": "scores"}, "classes": ["person"], "person_class": 0,
        "thresholds": {"confidence": 0.3, "nms_iou": NMS_OVERLAP},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    file = options.out.with_suffix(".onnx")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(options.model, file)
    card = described(options.name, file, options.size)
    options.out.write_text(json.dumps(card, indent=2) + "\n")
    row, _ = judge_pictures(CardDetector(options.out), Pictures(options.data, "val", options.cache))
    card["thresholds"] |= {key: round(share * row["at score"], 3) for key, share in THRESHOLDS.items()}
    options.out.write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(row))


if __name__ == "__main__":
    main()
