"""What a network learns from a teacher, beside the labels or without any.

The teacher looks at the very picture the student is shown, with all that augmentation did to it, and the student learns the teacher's
score in every cell and its box where it sees somebody ("a patient and consistent teacher", Beyer et al. 2022). Both give one output of
the same form for each stride, so cells pair up by themselves. `train_detector --teacher WEIGHTS.pt` adds this to what labels teach;
`--frames FOLDER` adds frames of videos that nobody labelled, from which only the teacher teaches.
"""
from pathlib import Path

import cv2
import numpy
import torch
from torch import Tensor
from torch.nn import functional

from .loss import FOCUS, overlap
from .network import decode
from .pictures import UNKNOWN, Pictures, frames

TRUST = 0.5  # the teacher's part of the loss, the labels' is the rest
SEES = 0.1  # the teacher's score from which on its box is learned, too
EVERY = 15  # frames of a video look alike: one of so many is taken
LARGEST = 960  # pixels of a frame's longer side
FRAME_SOURCE = "frames"


def distillation_loss(outputs: list[Tensor], taught: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The losses of scores and boxes against the teacher's outputs, on the scale of `detection_loss`."""
    boxes, logits, _, _ = decode(outputs)
    with torch.no_grad():
        teacher_boxes, teacher_logits, _, _ = decode(taught)
        scores = teacher_logits.sigmoid()
        sees = scores > SEES
        total = scores[sees].sum().clamp(min=1.0)
        wrongness = (logits.sigmoid() - scores).abs().pow(FOCUS) * 2
    classes = functional.binary_cross_entropy_with_logits(logits, scores, reduction="none") * wrongness
    distance = 1 - overlap(boxes[sees], teacher_boxes[sees], generalised=True)
    return classes.sum() / total, (distance * scores[sees]).sum() / total


def mixed(labelled: tuple[Tensor, Tensor], taught: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The losses by labels and by the teacher in one."""
    return tuple((1 - TRUST) * ours + TRUST * theirs for ours, theirs in zip(labelled, taught))


class PicturesAndFrames:
    """Labelled pictures, and after them every `EVERY`-th frame of the videos of a folder, in which everything is unknown.

    Seen from outside it is like `Pictures`. The frames are kept in memory.
    """

    def __init__(self, pictures: Pictures, folder: Path):
        self._pictures = pictures
        named = [
            (f"{video.name}:{number}", made_smaller(frame))
            for video in sorted(folder.glob("*.mp4")) for number, frame in frames(video, EVERY)
        ]
        if not named:
            raise ValueError(f"there is no .mp4 in '{folder}'")
        self._frames = [frame for _, frame in named]
        whole = [numpy.array([[0, 0, frame.shape[1], frame.shape[0]]], numpy.float32) for frame in self._frames]
        self.names = pictures.names + [name for name, _ in named]
        self.sources = pictures.sources + [FRAME_SOURCE] * len(named)
        self.times = pictures.times + [1] * len(named)
        self.boxes = pictures.boxes + whole
        self.kinds = pictures.kinds + [numpy.array([UNKNOWN], numpy.int8)] * len(named)

    def __len__(self) -> int:
        return len(self.names)

    def picture(self, index: int) -> numpy.ndarray:
        return self._pictures.picture(index) if index < len(self._pictures) else self._frames[index - len(self._pictures)]


def made_smaller(frame: numpy.ndarray) -> numpy.ndarray:
    scale = LARGEST / max(frame.shape[:2])
    return frame if scale >= 1 else cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
