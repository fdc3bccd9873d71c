import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy
from tiny import SIDE, write_pictures, write_table

from person_detector import dispute
from person_detector.pictures import Pictures
from person_detector.scoring import Detections


class DisputeTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_pictures(self.folder, val=2)

    def pictures(self, rows: list[list] | None = None) -> Pictures:
        path = self.folder / "verdicts.csv"
        if rows is not None:
            write_table(path, ["verdict", "file", "cx", "cy", "w", "h"], rows)
        return Pictures(self.folder, "val", self.folder / "cache", amended=path if rows is not None else None)

    def test_somebody_without_a_label_and_a_label_without_anybody_are_disputed(self):
        pictures = self.pictures()
        seen = numpy.array([[40, 40, 60, 64], [0, 0, 5, 5]], float)
        found = [(Detections(seen, numpy.array([0.7, 0.9])), 1.0), (Detections(pictures.boxes[1].astype(float), numpy.array([0.8])), 1.0)]
        with mock.patch.object(dispute, "look", side_effect=found):
            add, drop = dispute.disputes(None, pictures)
        # Who is five pixels high cannot be judged; of the label that was seen nothing is doubted but the little that its score lacks.
        self.assertEqual([(index, score) for index, _, score in add], [(0, 0.7)])
        self.assertEqual([(index, round(score, 2)) for index, _, score in drop], [(0, 0.0), (1, 0.8)])
        self.assertEqual(dispute.tile(pictures, 0, add[0][1], "1").shape, (dispute.TILE, dispute.TILE, 3))

    def test_verdicts_add_boxes_and_drop_them(self):
        before = self.pictures()
        x1, y1, x2, y2 = before.boxes[0][0] / SIDE
        name = before.names[0]
        drop = ["drop", name, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
        after = self.pictures([["add", name, 0.5, 0.5, 0.25, 0.5], drop])
        numpy.testing.assert_allclose(after.boxes[0], [[24, 16, 40, 48]], atol=1e-4)
        numpy.testing.assert_array_equal(after.boxes[1], before.boxes[1])
        with self.assertRaisesRegex(ValueError, "has no label"):
            self.pictures([drop, drop])


if __name__ == "__main__":
    unittest.main()
