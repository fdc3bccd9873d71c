"""Average precision and what else tells a detector's worth, on boxes alone: needs nothing but NumPy."""
from dataclasses import dataclass

import numpy

NMS_OVERLAP = 0.6
WEAKEST = 0.01
THRESHOLDS = numpy.arange(0.5, 1.0, 0.05)


@dataclass
class Detections:
    """What was found in one picture: boxes `[n, 4]` and scores `[n]`, best first, in the letterboxed picture's pixels."""

    boxes: numpy.ndarray
    scores: numpy.ndarray


def overlaps(a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
    """Intersection over union of every box of `[n, 4]` with every one of `[m, 4]`: `[n, m]`."""
    sides = numpy.minimum(a[:, None, 2:], b[None, :, 2:]) - numpy.maximum(a[:, None, :2], b[None, :, :2])
    common = sides.clip(0).prod(-1)
    areas = [(x[:, 2:] - x[:, :2]).clip(0).prod(-1) for x in (a, b)]
    return common / (areas[0][:, None] + areas[1][None] - common + 1e-9)


def suppress(boxes: numpy.ndarray, scores: numpy.ndarray, most: int = 300) -> Detections:
    """Greedy non-maximum suppression."""
    order = numpy.argsort(-scores)[:most]
    boxes, scores = boxes[order], scores[order]
    shared = overlaps(boxes, boxes)
    kept: list[int] = []
    for index in range(len(boxes)):
        if not kept or shared[index, kept].max() <= NMS_OVERLAP:
            kept.append(index)
    return Detections(boxes[kept], scores[kept])


class Tally:
    """Gathers matches over pictures."""

    def __init__(self):
        self.scores: list[numpy.ndarray] = []
        self.hits: list[numpy.ndarray] = []  # [n, thresholds]
        self.counts: list[int] = []

    @property
    def people(self) -> int:
        return sum(self.counts)

    @property
    def pictures(self) -> int:
        return len(self.counts)

    def add(self, found: Detections, truth: numpy.ndarray, ignored: numpy.ndarray | None = None) -> None:
        """One picture. Who is not found among the `ignored` is not missed, and finding one is no mistake."""
        if ignored is not None and len(ignored):
            near = overlaps(found.boxes, ignored).max(1, initial=0)
            own = overlaps(found.boxes, truth).max(1, initial=0)
            kept = (near < THRESHOLDS[0]) | (own >= near)
            found = Detections(found.boxes[kept], found.scores[kept])
        self.counts.append(len(truth))
        shared = overlaps(found.boxes, truth)
        hits = numpy.zeros((len(found.scores), len(THRESHOLDS)), bool)
        near = numpy.flatnonzero(shared.max(1, initial=0) >= THRESHOLDS[0])
        for column, threshold in enumerate(THRESHOLDS):
            free = numpy.ones(len(truth), bool)
            for row in near:
                candidates = numpy.where(free, shared[row], -1)
                best = candidates.argmax()
                if candidates[best] >= threshold:
                    free[best], hits[row, column] = False, True
        self.scores.append(found.scores)
        self.hits.append(hits)

    def average_precision(self) -> numpy.ndarray:
        """For each overlap 0.50, 0.55 … 0.95: the area under the precision-recall curve, precision made monotone."""
        order = numpy.argsort(-numpy.concatenate(self.scores), kind="stable")
        hits = numpy.concatenate(self.hits)[order]
        found = hits.cumsum(0)
        recall = found / max(1, self.people)
        precision = found / numpy.arange(1, len(hits) + 1)[:, None]
        precision = numpy.maximum.accumulate(precision[::-1])[::-1]
        return (numpy.diff(recall, axis=0, prepend=0) * precision).sum(0)

    def curve(self) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        """Scores, best first, with recall and precision at IoU 0.5 down to each."""
        scores = numpy.concatenate(self.scores)
        order = numpy.argsort(-scores, kind="stable")
        found = numpy.concatenate(self.hits)[order, 0].cumsum()
        return scores[order], found / max(1, self.people), found / numpy.arange(1, len(found) + 1)

    def recall_at_false_per_picture(self, rate: float) -> float:
        _, recall, precision = self.curve()
        false = numpy.arange(1, len(recall) + 1) * (1 - precision)
        return float(recall[false <= rate * self.pictures].max(initial=0))

    def recall_at_precision(self, wanted: float) -> float:
        _, recall, precision = self.curve()
        return float(recall[precision >= wanted].max(initial=0))

    def interval(self, draws: int = 300, seed: int = 1) -> tuple[float, float]:
        """The middle 95 % of AP50 when pictures are drawn anew with replacement (bootstrap, Efron 1979)."""
        random = numpy.random.default_rng(seed)
        scores = numpy.concatenate(self.scores)
        order = numpy.argsort(-scores, kind="stable")
        hits = numpy.concatenate(self.hits)[order, 0]
        owner = numpy.repeat(numpy.arange(self.pictures), [len(s) for s in self.scores])[order]
        values = []
        for _ in range(draws):
            weight = numpy.bincount(random.integers(self.pictures, size=self.pictures), minlength=self.pictures)
            people = (weight * numpy.array(self.counts)).sum()
            found, all_found = (hits * weight[owner]).cumsum(), weight[owner].cumsum()
            precision = numpy.maximum.accumulate((found / numpy.maximum(all_found, 1))[::-1])[::-1]
            values.append((numpy.diff(found, prepend=0) * precision).sum() / max(1, people))
        return float(numpy.quantile(values, 0.025)), float(numpy.quantile(values, 0.975))

    def best_f1(self) -> tuple[float, float]:
        """The best harmonic mean of recall and precision, and the score at which it is reached."""
        scores, recall, precision = self.curve()
        f1 = 2 * recall * precision / (recall + precision + 1e-9)
        return float(f1.max()), float(scores[f1.argmax()])
