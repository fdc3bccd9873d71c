"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import json
import pathlib
import tempfile
import unittest

from classifier_score import Classes, Score, bands, load_photographs, rank, report

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = [["b", "collie", "d"], ["p", "pug", "d"], ["t", "tabby", "a"], ["d", "dog", "a", "e"], ["a", "animal"], ["e", "pet", "a"]]
CLASSES = Classes(ROWS, 3)


class Labels(unittest.TestCase):
    def test_a_kind_is_as_sure_as_its_classes_together(self):
        self.assertEqual(CLASSES.labels([0.5, 0.3, 0.2]), {"d", "e", "a"})
        self.assertEqual(CLASSES.labels([0.75, 0.05, 0.2]), {"b", "d", "e", "a"})
        self.assertEqual(CLASSES.labels([0.4, 0.1, 0.1]), set())

    def test_ways_up_meet_again_once(self):
        self.assertEqual(CLASSES.ways_up("b"), {"b", "d", "a", "e"})


class Scores(unittest.TestCase):
    def test_the_rank_is_that_of_the_likeliest_that_will_do(self):
        self.assertEqual(rank([0.1, 0.2, 0.7], [2]), 0)
        self.assertEqual(rank([0.1, 0.2, 0.7], [0, 1]), 1)

    def test_right_and_wrong_labels_and_hits_are_counted(self):
        score = Score()
        score.add("pug.jpg", [0.1, 0.9, 0], {"p"}, CLASSES)
        score.add("dog.jpg", [0.1, 0.1, 0.8], {"p", "b"}, CLASSES)
        self.assertEqual((score.pictures, score.first, score.five), (2, 1, 2))
        # Right: pug, dog, pet, animal; animal. Wrong: tabby. Due: the four, then dog, pet and animal.
        self.assertEqual((score.right, score.wrong, score.due), (5, 1, 7))

    def test_what_is_not_among_five_is_told_with_what_it_was_taken_for(self):
        classes = Classes([[str(number), f"class {number}"] for number in range(7)], 7)
        score = Score()
        score.add("six.jpg", [0.3, 0.2, 0.15, 0.12, 0.11, 0.1, 0.02], {"6"}, classes)
        self.assertEqual((score.five, score.missed), (0, [("six.jpg", "class 0")]))
        self.assertIn("Not among five: six.jpg, taken for: class 0", report("tiny", score, Score(), 3))


class Pictures(unittest.TestCase):
    def test_bands_lie_in_the_middle_of_the_picture(self):
        found = list(bands(400, 300))
        self.assertEqual(found[0], (0, 0, 400, 300))
        self.assertEqual(found[1], (0, 0, 400, 300))
        self.assertEqual(found[2], (87, 0, 312, 300))
        self.assertEqual(found[3], (0, 37, 400, 262))
        self.assertTrue(all(0 <= left < right <= 400 and 0 <= top < bottom <= 300 for left, top, right, bottom in found))

    def test_the_list_beside_the_scripts_names_classes(self):
        rows = json.loads((ROOT / "analytics/models/imagenet.json").read_text())
        known = set(Classes(rows["things"], rows["count"]).order)
        photographs = load_photographs(ROOT / "scripts/photographs.csv")
        self.assertGreaterEqual(len(photographs), 20)
        self.assertTrue(all(synsets and synsets <= known for _, synsets in photographs))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "p.csv"
            path.write_text("file,synsets\na b.jpg,n1 n2\n")
            self.assertEqual(load_photographs(path), [("a b.jpg", {"n1", "n2"})])


if __name__ == "__main__":
    unittest.main()
