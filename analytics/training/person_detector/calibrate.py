"""Turns scores into probabilities whose sum is how many people there are: the `counting` of a model's card.

usage: python -m person_detector.calibrate --data FOLDER --cache FOLDER [--clip NAME VIDEO TRUTH EVERY] … [--write] CARD.json …

A score says how well a box will fit as much as whether somebody is there, so counting scores above a threshold misses whom a network
sees faintly, and in crowds, where it is least sure, most of all. Here every detection above `FLOOR` after suppression gets a
probability, a logistic function of `FEATURES`, and the expected count is their sum, or 0 where the picture as a whole is less than
`PRESENT` likely to show anybody: a logistic function of `PRESENCE`, since many faint ones together say more than the likeliest alone.

It is fitted on the held-out pictures so that the sums match the numbers of people labelled (Poisson likelihood, every source of the
same weight, whatever its number of pictures), not so that single detections are right: who was not found at all is made up for by
others like them. What is told of a source is what a fit on the *other* sources gives it. Clips take no part in any fit: `--clip`
judges every EVERY-th frame of a video against rows of MOTChallenge, `-` where there is nobody to be seen. `--write` puts the fit on
all sources into the cards.
"""
import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy

from .detectors import CardDetector
from .judge import truth_of
from .pictures import Pictures, frames
from .scoring import Detections, overlaps

FLOOR = 0.1  # of scores: fainter detections are noise, and from 0.04 to 0.12 it makes no difference
PRESENT = 0.9  # unless a picture is as likely as that to show anybody, or somebody is surer than the threshold, nobody is counted
FEATURES = {
    "intercept": "1",
    "score": "the score's logit",
    "height": "log(height / 60), the height in pixels of the network's input",
    "height_squared": "its square",
    "inside": "the largest share of the box, or of the stronger one if that is smaller, that lies in one of higher score: 0…1",
    "alike": "log(0.1 + the sum of the scores of others that are as tall within a factor of 1.65 and overlap by less than 0.3)",
}
PRESENCE = {
    "intercept": "1",
    "first": "log((p + 0.01) / (1.01 - p)) of the greatest probability of a detection",
    "second": "the same of the next",
    "third": "and of the one after",
    "sum": "log(0.05 + the sum of all)",
}
BLUR, NOTHING = 0.01, 0.05
USUAL_HEIGHT, ALIKE_FACTOR, ALIKE_OVERLAP, LONELY = 60, 1.65, 0.3, 0.1
SMALLEST_COUNT = 0.05  # keeps the logarithm of an expected count finite
RIDGE = 1e-3  # on all but intercept and score, and in whether there is anybody on all but the intercept
STEPS, CONVERGED = 100, 1e-9


@dataclass
class Calibration:
    """What detections mean: coefficients `[6]` of their probabilities, and `[5]` of whether there is anybody at all."""

    detections: numpy.ndarray
    presence: numpy.ndarray

    def entry(self) -> dict:
        """What goes into a card."""
        def named(names: dict, values: numpy.ndarray) -> dict:
            return {name: round(float(value), 4) for name, value in zip(names, values)}
        return {"floor": FLOOR} | named(FEATURES, self.detections) | {"presence": {"least": PRESENT} | named(PRESENCE, self.presence)}


@dataclass
class Look:
    """One picture: where it comes from, how many people are labelled in it, and features `[n, 6]` and scores `[n]` of detections."""

    source: str
    people: int
    features: numpy.ndarray
    scores: numpy.ndarray


def features_of(found: Detections, scale: float) -> numpy.ndarray:
    """The features `[n, 6]` of detections; `scale` is from their pixels to those of the network's input."""
    boxes, scores = found.boxes.astype(float), found.scores.astype(float)
    height = numpy.log(numpy.maximum((boxes[:, 3] - boxes[:, 1]) * scale, 1) / USUAL_HEIGHT)
    is_stronger = scores[None] > scores[:, None]
    inside = (shares_of_smaller(boxes) * is_stronger).max(1, initial=0)
    is_alike = (abs(height[:, None] - height) < numpy.log(ALIKE_FACTOR)) & (overlaps(boxes, boxes) < ALIKE_OVERLAP)
    alike = numpy.log(LONELY + (is_alike * scores).sum(1))
    return numpy.stack([numpy.ones(len(scores)), numpy.log(scores / (1 - scores)), height, height**2, inside, alike], 1)


