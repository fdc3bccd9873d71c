import unittest

import numpy

from person_detector import calibrate
from person_detector.calibrate import (
    FEATURES, Calibration, Look, calibrated, cross_validated, expected, features_of, fit, presence_of, row_of
)
from person_detector.scoring import Detections


def looks_of(source: str, pictures: int, seed: int, seen_at: float = 0.25, empty: bool = False) -> list[Look]:
    """Pictures of up to eight people, each seen with a score around `seen_at`, among as many phantoms around a quarter of it."""
    random, looks = numpy.random.default_rng(seed), []
    for _ in range(pictures):
        people = 0 if empty else int(random.integers(1, 9))
        scores = numpy.concatenate([
            random.normal(seen_at, 0.04, people), random.normal(seen_at / 4, 0.01, int(random.integers(1, 9))),
        ]).clip(0.041, 0.9)
        corners = numpy.stack([numpy.arange(len(scores)) * 50.0, numpy.zeros(len(scores))], 1)
        boxes = numpy.concatenate([corners, corners + (20, 60)], 1)
        looks.append(Look(source, people, features_of(Detections(boxes, scores), 1), scores))
    return looks


class FeatureTests(unittest.TestCase):
    def feature(self, name: str, boxes: list, scores: list, scale: float = 1) -> numpy.ndarray:
        found = Detections(numpy.array(boxes, float), numpy.array(scores))
        return features_of(found, scale)[:, list(FEATURES).index(name)]

    def test_height_is_that_in_the_networks_input(self):
        heights = self.feature("height", [[0, 0, 10, 120]], [0.5], scale=0.5)
        self.assertAlmostEqual(heights[0], 0)

    def test_inside_tells_of_the_weaker_one_of_two_alone(self):
        inside = self.feature("inside", [[0, 0, 40, 100], [10, 10, 30, 50], [200, 0, 240, 100]], [0.6, 0.2, 0.1])
        numpy.testing.assert_allclose(inside, [0, 1, 0], atol=1e-6)

    def test_alike_are_others_of_about_that_height_elsewhere(self):
        boxes = [[0, 0, 20, 60], [100, 0, 120, 70], [2, 0, 22, 60], [200, 0, 300, 300]]
        alike = numpy.exp(self.feature("alike", boxes, [0.5, 0.3, 0.2, 0.4])) - calibrate.LONELY
        numpy.testing.assert_allclose(alike, [0.3, 0.7, 0.3, 0], atol=1e-6)

    def test_nobody_found_has_no_features_and_counts_nothing(self):
        features = features_of(Detections(numpy.zeros((0, 4)), numpy.zeros(0)), 1)
        self.assertEqual(features.shape, (0, len(FEATURES)))
        self.assertEqual(expected(Calibration(numpy.ones(len(FEATURES)), numpy.ones(len(calibrate.PRESENCE))), Look("a", 0, features, numpy.zeros(0))), 0)


