"""How many frames of labelled faces `sightline analyze --blur faces` leaves uncovered, as Markdown tables.

usage: blur_score.py [--covered SHARE] [--json FILE] FACES.csv CLIP=PLACES.jsonl …

PLACES.jsonl is what --detections wrote beside --blur: {"frame": from 1, "covered": [{"x", "y", "width", "height"}]}. A face is covered in a frame in
which at least SHARE (0.95) of its box lies in one covered place. Exits with 1 when a face that is followed, which is labelled in at least two
frames of its clip, is uncovered in any of them.
"""
import argparse
import json
import sys

from face_score import Box, HEIGHTS, height_name, height_of, load_faces, share_inside, table


def load_places(path):
    """Covered boxes by frame, from 0."""
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    return {line["frame"] - 1: [Box(box["x"], box["y"], box["width"], box["height"]) for box in line["covered"]] for line in lines}


def judge(faces, places, share):
    """Labelled faces by identity, with the height band and whether each is covered."""
    people = {}
    for (clip, frame), inside in sorted(faces.items()):
        for face in inside:
            if clip not in places or face.ignored:
                continue
            is_covered = any(share_inside(face.box, place) >= share for place in places[clip].get(frame, []))
            people.setdefault((clip, face.identity), []).append((frame, height_of(face.box), is_covered))
    return people


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--covered", type=float, default=0.95)
    parser.add_argument("--json")
    parser.add_argument("faces")
    parser.add_argument("places", nargs="+")
    options = parser.parse_args()
    places = {clip: load_places(path) for clip, _, path in (entry.partition("=") for entry in options.places)}
    people = judge(load_faces(options.faces), places, options.covered)
    names = [height_name(*band) for band in HEIGHTS]
    rows = {clip: {name: [0, 0] for name in names} for clip in places}
    followed, bare = [0, 0], []
    for (clip, identity), sights in people.items():
        is_followed = identity > 0 and len(sights) > 1
        for frame, height, is_covered in sights:
            rows[clip][height][0] += 1
            rows[clip][height][1] += not is_covered
            if is_followed:
                followed[0] += 1
                followed[1] += not is_covered
                bare += [] if is_covered else [f"{clip}, person {identity}, frame {frame}"]
    def cell(count): return f"{count[1]} of {count[0]}" if count[0] else "–"
    print("Labelled faces that the blur leaves uncovered, by height in pixels:\n")
    print(table(["clip", *names], [[clip, *map(cell, bands.values())] for clip, bands in rows.items()]))
    print(f"\nOf faces that are followed: {followed[1]} of {followed[0]} frames uncovered.")
    for line in bare:
        print(f"- {line}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"clips": rows, "followed": followed, "uncovered": bare}, file, indent=1)
    sys.exit(1 if bare else 0)


if __name__ == "__main__":
    main()