def shares_of_smaller(boxes: numpy.ndarray) -> numpy.ndarray:
    """How much of the smaller one of two boxes is common to both, for all pairs: `[n, n]`."""
    sides = numpy.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - numpy.maximum(boxes[:, None, :2], boxes[None, :, :2])
    areas = (boxes[:, 2:] - boxes[:, :2]).clip(0).prod(1)
    return sides.clip(0).prod(-1) / (numpy.minimum(areas[:, None], areas[None]) + 1e-9)


def look(detector: CardDetector, image: numpy.ndarray, source: str, people: int) -> Look:
    found = detector.detect(image)
    kept = found.scores > FLOOR
    found = Detections(found.boxes[kept], found.scores[kept])
    scale = min(detector.width / image.shape[1], detector.height / image.shape[0])
    return Look(source, people, features_of(found, scale), found.scores)


def looks_at_pictures(detector: CardDetector, pictures: Pictures) -> list[Look]:
    return [
        look(detector, pictures.picture(index), source, len(pictures.boxes[index])) for index, source in enumerate(pictures.sources)
    ]


def looks_at_clip(detector: CardDetector, name: str, video: Path, truth: Path | None, every: int) -> list[Look]:
    people = truth_of(truth) if truth else {}
    return [look(detector, frame, name, len(people.get(number, ()))) for number, frame in frames(video, every)]


def expected(calibration: Calibration, seen: Look) -> float:
    """How many people are to be expected in a picture."""
    probabilities = logistic(seen.features @ calibration.detections)
    is_anybody_there = logistic(presence_of(probabilities) @ calibration.presence) >= PRESENT
    return float(probabilities.sum()) if is_anybody_there else 0


def presence_of(probabilities: numpy.ndarray) -> numpy.ndarray:
    """The features `[5]` of a picture by which it shows anybody or nobody."""
    greatest = numpy.zeros(3)
    found = numpy.sort(probabilities)[::-1][:3]
    greatest[: len(found)] = found
    logits = numpy.log((greatest + BLUR) / (1 - greatest + BLUR))
    return numpy.concatenate([[1], logits, [numpy.log(probabilities.sum() + NOTHING)]])


def logistic(x: numpy.ndarray) -> numpy.ndarray:
    return 1 / (1 + numpy.exp(-x))


def calibrated(looks: list[Look]) -> Calibration:
    """Fitted to these, first what detections mean, then pictures."""
    coefficients = fit(looks)
    features = numpy.stack([presence_of(logistic(seen.features @ coefficients)) for seen in looks])
    return Calibration(coefficients, fit_presence(features, looks))


def fit_presence(features: numpy.ndarray, looks: list[Look]) -> numpy.ndarray:
    """The coefficients `[5]` under which it is likeliest which pictures show anybody, if every source counts the same.

    Logistic regression by Fisher scoring.
    """
    _, source, pictures = numpy.unique([seen.source for seen in looks], return_inverse=True, return_counts=True)
    weight, truth = (1 / pictures)[source], numpy.array([seen.people > 0 for seen in looks], float)
    ridge = numpy.array([0] + [RIDGE] * (features.shape[1] - 1))
    coefficients = numpy.zeros(features.shape[1])
    for _ in range(STEPS):
        probabilities = logistic(features @ coefficients)
        gradient = features.T @ (weight * (probabilities - truth)) + ridge * coefficients
        information = (features * (weight * probabilities * (1 - probabilities))[:, None]).T @ features + numpy.diag(ridge)
        step = numpy.linalg.solve(information + 1e-9 * numpy.eye(len(ridge)), gradient)
        coefficients = coefficients - step
        if abs(step).max() < 1e-6:
            break
    return coefficients


