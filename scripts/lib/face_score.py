"""Scores found faces against faces labelled by eye, as Markdown tables.

usage: face_score.py [--score MINIMUM] [--covered SHARE] [--json FILE] FACES.csv LABEL=DETECTIONS.csv …

DETECTIONS.csv has the columns clip, frame, x, y, w, h, score, track (empty where nothing is followed); what it says of frames that
FACES.csv does not name is left out. MINIMUM: weaker detections are left out (0). SHARE: a followed face is covered in a frame in which
one box holds this much of it (0.5; judge the regions of a blur at 0.9 or more).

FACES.csv has the columns clip (below the folder of shared files), frame (the first is 0), x, y, width, height (pixels of the frame),
identity (a number within its clip, 0 for nobody in particular) and kind. A frame that it names is labelled whole.
  face    what a detector is to find. The box goes from the hairline of the forehead to the chin and from ear to ear; of a face that is
          turned, from the ear that is seen to the tip of the nose; without the hair that hangs over it, with glasses and beard.
  ignore  neither right nor wrong when found: turned away by more than 90 degrees, hidden by more than half, cut by the picture's edge,
          lower than 8 pixels, or too blurred to say. Those of nobody in particular are drawn around the head, generously.
  none    the frame has no face, though perhaps people seen from behind; it has no box.
"""
import argparse
import csv
import json
from collections import defaultdict, namedtuple

Box = namedtuple("Box", "x y width height")
Face = namedtuple("Face", "box identity ignored")
Detection = namedtuple("Detection", "box score track")
MATCH = 0.4  # a face is small, and where its forehead ends is a matter of taste
HEIGHTS = [(0, 12), (12, 16), (16, 24), (24, 48), (48, None)]


def overlap(a, b):
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return max(0, width) * max(0, height)


def iou(a, b):
    shared = overlap(a, b)
    union = a.width * a.height + b.width * b.height - shared
    return shared / union if union > 0 else 0


def share_inside(inner, outer):
    area = inner.width * inner.height
    return overlap(inner, outer) / area if area > 0 else 0


def load_faces(path):
    """Faces by clip and frame; an empty list for a frame without any."""
    faces = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            key = row["clip"], int(row["frame"])
            if row["kind"] == "none":
                faces[key] += []
            elif row["kind"] in ("face", "ignore"):
                box = Box(*(float(row[column]) for column in ("x", "y", "width", "height")))
                faces[key].append(Face(box, int(row["identity"]), row["kind"] == "ignore"))
            else:
                raise ValueError(f"{path}: there is no kind '{row['kind']}'")
    return dict(faces)


def load_detections(path, minimum):
    """Detections by clip and frame."""
    detections = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found = Detection(Box(*(float(row[column]) for column in "xywh")), float(row["score"]), row["track"])
            if found.score >= minimum:
                detections[row["clip"], int(row["frame"])].append(found)
    return detections


def match(faces, detections):
    """Pairs of face and detection, the surest detection first, and the detections that are false."""
    free = [face for face in faces if not face.ignored]
    ignored = [face.box for face in faces if face.ignored]
    pairs, false = [], []
    for found in sorted(detections, key=lambda found: -found.score):
        best = max(free, key=lambda face: iou(face.box, found.box), default=None)
        if best and iou(best.box, found.box) >= MATCH:
            free.remove(best)
            pairs.append((best, found))
        elif not any(iou(found.box, box) >= MATCH or share_inside(found.box, box) >= 0.5 for box in ignored):
            false.append(found)
    return pairs, false


def height_name(low, high):
    return f"{low}+" if high is None else f"{low}–{high}" if low else f"under {high}"


def height_of(box):
    return next(height_name(low, high) for low, high in HEIGHTS if high is None or box.height < high)


def ratio(part, whole):
    return part / whole if whole else None


def score(faces, detections):
    """Found and labelled faces by height, false ones by their own."""
    labelled, found, false = (dict.fromkeys((height_name(*band) for band in HEIGHTS), 0) for _ in range(3))
    for key, inside in faces.items():
        pairs, wrong = match(inside, detections.get(key, []))
        for face in inside:
            labelled[height_of(face.box)] += not face.ignored
        for face, _ in pairs:
            found[height_of(face.box)] += 1
        for detection in wrong:
            false[height_of(detection.box)] += 1
    bands = {
        name: {"faces": labelled[name], "recall": ratio(found[name], labelled[name]), "false": false[name]} for name in labelled
    }
    hits, misses = sum(found.values()), sum(false.values())
    return {
        "faces": sum(labelled.values()), "recall": ratio(hits, sum(labelled.values())), "precision": ratio(hits, hits + misses),
        "false per 1,000 frames": ratio(1000 * misses, len(faces)), "frames": len(faces), "heights": bands,
    }


def followed(faces, detections, share):
    """Of each person with at least two judged frames: how many of them nothing covers, and the tracks that found the face."""
    people = defaultdict(lambda: {"frames": 0, "uncovered": 0, "tracks": set()})
    for (clip, frame), inside in sorted(faces.items()):
        boxes = detections.get((clip, frame), [])
        tracks = {face.identity: found.track for face, found in match(inside, boxes)[0] if found.track}
        for face in inside:
            if face.ignored or not face.identity:
                continue
            person = people[clip, face.identity]
            person["frames"] += 1
            person["uncovered"] += not any(share_inside(face.box, found.box) >= share for found in boxes)
            person["tracks"] |= {tracks[face.identity]} if face.identity in tracks else set()
    return {
        key: {**person, "tracks": len(person["tracks"]), "share": person["uncovered"] / person["frames"]}
        for key, person in people.items() if person["frames"] > 1
    }


def cell(value):
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def table(columns, rows):
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join(lines + [f"| {' | '.join(map(cell, row))} |" for row in rows])


def print_tables(scores, people):
    columns = ["faces", "recall", "precision", "false per 1,000 frames", "frames"]
    print(table(["found by", *columns], [[label, *(row[column] for column in columns)] for label, row in scores.items()]))
    names = [height_name(*band) for band in HEIGHTS]
    print("\nRecall by height in pixels (labelled faces in brackets), then false faces by height:\n")
    print(table(["found by", *names, *(f"false {name}" for name in names)], [
        [label, *(f"{cell(band['recall'])} ({band['faces']})" for band in row["heights"].values()),
         *(band["false"] for band in row["heights"].values())] for label, row in scores.items()
    ]))
    print("\nFaces that are followed, and the frames in which nothing covers them:\n")
    print(table(["found by", "clip", "person", "frames", "uncovered", "share", "tracks"], [
        [label, clip, identity, person["frames"], person["uncovered"], person["share"], person["tracks"]]
        for label, rows in people.items() for (clip, identity), person in rows.items()
    ]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--score", type=float, default=0)
    parser.add_argument("--covered", type=float, default=0.5)
    parser.add_argument("--json")
    parser.add_argument("faces")
    parser.add_argument("found", nargs="+")
    options = parser.parse_args()
    faces = load_faces(options.faces)
    scores, people = {}, {}
    for entry in options.found:
        label, _, path = entry.partition("=")
        detections = load_detections(path, options.score)
        scores[label], people[label] = score(faces, detections), followed(faces, detections, options.covered)
    print_tables(scores, people)
    if options.json:
        rows = {
            label: {**scores[label], "followed": [{"clip": clip, "person": identity, **row} for (clip, identity), row in people[label].items()]}
            for label in scores
        }
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
