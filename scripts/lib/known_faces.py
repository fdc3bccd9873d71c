"""Faces of people who are seen again, as scripts/known-faces.csv labels them.

Who is who was seen by eye, in enlarged pictures side by side, by clothes, hair, glasses, place and the run of a video; never by a descriptor.
Whoever could not be told for sure is not in it. The boxes are those of faces.csv, or what YuNet finds.

The columns: picture (below the folder of shared files: a clip, or a picture of its set of people), frame (of a clip, the first is 0), x, y,
width, height (pixels), person, sight, group.
  person  who it is, by a name of ours. Two of one name are one person.
  sight   a number within the person: faces of one sight were seen together, moments apart or nearly alike, so they are no pair.
  group   people of one group may be one person, as far as an eye can tell, so they are no pair either; empty for who is like nobody else.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, field

from face_score import Box


@dataclass
class KnownFace:
    picture: str
    frame: int
    box: Box
    person: str
    sight: int
    group: str
    # What the daemon says of it; none where it does not find it.
    numbers: list = None
    score: float = None
    quality: dict = field(default_factory=dict)
    pose: dict = field(default_factory=dict)

    @property
    def height(self):
        return self.box.height

    @property
    def scene(self):
        """The people of one name before the dash were taken by one camera, or by few alike."""
        return self.person.partition("-")[0]


def load(path):
    with open(path, newline="") as file:
        return [
            KnownFace(row["picture"], int(row["frame"]), Box(*(float(row[side]) for side in ("x", "y", "width", "height"))),
                      row["person"], int(row["sight"]), row["group"] or row["person"])
            for row in csv.DictReader(file)
        ]


def is_same(a, b):
    """Whether two faces are a pair of one person (True), of two (False), or no pair (None)."""
    if a.person == b.person:
        return True if a.sight != b.sight else None
    return False if a.group != b.group else None


def by_picture(faces):
    pictures = defaultdict(list)
    for face in faces:
        pictures[face.picture, face.frame].append(face)
    return pictures