def fit(looks: list[Look]) -> numpy.ndarray:
    """The coefficients `[6]` under which numbers of people are likeliest, if every source counts the same.

    Fisher scoring with the damping of Levenberg (1944) and Marquardt (1963).
    """
    features = numpy.concatenate([seen.features for seen in looks])
    owner = numpy.repeat(numpy.arange(len(looks)), [len(seen.features) for seen in looks])
    people = numpy.array([seen.people for seen in looks], float)
    _, source, pictures = numpy.unique([seen.source for seen in looks], return_inverse=True, return_counts=True)
    weight = (1 / pictures)[source] / len(pictures)
    ridge = numpy.array([0, 0] + [RIDGE] * (features.shape[1] - 2))

    def state(coefficients: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, float]:
        probabilities = logistic(features @ coefficients)
        count = numpy.bincount(owner, probabilities, len(looks))
        unlikely = (weight * (count - people * numpy.log(count + SMALLEST_COUNT))).sum()
        return probabilities, count, float(unlikely + (ridge * coefficients**2).sum())

    coefficients = numpy.array([0.0, 1.0] + [0.0] * (features.shape[1] - 2))
    (probabilities, count, loss), damping = state(coefficients), 1e-3
    for _ in range(STEPS):
        slopes = (probabilities * (1 - probabilities))[:, None] * features
        slopes = numpy.stack([numpy.bincount(owner, column, len(looks)) for column in slopes.T], 1)  # of counts, `[pictures, 6]`
        gradient = slopes.T @ (weight * (1 - people / (count + SMALLEST_COUNT))) + 2 * ridge * coefficients
        information = (slopes * (weight / (count + SMALLEST_COUNT))[:, None]).T @ slopes + 2 * numpy.diag(ridge)
        while True:
            step = numpy.linalg.solve(information + damping * numpy.diag(information.diagonal() + 1e-9), gradient)
            tried = state(coefficients - step)
            if tried[2] <= loss:
                break
            damping *= 4
            if damping > 1e8:  # no way down is left
                return coefficients
        coefficients, damping, gained = coefficients - step, max(damping / 4, 1e-6), loss - tried[2]
        probabilities, count, loss = tried
        if gained < CONVERGED:
            break
    return coefficients


def row_of(looks: list[Look], counts: numpy.ndarray, threshold: float) -> dict:
    """Counts of one source beside those of a threshold. Errors are means of absolute differences, for which counts are rounded.

    Where there is nobody to be counted, the counts are those of a picture.
    """
    people = numpy.array([seen.people for seen in looks])
    above = numpy.array([(seen.scores > threshold).sum() for seen in looks])
    total = max(people.sum(), 1) if people.any() else len(people)
    return {
        "pictures": len(looks), "people": float(people.mean()),
        "counted / true, threshold": float(above.sum() / total), "calibrated": float(counts.sum() / total),
        "mean error, threshold": float(abs(above - people).mean()), "rounded": float(abs(counts.round() - people).mean()),
    }


def cross_validated(looks: list[Look], threshold: float) -> dict[str, dict]:
    """The row of each source, by a fit on the other ones."""
    rows = {}
    for source in sorted({seen.source for seen in looks}):
        own = [seen for seen in looks if seen.source == source]
        calibration = calibrated([seen for seen in looks if seen.source != source])
        rows[source] = row_of(own, numpy.array([expected(calibration, seen) for seen in own]), threshold)
    return rows


def show(title: str, rows: dict[str, dict]) -> None:
    columns = list(next(iter(rows.values())))
    print(f"\n{title}\n\n| | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(f'{v:.2f}' if isinstance(v, float) else str(v) for v in row.values())} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--clip", nargs=4, action="append", default=[], metavar=("NAME", "VIDEO", "TRUTH", "EVERY"))
    parser.add_argument("--write", action="store_true", help="the calibration into the cards")
    parser.add_argument("cards", type=Path, nargs="+")
    options = parser.parse_args()
    held_out = Pictures(options.data, "val", options.cache)
    for path in options.cards:
        detector = CardDetector(path)
        threshold = detector.card["thresholds"]["confidence"]
        looks = looks_at_pictures(detector, held_out)
        rows, calibration = cross_validated(looks, threshold), calibrated(looks)
        for name, video, truth, every in options.clip:
            seen = looks_at_clip(detector, name, Path(video), None if truth == "-" else Path(truth), int(every))
            rows[name] = row_of(seen, numpy.array([expected(calibration, one) for one in seen]), threshold)
        show(f"{detector.name}: counts by source", rows)
        print(f"\n{json.dumps(calibration.entry())}")
        if options.write:
            card = json.loads(path.read_text()) | {"counting": calibration.entry()}
            path.write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    main()
