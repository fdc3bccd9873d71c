"""How often people are mistaken for each other, and missed, by pairs of faces: rates, thresholds and tables.

A pair's height is that of the lower of its two faces. What is missed is told as the mean over people, so that who is seen often counts as
much as who is seen twice; what is false is told of all pairs, since each pair of two people is as good as another.
"""

import bisect
import math
import random
import statistics
from collections import defaultdict, namedtuple

from face_score import height_name, table
from known_faces import is_same

# same: of one person, whose name is `person`; scene: whether both are of one scene.
Pair = namedtuple("Pair", "similarity same height person scene")
VERIFICATION, CLUSTERING = 0.9, 0.81
HEIGHTS = [(0, 12), (12, 16), (16, 20), (20, 24), (24, 32), (32, 48), (48, 80), (80, None)]
FALSE_RATES = [0.1, 0.03, 0.01, 0.003, 0.001]
DRAWS = 1000
LEAST = 10  # fewer false matches than this, were all to be counted, tell no rate


def pair_of(a, b, similarity):
    """None when the two faces are no pair."""
    same = is_same(a, b)
    return None if same is None else Pair(similarity, same, min(a.height, b.height), a.person if same else None, a.scene == b.scene)


def pairs_of(faces, similarities):
    """All there are among the faces; `similarities` has a row for each, with a number for each."""
    found = (pair_of(a, b, row[other]) for index, (a, row) in enumerate(zip(faces, similarities)) for other, b in enumerate(faces[:index]))
    return [pair for pair in found if pair]


def pairs_between(faces, others, similarities):
    """Those of a face and another's; `similarities` has a row for each of `faces`, with a number for each of them and then each of `others`."""
    found = (pair_of(a, b, similarity) for a, row in zip(faces, similarities) for b, similarity in zip(others, row[len(faces):]))
    return [pair for pair in found if pair]


def false_rate(pairs, threshold):
    """The share of the pairs of two people that are as alike as the threshold; None without any."""
    others = [pair.similarity for pair in pairs if not pair.same]
    return sum(similarity >= threshold for similarity in others) / len(others) if others else None


def missed_shares(pairs, threshold):
    """Of each person, the share of his pairs that are less alike than the threshold."""
    people = defaultdict(list)
    for pair in pairs:
        if pair.same:
            people[pair.person].append(pair.similarity < threshold)
    return [sum(missed) / len(missed) for missed in people.values()]


def missed_rate(pairs, threshold):
    """The mean of these over people; None without any."""
    shares = missed_shares(pairs, threshold)
    return sum(shares) / len(shares) if shares else None


def interval(shares):
    """Where the mean lies in nine of ten draws of as many people, with replacement (percentile bootstrap, Efron 1979); None of fewer than two."""
    if len(shares) < 2:
        return None
    draw = random.Random(1)
    means = sorted(statistics.fmean(draw.choices(shares, k=len(shares))) for _ in range(DRAWS))
    return f"{means[DRAWS // 20]:.2f} to {means[-DRAWS // 20]:.2f}"


def threshold_at(pairs, rate):
    """The least similarity from which on at most this share of the pairs of two people is taken for one person; None where there are too few
    pairs to tell."""
    others = sorted(pair.similarity for pair in pairs if not pair.same)
    if len(others) * rate < LEAST:
        return None
    allowed = math.floor(len(others) * rate)
    # Above the first that is not allowed, however many are as alike as that.
    return math.nextafter(others[len(others) - allowed - 1], math.inf)


def missed_at(pairs, rate):
    threshold = threshold_at(pairs, rate)
    return None if threshold is None else missed_rate(pairs, threshold)


def equal_error(pairs):
    """The rate at which as much is false as is missed; None without pairs of both kinds."""
    if missed_rate(pairs, 0) is None or false_rate(pairs, 0) is None:
        return None
    levels = sorted({pair.similarity for pair in pairs} | {0, 1})
    # The one grows with the threshold while the other falls.
    place = bisect.bisect_left(levels, True, key=lambda level: missed_rate(pairs, level) >= false_rate(pairs, level))
    level = levels[min(place, len(levels) - 1)]
    return (missed_rate(pairs, level) + false_rate(pairs, level)) / 2


def row_of(pairs):
    """What a table tells of some pairs, by the names of its columns."""
    same = [pair for pair in pairs if pair.same]
    others = [pair for pair in pairs if not pair.same]
    near = [pair for pair in others if pair.scene]
    row = {
        "people": len({pair.person for pair in same}), "same": len(same), "different": len(others), "of one scene": len(near),
        "missed at 0.9": missed_rate(pairs, VERIFICATION), "nine of ten": interval(missed_shares(pairs, VERIFICATION)),
        "false at 0.9": false_rate(pairs, VERIFICATION),
        "of one scene at 0.9": false_rate(near, VERIFICATION), "missed at 0.81": missed_rate(pairs, CLUSTERING),
        "false at 0.81": false_rate(pairs, CLUSTERING), "of one scene at 0.81": false_rate(near, CLUSTERING),
        "equal error": equal_error(pairs),
    }
    for rate in FALSE_RATES:
        row |= {f"missed at {rate:g} false": missed_at(pairs, rate), f"similarity at {rate:g} false": threshold_at(pairs, rate)}
    return row


def by_height(pairs):
    rows = {}
    for low, high in HEIGHTS:
        inside = [pair for pair in pairs if low <= pair.height and (high is None or pair.height < high)]
        if inside:
            rows[height_name(low, high)] = row_of(inside)
    return rows | {"all": row_of(pairs)}


def rates_table(first, rows, columns):
    return table([first, *columns], [[name, *(row[column] for column in columns)] for name, row in rows.items()])


COUNTS = ["people", "same", "different", "of one scene"]
RATES = ["missed at 0.9", "nine of ten", "false at 0.9", "of one scene at 0.9", "missed at 0.81", "false at 0.81", "of one scene at 0.81"]
CURVE = ["equal error", *(f"missed at {rate:g} false" for rate in FALSE_RATES)]
THRESHOLDS = [f"similarity at {rate:g} false" for rate in FALSE_RATES]


# MARK: Means

def mean_direction(descriptors, weights):
    """As the daemon takes it of several samples: of unit length, each counting by its weight; all alike where none counts."""
    if not any(weights):
        weights = [1] * len(weights)
    total = [0.0] * len(descriptors[0])
    for numbers, weight in zip(descriptors, weights):
        factor = weight / math.sqrt(sum(number * number for number in numbers))
        for index, number in enumerate(numbers):
            total[index] += factor * number
    length = math.sqrt(sum(number * number for number in total))
    return [number / length for number in total]


def suitability(face):
    """What `ags` says of a face in a stream: sharpness, light and pose (Sources/Words/Scene/FaceQuality.swift)."""
    turned = 1.0
    for angle in ("yaw", "pitch"):
        turned *= max(0, math.cos(math.radians(face.pose.get(angle, 0))))
    return math.sqrt(face.quality["blurriness"]) * min(face.quality["dark"], face.quality["light"]) * turned


WEIGHTS = {
    "mean, all alike": lambda face: 1.0,
    "mean by the extractor's score": lambda face: face.score,
    "mean by height": lambda face: face.height,
    "mean by sharpness, light and pose": suitability,
    "mean by these and height": lambda face: suitability(face) * face.height,
}


def best(face):
    return suitability(face) * face.height
