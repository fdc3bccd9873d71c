"""How often a classifier names what photographs show.

usage: classifier_score.py [--json FILE] PHOTOGRAPHS.csv FOLDER CARD…

PHOTOGRAPHS.csv has a file below FOLDER and the ids of the classes that are right, any of which will do. A card is one for Sightline with the
head `probabilities`, and the classes of ImageNet. Each picture is looked at whole, as the daemon does it, and cut to bands of 4:3 and 16:9, wide and high,
as cameras and telephones have them. Besides the classes it judges labels: each class and each kind of thing with the sum of its classes, from 70 in 100 on.
"""
import argparse
import csv
import json
import pathlib
import time

LEAST = 0.7  # of a label
SHAPES = (4 / 3, 16 / 9)


def load_photographs(path):
    with open(path, newline="") as file:
        return [(row["file"], set(row["synsets"].split())) for row in csv.DictReader(file)]


class Classes:
    def __init__(self, rows, count):
        self.names = {identity: name for identity, name, *_ in rows}
        self.order = [row[0] for row in rows[:count]]
        self._parents = {identity: above for identity, _, *above in rows}
        self._places = {identity: place for place, identity in enumerate(self.order)}

    def place(self, identity):
        return self._places[identity]

    def ways_up(self, identity):
        """It and all that it is a kind of."""
        found, left = set(), [identity]
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left += self._parents[one]
        return found

    def labels(self, probabilities):
        """Ids of the classes and kinds that are as sure as a label must be."""
        sums = {}
        for identity, probability in zip(self.order, probabilities):
            for kind in self.ways_up(identity):
                sums[kind] = sums.get(kind, 0) + probability
        return {kind for kind, total in sums.items() if total >= LEAST}


def rank(probabilities, places):
    """How many classes are likelier than the likeliest of these."""
    best = max(probabilities[place] for place in places)
    return sum(probability > best for probability in probabilities)


class Score:
    """Sums over pictures."""

    def __init__(self):
        self.pictures = self.first = self.five = self.right = self.wrong = self.due = 0
        self.missed = []

    def add(self, name, probabilities, synsets, classes):
        place = rank(probabilities, [classes.place(one) for one in synsets])
        self.pictures += 1
        self.first += place < 1
        self.five += place < 5
        if place >= 5:
            best = max(range(len(probabilities)), key=lambda index: probabilities[index])
            self.missed.append((name, classes.names[classes.order[best]]))
        true = set().union(*map(classes.ways_up, synsets))
        labels = classes.labels(probabilities)
        self.right += len(labels & true)
        self.wrong += len(labels - true)
        # Of several classes that will do one alone can be this sure, so what they have in common is due.
        self.due += len(set.intersection(*map(classes.ways_up, synsets)))


def bands(width, height):
    """The whole of a picture and what is cut from its middle: left, top, right, bottom."""
    yield 0, 0, width, height
    for shape in SHAPES:
        for wide, high in ((width, width / shape), (height / shape, height)):
            wide, high = min(round(wide), width), min(round(high), height)
            yield (width - wide) // 2, (height - high) // 2, (width + wide) // 2, (height + high) // 2


class Model:
    def __init__(self, card):
        import openvino

        self.card = json.loads(card.read_text())
        rows = json.loads((card.parent / self.card["classes"]).read_text())
        self.classes = Classes(rows["things"], rows["count"])
        options = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        self.network = openvino.Core().compile_model(card.parent / self.card["file"], "CPU", options)
        self.request, self.times = self.network.create_infer_request(), []

    def look(self, picture):
        import numpy
        from PIL import Image

        size = self.card["input"]["width"], self.card["input"]["height"]
        scale = min(size[0] / picture.width, size[1] / picture.height)
        part = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
        whole = Image.new("RGB", size, (self.card["input"]["letterbox_fill"],) * 3)
        whole.paste(part, ((size[0] - part.width) // 2, (size[1] - part.height) // 2))
        values = (numpy.asarray(whole, numpy.float32) - self.card["input"]["mean"]) / self.card["input"]["scale"]
        start = time.perf_counter()
        result = self.request.infer({0: values.transpose(2, 0, 1)[None].astype(numpy.float32)})
        self.times.append(time.perf_counter() - start)
        return result[0][0].tolist()


def report(name, whole, cut, milliseconds):
    lines = [f"\n{name}, {milliseconds:.1f} ms at one thread (least):\n", "| pictures | first | among five | labels right | of | labels wrong |", "|---|---|---|---|---|---|"]
    for title, score in (("whole", whole), ("cut to bands", cut)):
        lines.append(
            f"| {title} | {score.first} of {score.pictures} | {score.five} of {score.pictures} | {score.right} | {score.due} | {score.wrong} |")
    lines += [f"\nNot among five: {picture}, taken for: {taken}" for picture, taken in whole.missed]
    return "\n".join(lines)


def main():
    from PIL import Image

    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("photographs", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("cards", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    kept = {}
    for card in arguments.cards:
        model, whole, cut = Model(card), Score(), Score()
        for name, synsets in load_photographs(arguments.photographs):
            picture = Image.open(arguments.folder / name).convert("RGB")
            for index, band in enumerate(bands(*picture.size)):
                (cut if index else whole).add(name, model.look(picture.crop(band)), synsets, model.classes)
        milliseconds = min(model.times) * 1000
        print(report(model.card["name"], whole, cut, milliseconds))
        kept[model.card["name"]] = {"milliseconds": milliseconds, "whole": vars(whole), "bands": vars(cut)}
    if arguments.json:
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
