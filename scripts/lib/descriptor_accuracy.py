"""What scripts/descriptor-accuracy measures."""

import argparse
import dataclasses
import json
import pathlib
import statistics
import sys
from collections import defaultdict

import known_faces
import known_pictures
from descriptor_score import (
    COUNTS, CURVE, RATES, THRESHOLDS, WEIGHTS, best, by_height, mean_direction, pairs_between, pairs_of, rates_table, row_of, suitability)
from face_score import table
from recognition_client import ROOT, RecognitionDaemon

SMALLER = [12, 16, 20, 24, 32, 48, 64]  # pixels
LARGE = 64  # pixels, of faces that are made smaller
SCORED = [("under 16", 16), ("16–24", 24), ("24–32", 32), ("32–48", 48), ("48–80", 80), ("80+", None)]
GATES = {
    "height": (lambda face: face.height, [0, 20, 24, 32, 48]),
    "the extractor's score": (lambda face: face.score, [0.01, 0.2, 0.4, 0.5]),
    "sharpness, light and pose": (suitability, [0.2, 0.3, 0.4, 0.5]),
}
SHOTS = 3  # of a sight that is to have a mean


def look(daemon, pictures, faces):
    for (picture, frame), inside in known_faces.by_picture(faces).items():
        known_pictures.describe(daemon, pictures.open(picture, frame), inside)
    return [face for face in faces if face.numbers]


def natural(daemon, faces, known):
    print(f"{len(faces)} faces of {len({face.person for face in faces})} people, {len(known)} of them found\n")
    pairs = pairs_of(known, daemon.similarities([face.numbers for face in known]))
    rows = by_height(pairs)
    for columns in (COUNTS, RATES, CURVE, THRESHOLDS):
        print(rates_table("height", rows, columns), end="\n\n")
    return rows


def scores(known):
    """What the extractor says of samples of faces of a height."""
    bands = defaultdict(list)
    for face in known:
        bands[next(name for name, high in SCORED if high is None or face.height < high)].append(face.score)
    rows = [[name, len(bands[name]), *statistics.quantiles(bands[name], n=4), sum(score == 0 for score in bands[name]) / len(bands[name])]
            for name, _ in SCORED if len(bands[name]) > 1]
    print("What the extractor's score says of their samples:\n")
    print(table(["height", "faces", "quarter", "half", "three quarters below", "share of 0"], rows), end="\n\n")
    return rows


def gates(daemon, known):
    """What would be left of all pairs if faces had to be so high, or so good."""
    rows = {}
    for name, (measure, leasts) in GATES.items():
        for least in leasts:
            inside = [face for face in known if measure(face) >= least]
            kept = pairs_of(inside, daemon.similarities([face.numbers for face in inside]))
            rows[f"{name} {least:g}"] = {"faces": len(inside)} | row_of(kept)
    columns = ["faces", "people", "same", "missed at 0.9", "nine of ten", "false at 0.9", "equal error", "missed at 0.01 false", "missed at 0.001 false"]
    print("With such faces alone:\n")
    print(rates_table("at least", rows, columns), end="\n\n")
    return rows


def smaller(daemon, pictures, known):
    """The same large faces in pictures that are made smaller: beside each other, and beside those in the pictures as they are."""
    large = [face for face in known if face.height >= LARGE]
    shrunk = {height: [] for height in SMALLER}
    for (picture, frame), inside in known_faces.by_picture(large).items():
        image = pictures.open(picture, frame)
        for face in inside:
            for height in SMALLER:
                small, other = known_pictures.scaled(image, face, height / face.height)
                known_pictures.describe(daemon, small, [other])
                shrunk[height].append(other)
    both, one = {}, {}
    for height, faces in shrunk.items():
        found = [face for face in faces if face.numbers]
        if not found:
            continue
        share = {"found": len(found) / len(large)}
        similarities = daemon.similarities([face.numbers for face in found] + [face.numbers for face in large])
        both[f"{height}"] = share | row_of(pairs_of(found, similarities))
        one[f"{height}"] = share | row_of(pairs_between(found, large, similarities))
    columns = ["found", "people", "same", "different", "missed at 0.9", "nine of ten", "false at 0.9", "missed at 0.81", "false at 0.81",
               "equal error", "missed at 0.01 false", "missed at 0.001 false"]
    print(f"{len(large)} faces from {LARGE} pixels on, made smaller; both of a pair:\n")
    print(rates_table("height", both, columns), end="\n\n")
    print("One of a pair, the other as it is:\n")
    print(rates_table("height", one, columns), end="\n\n")
    return {"both": both, "one": one}, shrunk, large


def by_sight(faces):
    """Those of a sight together, where it has enough of them."""
    sights = defaultdict(list)
    for face in faces:
        sights[face.person, face.sight].append(face)
    return [inside for inside in sights.values() if len(inside) >= SHOTS]


def ways(sights):
    """What stands for each sight, by the name of the way in which it is made: each of its faces, the best of them, or a mean."""
    made = {"each face by itself": [face for inside in sights for face in inside], "the best face": [max(inside, key=best) for inside in sights]}
    for name, weight in WEIGHTS.items():
        made[name] = [
            dataclasses.replace(inside[0], numbers=mean_direction([face.numbers for face in inside], [weight(face) for face in inside]))
            for inside in sights
        ]
    return made


MEANS = ["people", "same", "different", "missed at 0.9", "nine of ten", "false at 0.9", "missed at 0.81", "false at 0.81", "equal error",
         "missed at 0.03 false", "missed at 0.01 false", "missed at 0.001 false"]


def means(daemon, what, faces, others=None):
    """Each sight with several faces as one descriptor, beside such of the others, or beside single faces."""
    sights, rows = by_sight(faces), {}
    for name, made in ways(sights).items():
        similarities = daemon.similarities([face.numbers for face in made + (others or [])])
        rows[name] = row_of(pairs_between(made, others, similarities) if others else pairs_of(made, similarities))
    print(f"{len(sights)} sights of {SHOTS} faces and more, {what}:\n")
    print(rates_table("descriptor", rows, MEANS), end="\n\n")
    return rows


def main():
    parser = argparse.ArgumentParser(prog="descriptor-accuracy", description="How well descriptors tell people apart.")
    parser.add_argument("--json", type=pathlib.Path, help="a file for the figures")
    options = parser.parse_args()
    shared = ROOT.parent / "shared"
    for wanted, what in ((shared / "clips", "no clips"), (shared / "datasets/person/images.csv", "no set of people")):
        if not wanted.exists():
            print(f"descriptor-accuracy: {shared} has {what}: nothing is judged.")
            sys.exit(0)
    if not (ROOT / ".deps/models/sface.onnx").exists():
        print("descriptor-accuracy: there is no model that describes faces (make setup brings it): nothing is judged.")
        sys.exit(0)
    faces, pictures = known_faces.load(ROOT / "scripts/known-faces.csv"), known_pictures.Pictures(shared)
    with RecognitionDaemon() as daemon:
        known = look(daemon, pictures, faces)
        figures = {"heights": natural(daemon, faces, known), "scores": scores(known), "gates": gates(daemon, known)}
        figures["smaller"], shrunk, large = smaller(daemon, pictures, known)
        figures["means"] = {"alike": means(daemon, "beside each other", known), "single": means(daemon, "beside single faces", known, known)}
        for height in (16, 24):
            found = [face for face in shrunk[height] if face.numbers]
            figures["means"][f"{height} pixels"] = means(
                daemon, f"made smaller, to {height} pixels, beside single faces as they are", found, large)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


main()