class FitTests(unittest.TestCase):
    def test_sums_match_the_numbers_of_people_where_a_threshold_sees_few(self):
        looks = looks_of("a", 60, 1) + looks_of("b", 60, 2) + looks_of("empty", 30, 3, empty=True)
        fresh = looks_of("c", 60, 4)
        calibration = calibrated(looks)
        row = row_of(fresh, numpy.array([expected(calibration, seen) for seen in fresh]), 0.31)
        self.assertLess(row["counted / true, threshold"], 0.3)
        self.assertAlmostEqual(row["calibrated"], 1, delta=0.07)
        self.assertLess(row["rounded"], 0.4)

    def test_a_fit_ends_where_no_step_is_better(self):
        looks = looks_of("a", 60, 1) + looks_of("b", 60, 2) + looks_of("empty", 30, 3, empty=True)
        best = fit(looks)

        def unlikely(coefficients: numpy.ndarray) -> float:
            total = calibrate.RIDGE * (coefficients[2:] ** 2).sum()
            for source in ("a", "b", "empty"):
                own = [seen for seen in looks if seen.source == source]
                counts = numpy.array([calibrate.logistic(seen.features @ coefficients).sum() for seen in own])
                people = numpy.array([seen.people for seen in own])
                total += (counts - people * numpy.log(counts + calibrate.SMALLEST_COUNT)).mean() / 3
            return total

        for column in range(len(FEATURES)):
            for side in (-0.1, 0.1):
                step = numpy.zeros(len(FEATURES))
                step[column] = side
                self.assertGreater(unlikely(best + step), unlikely(best))

    def test_where_nobody_is_likely_nobody_is_counted(self):
        features = numpy.zeros((5, len(FEATURES)))
        features[:, 0] = 1
        faint = Look("a", 0, features, numpy.full(5, 0.2))
        alike = numpy.array([0.0, 0, 0, 0, 0, 0])  # each of them one half
        for chance, count in (calibrate.PRESENT - 0.01, 0), (calibrate.PRESENT + 0.01, 2.5):
            presence = numpy.array([numpy.log(chance / (1 - chance)), 0, 0, 0, 0])
            self.assertAlmostEqual(expected(Calibration(alike, presence), faint), count)

    def test_many_faint_ones_together_say_that_somebody_is_there(self):
        one = presence_of(numpy.array([0.5]))
        numpy.testing.assert_allclose(one, [1, 0, numpy.log(0.01 / 1.01), numpy.log(0.01 / 1.01), numpy.log(0.55)])
        numpy.testing.assert_allclose(presence_of(numpy.array([0.1, 0.5, 0.2, 0.3]))[1:4], presence_of(numpy.array([0.5, 0.3, 0.2]))[1:4])
        crowd, empty = looks_of("crowd", 60, 3), looks_of("empty", 60, 4, empty=True)
        calibration = calibrated(crowd + empty)
        counted = [sum(expected(calibration, seen) > 0 for seen in looks) / len(looks) for looks in (crowd, empty)]
        self.assertGreater(counted[0], 0.8)
        self.assertLess(counted[1], 0.2)

    def test_every_source_counts_the_same_whatever_its_size(self):
        few, many = looks_of("few", 20, 5, seen_at=0.2), looks_of("many", 400, 6, seen_at=0.4)
        calibration = calibrated(few + many)
        counts = [sum(expected(calibration, seen) for seen in looks) / sum(seen.people for seen in looks) for looks in (few, many)]
        numpy.testing.assert_allclose(counts, [1, 1], atol=0.2)

    def test_no_source_judges_itself(self):
        known = looks_of("a", 60, 7) + looks_of("b", 60, 8)
        odd = looks_of("odd", 60, 9)
        for seen in odd:
            seen.people *= 3  # labelled by other rules: its own fit would follow them
        own = calibrated(odd)
        by_itself = sum(expected(own, seen) for seen in odd) / sum(seen.people for seen in odd)
        row = cross_validated(known + odd, 0.31)["odd"]
        self.assertLess(row["calibrated"], 0.45)
        self.assertGreater(by_itself, row["calibrated"] + 0.1)

    def test_counts_of_empty_views_are_told_by_picture(self):
        looks = looks_of("empty", 10, 10, empty=True)
        row = row_of(looks, numpy.full(10, 0.2), 0.0)
        self.assertAlmostEqual(row["calibrated"], 0.2)
        self.assertEqual(row["rounded"], 0)
        self.assertGreaterEqual(row["counted / true, threshold"], 1)

    def test_a_card_names_every_coefficient(self):
        entry = Calibration(numpy.arange(len(FEATURES)), numpy.arange(len(calibrate.PRESENCE))).entry()
        self.assertEqual(list(entry), ["floor", *FEATURES, "presence"])
        self.assertEqual(list(entry["presence"]), ["least", *calibrate.PRESENCE])


if __name__ == "__main__":
    unittest.main()
