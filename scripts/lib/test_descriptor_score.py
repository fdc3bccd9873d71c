"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import pathlib
import unittest

import descriptor_score
from descriptor_score import Pair, equal_error, false_rate, interval, mean_direction, missed_at, missed_rate, pairs_between, pairs_of, threshold_at
from face_score import Box
from known_faces import KnownFace, is_same, load

LABELS = pathlib.Path(__file__).resolve().parent.parent / "known-faces.csv"


def face(person, sight=1, height=20, group=None):
    return KnownFace("a.mp4", 0, Box(0, 0, 15, height), person, sight, group or person)


def same(similarity, person="a-1"):
    return Pair(similarity, True, 20, person, True)


def other(similarity, scene=False):
    return Pair(similarity, False, 20, None, scene)


class Pairs(unittest.TestCase):
    def test_faces_of_one_sight_are_no_pair(self):
        self.assertIsNone(is_same(face("a-1"), face("a-1")))
        self.assertTrue(is_same(face("a-1"), face("a-1", sight=2)))

    def test_people_who_may_be_one_are_no_pair(self):
        self.assertIsNone(is_same(face("a-1", group="a"), face("a-2", group="a")))
        self.assertFalse(is_same(face("a-1", group="a"), face("b-1")))

    def test_a_pair_has_the_height_of_its_lower_face_and_knows_its_scene(self):
        faces = [face("a-1", height=30), face("a-2", height=20), face("b-1", height=40)]
        pairs = pairs_of(faces, [[1, 0.1, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]])
        self.assertEqual([(pair.similarity, pair.height, pair.scene) for pair in pairs], [(0.1, 20, True), (0.2, 30, False), (0.3, 20, False)])

    def test_between_two_sets_only_pairs_of_both_are_taken(self):
        pairs = pairs_between([face("a-1")], [face("a-1", sight=2), face("b-1")], [[1, 0.8, 0.4]])
        self.assertEqual([(pair.similarity, pair.same) for pair in pairs], [(0.8, True), (0.4, False)])


class Rates(unittest.TestCase):
    def test_missed_is_the_mean_over_people(self):
        pairs = [same(0.95), same(0.95), same(0.95), same(0.5), same(0.5, "b-1")]
        self.assertEqual(missed_rate(pairs, 0.9), (0.25 + 1) / 2)

    def test_the_interval_holds_the_mean_and_is_narrow_where_people_are_alike(self):
        self.assertEqual(interval([0.5, 0.5, 0.5]), "0.50 to 0.50")
        self.assertEqual(interval([0.0] * 5 + [1.0] * 5), "0.20 to 0.80")
        self.assertIsNone(interval([0.3]))

    def test_the_threshold_itself_is_alike(self):
        self.assertEqual(false_rate([other(0.9), other(0.89)], 0.9), 0.5)
        self.assertEqual(missed_rate([same(0.9)], 0.9), 0)

    def test_at_the_threshold_of_a_rate_no_more_than_that_is_false(self):
        pairs = [other(number / 1000) for number in range(1000)]
        threshold = threshold_at(pairs, 0.01)
        self.assertEqual(false_rate(pairs, threshold), 0.01)
        self.assertLess(threshold, 0.9901)

    def test_equal_ones_at_the_threshold_are_all_left_out(self):
        pairs = [other(0.5)] * 900 + [other(0.9)] * 100
        self.assertEqual(false_rate(pairs, threshold_at(pairs, 0.05)), 0)

    def test_too_few_pairs_tell_no_rate(self):
        self.assertIsNone(missed_at([other(0.1)] * 99 + [same(0.9)], 0.1))
        self.assertEqual(missed_at([other(0.1)] * 100 + [same(0.9)], 0.1), 0)

    def test_nothing_is_told_without_pairs(self):
        self.assertIsNone(missed_rate([other(0.1)], 0.9))
        self.assertIsNone(false_rate([same(0.1)], 0.9))
        self.assertIsNone(equal_error([same(0.1)]))

    def test_the_equal_error_lies_where_both_cross(self):
        pairs = [same(level) for level in (0.3, 0.6, 0.8, 0.9)] + [other(level) for level in (0.1, 0.2, 0.4, 0.7)]
        self.assertEqual(equal_error(pairs), 0.25)
        self.assertEqual(equal_error([same(0.9), other(0.1)]), 0)


class Means(unittest.TestCase):
    def test_weights_count_and_lengths_do_not(self):
        self.assertEqual(mean_direction([[10, 0], [0, 1]], [1, 0]), [1, 0])
        x, y = mean_direction([[10, 0], [0, 1]], [1, 1])
        self.assertAlmostEqual(x, y)
        self.assertAlmostEqual(x * x + y * y, 1)

    def test_where_none_counts_all_do(self):
        self.assertEqual(mean_direction([[3, 0], [5, 0]], [0, 0]), [1, 0])

    def test_a_face_that_is_turned_suits_less(self):
        seen = face("a-1")
        seen.quality = {"blurriness": 0.25, "dark": 1, "light": 0.5}
        self.assertAlmostEqual(descriptor_score.suitability(seen), 0.25)
        seen.pose = {"yaw": 60, "pitch": 0, "roll": 90}
        self.assertAlmostEqual(descriptor_score.suitability(seen), 0.125)


class Labels(unittest.TestCase):
    def test_there_are_at_least_three_hundred_pairs_of_people_seen_again(self):
        faces = load(LABELS)
        pairs = [is_same(a, b) for index, a in enumerate(faces) for b in faces[:index]]
        self.assertGreaterEqual(pairs.count(True), 300)
        self.assertGreaterEqual(pairs.count(False), 300)

    def test_no_person_is_of_two_groups_and_no_place_of_two_people(self):
        faces = load(LABELS)
        groups = {(each.person, each.group) for each in faces}
        self.assertEqual(len(groups), len({person for person, _ in groups}))
        self.assertEqual(len({(each.picture, each.frame, each.box) for each in faces}), len(faces))


if __name__ == "__main__":
    unittest.main()
