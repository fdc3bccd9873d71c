"""Detectors as others ship them: any ONNX file with a card, run by the engine that the daemon uses, and OpenCV's HOG people detector."""
import json
import time
from pathlib import Path

import cv2
import numpy
import openvino

from .scoring import WEAKEST, Detections, suppress


class CardDetector:
    """An ONNX model as its card says (see `analytics/models/README.md`), on one thread."""

    def __init__(self, card: Path, threads: int = 1):
        self.card = json.loads(card.read_text())
        self.name = self.card["name"]
        entry = self.card["input"]
        self.width, self.height = entry["width"], entry["height"]
        self.mean = numpy.array(entry.get("mean", 0), numpy.float32)
        self.scale = numpy.array(entry["scale"], numpy.float32)
        core = openvino.Core()
        core.set_property("CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"})
        self.model = core.compile_model(str(card.parent / self.card["file"]), "CPU")

    def detect(self, image: numpy.ndarray) -> Detections:
        """What is found in a picture `[H, W, 3]` BGR, in its pixels."""
        entry = self.card["input"]
        scale = min(self.width / image.shape[1], self.height / image.shape[0])
        w, h = round(image.shape[1] * scale), round(image.shape[0] * scale)
        x, y = ((self.width - w) // 2, (self.height - h) // 2) if entry["letterbox_align"] == "center" else (0, 0)
        canvas = numpy.full((self.height, self.width, 3), entry["letterbox_fill"], numpy.uint8)
        canvas[y : y + h, x : x + w] = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        if entry["color"] == "rgb":
            canvas = canvas[:, :, ::-1]
        tensor = ((canvas.astype(numpy.float32) - self.mean) / self.scale).transpose(2, 0, 1)[None]
        boxes, scores = self._decoded(self.model({0: numpy.ascontiguousarray(tensor)}))
        found = suppress(boxes[scores > WEAKEST], scores[scores > WEAKEST])
        corners = (found.boxes - (x, y, x, y)) / scale
        return Detections(corners.clip(0, [image.shape[1], image.shape[0]] * 2), found.scores)

    def milliseconds(self, runs: int = 200) -> float:
        """The median time of one inference."""
        request, tensor = self.model.create_infer_request(), numpy.zeros((1, 3, self.height, self.width), numpy.float32)
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            request.infer({0: tensor})
            times.append(time.perf_counter() - began)
        return float(numpy.median(times) * 1000)

    def _decoded(self, results) -> tuple[numpy.ndarray, numpy.ndarray]:
        names, person = self.card["outputs"], self.card["person_class"]
        match self.card["head"]:
            case "boxes_scores":
                return results[names["boxes"]][0], results[names["scores"]][0][:, person]
            case "yolov8":
                raw = results[names["output"]][0].T
                return corners_of(raw[:, :2], raw[:, 2:4]), raw[:, 4 + person]
            case "yolox":
                raw = results[names["output"]][0]
                cells = [
                    (numpy.stack(numpy.meshgrid(numpy.arange(self.width // s), numpy.arange(self.height // s)), -1).reshape(-1, 2), s)
                    for s in (8, 16, 32)
                ]
                grid = numpy.concatenate([cell for cell, _ in cells])
                stride = numpy.concatenate([numpy.full((len(cell), 1), s) for cell, s in cells])
                boxes = corners_of((raw[:, :2] + grid) * stride, numpy.exp(raw[:, 2:4]) * stride)
                return boxes, raw[:, 4] * raw[:, 5 + person]
            case other:
                raise ValueError(f"{self.name}: the card's head is '{other}', but boxes_scores, yolox and yolov8 are known")


def corners_of(centres: numpy.ndarray, sizes: numpy.ndarray) -> numpy.ndarray:
    return numpy.concatenate([centres - sizes / 2, centres + sizes / 2], 1)


class HOGDetector:
    """Dalal and Triggs (2005), with the people model that OpenCV ships. Pictures are doubled: its smallest window is
    128 px high. The paper's windows have 16 of 128 pixels around the person on all sides, which are taken off."""

    name = "OpenCV HOG"

    def __init__(self):
        self.hog = cv2.HOGDescriptor()
        self.hog.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())

    def detect(self, image: numpy.ndarray) -> Detections:
        doubled = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
        boxes, weights = self.hog.detectMultiScale(doubled, winStride=(8, 8), scale=1.05, groupThreshold=0)
        windows = numpy.array(boxes, numpy.float64).reshape(-1, 4) / 2
        margin = windows[:, 3:] / 8
        corners = numpy.concatenate([windows[:, :2] + margin, windows[:, :2] + windows[:, 2:] - margin], 1)
        return suppress(corners, numpy.ravel(weights))
