"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import face_score
from face_score import Box, Detection, Face, followed, iou, load_detections, load_faces, match, score, share_inside

LABELS = pathlib.Path(__file__).resolve().parent.parent / "faces.csv"
FACE = Face(Box(10, 10, 10, 12), 1, False)


def seen(x, y, width=10, height=12, score=0.9, track="1"):
    return Detection(Box(x, y, width, height), score, track)


class Overlaps(unittest.TestCase):
    def test_iou_of_halves_is_a_third(self):
        self.assertAlmostEqual(iou(Box(0, 0, 10, 10), Box(5, 0, 10, 10)), 1 / 3)

    def test_apart_and_empty_boxes_share_nothing(self):
        self.assertEqual(iou(Box(0, 0, 10, 10), Box(20, 20, 10, 10)), 0)
        self.assertEqual(iou(Box(0, 0, 0, 0), Box(0, 0, 0, 0)), 0)

    def test_the_share_inside_is_of_the_inner_box(self):
        self.assertAlmostEqual(share_inside(Box(0, 0, 10, 10), Box(0, 0, 100, 8)), 0.8)


class Matches(unittest.TestCase):
    def test_the_surest_of_two_takes_the_face_and_the_other_is_false(self):
        pairs, false = match([FACE], [seen(11, 10, score=0.5), seen(10, 11, score=0.8)])
        self.assertEqual([found.score for _, found in pairs], [0.8])
        self.assertEqual([found.score for found in false], [0.5])

    def test_a_box_below_the_iou_is_false_and_the_face_is_missed(self):
        pairs, false = match([FACE], [seen(15, 14)])
        self.assertEqual((len(pairs), len(false)), (0, 1))

    def test_an_ignored_face_is_neither_found_nor_false(self):
        ignored = FACE._replace(ignored=True)
        self.assertEqual(match([ignored], [seen(10, 10)]), ([], []))

    def test_a_small_box_within_a_generous_ignored_one_is_not_false(self):
        around = Face(Box(0, 0, 60, 60), 0, True)
        self.assertEqual(match([around], [seen(30, 30, 8, 8)]), ([], []))
        self.assertEqual(len(match([around], [seen(55, 55, 40, 40)])[1]), 1)

    def test_two_faces_are_each_found_once(self):
        other = Face(Box(40, 10, 10, 12), 2, False)
        pairs, false = match([FACE, other], [seen(41, 10), seen(10, 10)])
        self.assertEqual(({face.identity for face, _ in pairs}, false), ({1, 2}, []))


class Scores(unittest.TestCase):
    faces = {("a", 0): [FACE, Face(Box(50, 50, 40, 50), 2, False)], ("a", 1): []}

    def test_recall_precision_and_false_faces(self):
        row = score(self.faces, {("a", 0): [seen(10, 10)], ("a", 1): [seen(5, 5, 20, 20)], ("a", 2): [seen(0, 0)]})
        self.assertEqual((row["faces"], row["recall"], row["precision"], row["false per 1,000 frames"]), (2, 0.5, 0.5, 500))

    def test_heights_are_the_label_s_for_recall_and_the_box_s_for_false_faces(self):
        bands = score(self.faces, {("a", 0): [seen(10, 10)], ("a", 1): [seen(5, 5, 20, 20)]})["heights"]
        self.assertEqual(bands["12–16"], {"faces": 1, "recall": 1, "false": 0})
        self.assertEqual(bands["16–24"], {"faces": 0, "recall": None, "false": 1})
        self.assertEqual(bands["48+"], {"faces": 1, "recall": 0, "false": 0})

    def test_nothing_found_has_no_precision(self):
        self.assertIsNone(score(self.faces, {})["precision"])


