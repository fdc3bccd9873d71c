"""The labelled pictures, decoded once into one file that all workers map."""
import csv
import tarfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy

PERSON, UNKNOWN = 1, -1  # kinds of boxes: learn it; learn nothing inside it
AGAIN = "again"  # relabel.py's verdict on an empty view that deceives
TIMES_AGAIN = 4  # how often such a view is shown beside others


class Pictures:
    """One split of a folder of pictures (`images.csv`, `boxes.csv`, `images-*.tar`).

    `picture(i)` is `[H, W, 3]` BGR, a view into a mapped file: reading is free, writing forbidden. `boxes[i]` is `[n, 4]` as x1,
    y1, x2, y2 in pixels, `kinds[i]` `[n]`, `times[i]` how often it is shown beside others. `cache` keeps the decoded pictures (6 GB
    for 13,500). `amended` is what somebody who looked has to say of the labels: rows of `dispute.py`.
    """

    def __init__(self, folder: Path, split: str, cache: Path, relabelled: Path | None = None, amended: Path | None = None):
        with open(folder / "images.csv", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["split"] == split]
        self.names = [row["file"] for row in rows]
        self.sources = [row["source"] for row in rows]
        self.shapes, self.offsets = self._decoded(folder, rows, cache / split)
        self.memory = numpy.memmap(cache / f"{split}.pixels", numpy.uint8, "r")
        labels: dict[str, list] = {}
        with open(folder / "boxes.csv", newline="") as file:
            for row in csv.DictReader(file):
                labels.setdefault(row["file"], []).append([float(row[key]) for key in ("cx", "cy", "w", "h")])
        if amended:
            amend(labels, amended)
        self.boxes, self.kinds, self.times = [], [], [1] * len(rows)
        for name, (height, width) in zip(self.names, self.shapes):
            b = numpy.array(labels.get(name, []), numpy.float32).reshape(-1, 4)
            corners = numpy.concatenate([b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2], 1)
            self.boxes.append(corners * numpy.array([width, height, width, height], numpy.float32))
            self.kinds.append(numpy.full(len(b), PERSON, numpy.int8))
        if relabelled:
            self._relabel(relabelled)

    def __len__(self) -> int:
        return len(self.names)

    def picture(self, index: int) -> numpy.ndarray:
        height, width = self.shapes[index]
        start = self.offsets[index]
        return self.memory[start : start + height * width * 3].reshape(height, width, 3)

    def _relabel(self, path: Path) -> None:
        """Takes the verdicts of `relabel.py`: rows of file, kind, box; a row with a box of the labels changes its kind."""
        places = {name: index for index, name in enumerate(self.names)}
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                index = places.get(row["file"])
                if index is None:
                    continue
                if row["label"] == AGAIN:
                    self.times[index] = TIMES_AGAIN
                elif row["label"]:
                    self.kinds[index][int(row["label"])] = UNKNOWN
                else:
                    box = numpy.array([[float(row[key]) for key in ("x1", "y1", "x2", "y2")]], numpy.float32)
                    self.boxes[index] = numpy.concatenate([self.boxes[index], box])
                    self.kinds[index] = numpy.append(self.kinds[index], numpy.int8(UNKNOWN))

    @staticmethod
    def _decoded(folder: Path, rows: list[dict], base: Path) -> tuple[list[tuple[int, int]], list[int]]:
        table, pixels = base.with_suffix(".shapes.npy"), base.with_suffix(".pixels")
        if not table.exists():
            base.parent.mkdir(parents=True, exist_ok=True)
            wanted = {row["file"]: index for index, row in enumerate(rows)}
            found = numpy.full((len(rows), 3), -1, numpy.int64)  # height, width, offset
            offset = 0
            with open(pixels, "wb") as out:
                for shard in sorted({row["shard"] for row in rows}):
                    with tarfile.open(folder / shard) as archive:
                        for member in archive:
                            index = wanted.get(member.name)
                            if index is None:
                                continue
                            data = numpy.frombuffer(archive.extractfile(member).read(), numpy.uint8)
                            image = cv2.imdecode(data, cv2.IMREAD_COLOR)
                            if image is None:
                                raise ValueError(f"{shard}: {member.name} is no picture that OpenCV reads")
                            found[index] = (*image.shape[:2], offset)
                            out.write(image.tobytes())
                            offset += image.nbytes
            missing = [row["file"] for row, place in zip(rows, found) if place[2] < 0]
            if missing:
                raise ValueError(f"{folder}: {len(missing)} pictures of images.csv are in no shard, the first is {missing[0]}")
            numpy.save(table, found)
        found = numpy.load(table)
        if len(found) != len(rows):
            raise ValueError(f"{table} holds {len(found)} pictures and images.csv names {len(rows)}: delete the cache")
        return [(int(h), int(w)) for h, w, _ in found], [int(offset) for _, _, offset in found]


def amend(labels: dict[str, list], path: Path) -> None:
    """Adds boxes to the labels of each file, and drops some, as the rows of `path` say."""
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            box, known = [float(row[key]) for key in ("cx", "cy", "w", "h")], labels.setdefault(row["file"], [])
            if row["verdict"] == "add":
                known.append(box)
                continue
            same = [label for label in known if numpy.abs(numpy.subtract(label, box)).max() < 1e-4]
            if row["verdict"] != "drop" or not same:
                raise ValueError(f"{path}: {row['file']} has no label {box} to {row['verdict']}")
            known.remove(same[0])


def frames(video: Path, every: int = 1) -> Iterator[tuple[int, numpy.ndarray]]:
    """Every `every`-th frame of a video with its number, the first one being 1."""
    capture, number = cv2.VideoCapture(str(video)), 0
    while True:
        is_there, frame = capture.read()
        if not is_there:
            break
        number += 1
        if (number - 1) % every == 0:
            yield number, frame
    if not number:
        raise ValueError(f"{video} is no video that OpenCV reads")


def letterbox(image: numpy.ndarray, width: int, height: int) -> tuple[numpy.ndarray, float, int, int]:
    """The picture scaled into the middle of grey, the scale, and the bars' widths: as the daemon feeds the network."""
    scale = min(width / image.shape[1], height / image.shape[0])
    w, h = round(image.shape[1] * scale), round(image.shape[0] * scale)
    x, y = (width - w) // 2, (height - h) // 2
    canvas = numpy.full((height, width, 3), 114, numpy.uint8)
    canvas[y : y + h, x : x + w] = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return canvas, scale, x, y
