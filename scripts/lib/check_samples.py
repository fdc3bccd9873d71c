"""Holds what the program found in the samples against their ground truth; one line per claim, exit 1 if one is untrue.

usage: check_samples.py FOLDER_OF_SAMPLES FOLDER_OF_RESULTS

The bounds leave room for another detector or tracker that is no worse, not for one that is.
"""
import collections
import json
import pathlib
import sys

SAMPLES, RESULTS = map(pathlib.Path, sys.argv[1:3])
LEAST_OVERLAP = 0.5


def rows(path):
    """MOTChallenge rows by frame: (id, (x, y, width, height), considered)."""
    frames = collections.defaultdict(list)
    for line in path.read_text().split():
        frame, identity, x, y, width, height, considered = line.split(",")[:7]
        box = tuple(map(float, (x, y, width, height)))
        frames[int(frame)].append((int(identity), box, float(considered) != 0))
    return frames


def objects(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    overlap = max(0, width) * max(0, height)
    return overlap / (a[2] * a[3] + b[2] * b[3] - overlap)


def compare(truth, found):
    """Boxes found, boxes there, boxes claimed, and for each person the set of tracks that followed them."""
    hits = there = claimed = 0
    followers = collections.defaultdict(collections.Counter)
    for frame in sorted(set(truth) | set(found)):
        people, boxes = truth.get(frame, []), list(found.get(frame, []))
        pairs = sorted(
            ((iou(person[1], box[1]), p, b) for p, person in enumerate(people) for b, box in enumerate(boxes)),
            reverse=True)
        taken_people, taken_boxes = set(), set()
        for overlap, p, b in pairs:
            if overlap >= LEAST_OVERLAP and p not in taken_people and b not in taken_boxes:
                taken_people.add(p)
                taken_boxes.add(b)
                if people[p][2]:
                    followers[people[p][0]][boxes[b][0]] += 1
        # Someone hardly in sight need not be found, and finding them is no fault.
        excused = sum(not people[p][2] for p in taken_people)
        hits += len(taken_people) - excused
        there += sum(person[2] for person in people)
        claimed += len(boxes) - excused
    return hits, there, claimed, followers


def people_by_frame(truth, only_considered):
    return {frame: sum(person[2] or not only_considered for person in people) for frame, people in truth.items()}


def main():
    failed = False

    def claim(text, value, low, high):
        nonlocal failed
        holds = low <= value <= high
        failed |= not holds
        print(f"{'ok  ' if holds else 'NOT '} {text}: {value:g} (wanted {low:g} to {high:g})")

    truth, found = rows(SAMPLES / "lobby.txt"), rows(RESULTS / "lobby.mot.txt")
    hits, there, claimed, followers = compare(truth, found)
    passages = len({person[0] for people in truth.values() for person in people if person[2]})
    claim("lobby: people found, share of all boxes", round(hits / there, 3), 0.75, 1)
    claim("lobby: boxes that are people, share of all claimed", round(hits / max(1, claimed), 3), 0.85, 1)
    times = collections.Counter(person[0] for people in truth.values() for person in people if person[2])
    faithful = sum(max(tracks.values()) >= 0.5 * times[person] for person, tracks in followers.items())
    claim("lobby: people whom one track follows for half their time or more", faithful, passages - 2, passages)
    people = objects(RESULTS / "lobby.people.jsonl")
    claim("lobby: human_tracking events", len(people), passages - 1, passages + 4)

    detections = {entry["frame"]: entry["people_count"] for entry in objects(RESULTS / "lobby.detections.jsonl")}
    most, least = people_by_frame(truth, False), people_by_frame(truth, True)
    errors = [max(least.get(f, 0) - n, n - most.get(f, 0), 0) for f, n in detections.items()]
    claim("lobby: analysed frames", len(detections), 450, 450)
    claim("lobby: error of the count, mean over frames", round(sum(errors) / max(1, len(errors)), 3), 0, 0.4)
    crowds = objects(RESULTS / "lobby.crowds.jsonl")
    counts = [event["event"]["people_count"] for event in crowds]
    claim("lobby: people_count events", len(crowds), 1, 12)
    claim("lobby: most people at once", max(counts, default=0), max(least.values()) - 1, max(most.values()) + 1)

    for name, text in (("people", "human_tracking events"), ("crowds", "people_count events")):
        claim(f"empty: {text}", len(objects(RESULTS / f"empty.{name}.jsonl")), 0, 0)
    sys.exit(1 if failed else 0)


main()