class FollowedFaces(unittest.TestCase):
    faces = {("a", frame): [FACE] for frame in range(4)}

    def test_frames_without_a_box_are_uncovered(self):
        rows = followed(self.faces, {("a", 0): [seen(10, 10)], ("a", 1): [seen(10, 10)], ("a", 3): [seen(10, 10)]}, 0.5)
        self.assertEqual(rows["a", 1], {"frames": 4, "uncovered": 1, "tracks": 1, "share": 0.25})

    def test_a_second_track_is_counted(self):
        rows = followed(self.faces, {("a", frame): [seen(10, 10, track=str(frame // 2))] for frame in range(4)}, 0.5)
        self.assertEqual((rows["a", 1]["uncovered"], rows["a", 1]["tracks"]), (0, 2))

    def test_a_large_region_covers_what_it_does_not_match(self):
        rows = followed(self.faces, {("a", frame): [seen(0, 0, 40, 60)] for frame in range(4)}, 0.9)
        self.assertEqual((rows["a", 1]["uncovered"], rows["a", 1]["tracks"]), (0, 0))

    def test_a_part_covers_only_at_a_lower_share(self):
        half = {("a", frame): [seen(10, 10, 10, 8)] for frame in range(4)}
        self.assertEqual([followed(self.faces, half, share)["a", 1]["uncovered"] for share in (0.5, 0.9)], [0, 4])

    def test_ignored_frames_and_single_ones_are_left_out(self):
        faces = {("a", 0): [FACE], ("a", 1): [FACE._replace(ignored=True)], ("b", 0): [FACE], ("b", 1): [FACE]}
        self.assertEqual(list(followed(faces, {}, 0.5)), [("b", 1)])


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def test_labels_and_detections_are_read(self):
        labels = load_faces(self.file("f.csv", "clip,frame,x,y,width,height,identity,kind\na,0,10,10,10,12,1,face\na,7,,,,,,none\n"))
        self.assertEqual(labels, {("a", 0): [FACE], ("a", 7): []})
        found = load_detections(self.file("d.csv", "clip,frame,x,y,w,h,score,track\na,0,1,2,3,4,0.5,\na,0,1,2,3,4,0.2,9\n"), 0.4)
        self.assertEqual(found, {("a", 0): [Detection(Box(1, 2, 3, 4), 0.5, "")]})

    def test_an_unknown_kind_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no kind 'mask'"):
            load_faces(self.file("f.csv", "clip,frame,x,y,width,height,identity,kind\na,0,1,1,1,1,1,mask\n"))

    def test_the_program_prints_tables_and_keeps_numbers(self):
        labels = self.file("f.csv", "clip,frame,x,y,width,height,identity,kind\na,0,10,10,10,12,1,face\na,1,10,10,10,12,1,face\n")
        found = self.file("d.csv", "clip,frame,x,y,w,h,score,track\na,0,10,10,10,12,0.9,4\n")
        kept = str(self.folder / "kept.json")
        with mock.patch.object(sys, "argv", ["face_score.py", "--json", kept, labels, f"mine={found}"]):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                face_score.main()
        self.assertIn("| mine | 2 | 0.500 | 1.000 | 0.000 | 2 |", printed.getvalue())
        self.assertIn("| mine | a | 1 | 2 | 1 | 0.500 | 1 |", printed.getvalue())
        self.assertEqual(json.loads(pathlib.Path(kept).read_text())["mine"]["followed"][0]["uncovered"], 1)

    def test_the_labels_beside_the_scripts_are_whole(self):
        faces = load_faces(LABELS)
        judged = [face for inside in faces.values() for face in inside if not face.ignored]
        self.assertGreaterEqual(len(judged), 200)
        self.assertTrue(all(face.box.height >= 8 and face.box.width > 0 and face.identity for face in judged))
        walking = [key for key in faces if "face-demographics-walking" in key[0]]
        self.assertEqual(sorted(frame for _, frame in walking), list(range(35)))
        self.assertTrue(all({face.identity for face in faces[key]} == {1, 2} for key in walking))


if __name__ == "__main__":
    unittest.main()
