"""The pictures of known faces, and what a daemon finds in them."""

import csv
import io
import pathlib
import subprocess
import tarfile

from PIL import Image

from face_score import Box, Detection, Face, match
from known_faces import KnownFace


class Pictures:
    """Reads pictures and frames from the folder of shared files."""

    def __init__(self, shared):
        self.shared, self.archives = pathlib.Path(shared), {}
        index = self.shared / "datasets/person/images.csv"
        with open(index, newline="") as file:
            self.shards = {row["file"]: row["shard"] for row in csv.DictReader(file)}

    def open(self, picture, frame):
        folder, _, name = picture.rpartition("/")
        if folder.startswith("datasets/"):
            shard = self.shared / folder / self.shards[name]
            if shard not in self.archives:
                self.archives[shard] = tarfile.open(shard)
            return Image.open(self.archives[shard].extractfile(name)).convert("RGB")
        data = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", self.shared / picture, "-vf", f"select=eq(n\\,{frame})", "-frames:v", "1",
             "-f", "image2pipe", "-c:v", "png", "-"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        return Image.open(io.BytesIO(data)).convert("RGB")


def png(image):
    """As the daemon is sent it: nothing is lost."""
    file = io.BytesIO()
    image.save(file, "png", compress_level=1)
    return file.getvalue()


def scaled(image, face, factor):
    """The picture made smaller, by area, and one of its faces, of which nothing is known yet."""
    size = [max(1, round(side * factor)) for side in image.size]
    box = face.box._make(side * factor for side in face.box)
    return image.resize(size, Image.Resampling.BOX), KnownFace(
        face.picture, face.frame, box, face.person, face.sight, face.group)


def find(daemon, image, boxes):
    """What the daemon finds at each box, by the box's place in the list."""
    # The surest comes first in the answer. Beside its box each carries what was found.
    seen = [Detection(Box(*found.box), -index, found) for index, found in enumerate(daemon.faces(png(image), "image/png"))]
    pairs, _ = match([Face(box, index, False) for index, box in enumerate(boxes)], seen)
    return {label.identity: detection.track for label, detection in pairs}


def describe(daemon, image, faces):
    """Fills in what the daemon says of faces of one picture, whose boxes are those of `image`."""
    found = find(daemon, image, [face.box for face in faces])
    for (index, seen), told in zip(found.items(), daemon.describe([seen.sample for seen in found.values()])):
        face = faces[index]
        face.numbers, face.score, face.quality, face.pose = told.numbers, told.score, seen.quality, seen.pose
