"""A folder of pictures as small as can be: grey, with bright upright boxes for people."""
import csv
import io
import tarfile
from pathlib import Path

import cv2
import numpy

SIDE = 64


def write_pictures(folder: Path, train: int = 6, val: int = 2) -> None:
    random = numpy.random.default_rng(1)
    rows, labels = [], []
    with tarfile.open(folder / "images-0.tar", "w") as shard:
        for number in range(train + val):
            name = f"{number}.png"
            image = numpy.full((SIDE, SIDE, 3), 90, numpy.uint8)
            x, y = random.integers(2, 40, 2)
            image[y : y + 22, x : x + 10] = 230
            data = cv2.imencode(".png", image)[1].tobytes()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            shard.addfile(member, io.BytesIO(data))
            rows.append([name, "images-0.tar", "tiny", "none", "train" if number < train else "val", SIDE, SIDE, number])
            labels.append([name, (x + 5) / SIDE, (y + 11) / SIDE, 10 / SIDE, 22 / SIDE])
    write_table(folder / "images.csv", ["file", "shard", "source", "licence", "split", "width", "height", "group"], rows)
    write_table(folder / "boxes.csv", ["file", "cx", "cy", "w", "h"], labels)


def write_table(path: Path, head: list[str], rows: list[list]) -> None:
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def write_video(path: Path, count: int, width: int = 64, height: int = 64) -> None:
    """Frame number n, from 1 on, is grey of n × 5."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, (width, height))
    for number in range(1, count + 1):
        writer.write(numpy.full((height, width, 3), min(255, number * 5), numpy.uint8))
    writer.release()
