"""Run by `python3 -m unittest discover --start-directory scripts/lib`."""
import contextlib
import io
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import blur_score


class Uncovered(unittest.TestCase):
    def judge(self, second):
        """The exit code and the words for one followed face in two frames; in the second one `second` is covered."""
        rows = ["clip,frame,x,y,width,height,identity,kind", "a.mp4,0,10,10,10,12,1,face", "a.mp4,1,10,10,10,12,1,face", "a.mp4,1,80,80,9,9,0,ignore"]
        lines = [{"frame": 1, "covered": [{"x": 5, "y": 5, "width": 20, "height": 20}]}, {"frame": 2, "covered": second}]
        with tempfile.TemporaryDirectory() as folder:
            labels, places = pathlib.Path(folder, "faces.csv"), pathlib.Path(folder, "a.jsonl")
            labels.write_text("\n".join(rows) + "\n")
            places.write_text("".join(json.dumps(line) + "\n" for line in lines))
            arguments = ["blur_score.py", str(labels), f"a.mp4={places}"]
            words = io.StringIO()
            with mock.patch("sys.argv", arguments), contextlib.redirect_stdout(words), self.assertRaises(SystemExit) as end:
                blur_score.main()
            return end.exception.code, words.getvalue()

    def test_a_face_that_is_covered_in_each_frame_passes(self):
        code, words = self.judge([{"x": 0, "y": 0, "width": 30, "height": 30}])
        self.assertEqual(code, 0)
        self.assertIn("0 of 2 frames uncovered", words)

    def test_a_face_that_is_half_covered_in_one_frame_is_named(self):
        code, words = self.judge([{"x": 15, "y": 0, "width": 30, "height": 30}])
        self.assertEqual(code, 1)
        self.assertIn("- a.mp4, person 1, frame 1", words)

    def test_nothing_covered_is_uncovered(self):
        self.assertEqual(self.judge([])[0], 1)


if __name__ == "__main__":
    unittest.main()
