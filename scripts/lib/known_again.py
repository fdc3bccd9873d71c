"""The trial of scripts/trial/known-again."""

import argparse
import statistics
import sys
from collections import defaultdict, namedtuple

import known_faces
import known_pictures
from descriptor_score import VERIFICATION
from face_score import table
from recognition_client import AT_ONCE, ROOT, RecognitionDaemon, encoded

# A list with one person on it: by which crops, and when he was seen first, as pictures and frames.
Listed = namedtuple("Listed", "id crops moments")
# Faces with their similarity to whoever is on a list: his own, later; those of others, later; and of others who were seen beside him at first.
Told = namedtuple("Told", "own others beside")
AROUND = 2  # of a crop, in sizes of the face, to each side of its middle


def crop(image, box):
    """What somebody would cut out by hand: the face and what is around it. And where the face lies in that."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    reach = AROUND * max(box.width, box.height)
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    cut = image.crop((left, top, min(image.width, int(x + reach)), min(image.height, int(y + reach))))
    return cut, box._replace(x=box.x - left, y=box.y - top)


def enrol(daemon, pictures, faces, crops):
    """Puts one person on a list, by the first crops in which the daemon finds him; None when it finds him in none, or he is not seen again."""
    first = [face for face in faces if face.sight == faces[0].sight]
    samples, taken = [], []
    for face in first:
        cut, box = crop(pictures.open(face.picture, face.frame), face.box)
        found = known_pictures.find(daemon, cut, [box])
        if found and len(samples) < crops:
            samples.append(found[0].sample)
            taken.append(face)
    if not samples or len(first) == len(faces):
        return None
    attribute = daemon.ask("POST", "/6/extractor?aggregate_attributes=1", samples)[0]["attribute_id"]
    listing = daemon.ask("POST", "/6/lists", {"user_data": faces[0].person})["list_id"]
    daemon.ask("POST", "/6/faces", {"lists": [listing], "attribute": {"attribute_id": attribute}})
    return Listed(listing, taken, {(face.picture, face.frame) for face in first})


def similarities(daemon, numbers, listings):
    """To the face of each list."""
    answer = daemon.ask("POST", "/6/matcher/faces", {
        "references": [{"type": "sdk_descriptor", "id": "seen", "data": numbers}],
        "candidates": [{"filters": {"origin": "faces", "list_id": listing}, "limit": 1} for listing in listings]})
    return [match["result"][0]["similarity"] for match in answer[0]["matches"]]


def words(values, threshold):
    """How many of some similarities reach the threshold, and where they lie."""
    if not values:
        return "–"
    known = sum(value >= threshold for value in values)
    return f"{known} of {len(values)} ({min(values):.3f} to {max(values):.3f}, median {statistics.median(values):.3f})"


def heights(faces):
    return f"{min(face.height for face in faces):g} to {max(face.height for face in faces):g}" if faces else "–"


def main():
    parser = argparse.ArgumentParser(prog="known-again", description=__doc__)
    parser.add_argument("scenes", nargs="*", default=["walker"], metavar="SCENE")
    parser.add_argument("--crops", type=int, default=1, choices=range(1, AT_ONCE + 1), help="of when somebody is first seen, for one descriptor")
    parser.add_argument("--threshold", type=float, default=VERIFICATION)
    parser.add_argument("--faces", action="store_true", help="tells the similarity of each")
    options = parser.parse_args()
    shared = ROOT.parent / "shared"
    if not (shared / "clips").exists():
        print(f"known-again: {shared} has no clips: nothing is tried.")
        return
    labelled = known_faces.load(ROOT / "scripts/known-faces.csv")
    faces = [face for face in labelled if face.scene in options.scenes]
    people = defaultdict(list)
    for face in faces:
        people[face.person].append(face)
    if missing := set(options.scenes) - {face.scene for face in faces}:
        sys.exit(f"known-again: there is no scene {', '.join(sorted(missing))}; there are {', '.join(sorted({face.scene for face in labelled}))}")

    pictures = known_pictures.Pictures(shared)
    with RecognitionDaemon() as daemon:
        listed = {person: found for person, own in people.items() if (found := enrol(daemon, pictures, own, options.crops))}
        told = {person: Told([], [], []) for person in listed}
        for (picture, frame), inside in known_faces.by_picture(faces).items():
            known_pictures.describe(daemon, pictures.open(picture, frame), inside)
            for face in (face for face in inside if face.numbers):
                values = similarities(daemon, encoded(face.numbers), [each.id for each in listed.values()])
                for (person, each), value in zip(listed.items(), values):
                    same = known_faces.is_same(face, each.crops[0])
                    if same is None:
                        continue
                    seen = told[person]
                    (seen.own if same else seen.beside if (picture, frame) in each.moments else seen.others).append((face, value))
                    if options.faces:
                        print(f"{picture} {frame}: {face.person}, {face.height:g} pixels, is {value:.3f} like {person} of the list")
    rows, failures = [], []
    for person, seen in told.items():
        crops = listed[person].crops
        rows.append([person, len(crops), heights(crops), heights([face for face, _ in seen.own]),
                     *(words([value for _, value in faces], options.threshold) for faces in seen)])
        if 2 * sum(value >= options.threshold for _, value in seen.own) < max(1, len(seen.own)):
            failures.append(f"{person} is known in less than half of the later faces")
        failures += [f"{face.person} is taken for {person}" for face, value in seen.others if value >= options.threshold][:1]
    at = f"from {options.threshold:g} on"
    print(table(["on the list", "crops", "height", "height later", f"known again {at}",
                 f"others taken for them {at}", "and such as were seen beside them at first"], rows))
    if failures:
        sys.exit("known-again: " + "; ".join(failures))


main()
