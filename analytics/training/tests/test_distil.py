import tempfile
import unittest
from pathlib import Path

import numpy
import torch

from person_detector import distil
from person_detector.augmentation import sample
from person_detector.distil import PicturesAndFrames, distillation_loss
from person_detector.loss import detection_loss
from person_detector.network import decode
from person_detector.pictures import UNKNOWN, Pictures, frames

import tiny


def outputs(score: float = -6.0, side: int = 64) -> list[torch.Tensor]:
    """What a network says that sees nobody: every cell's logit is `score`."""
    levels = [torch.zeros(1, 5, side // stride, side // stride) for stride in (8, 16, 32)]
    for level in levels:
        level[:, 4] = score
    return levels


class DistillationLossTests(unittest.TestCase):
    def test_who_says_what_the_teacher_says_has_nothing_to_learn(self):
        taught = outputs()
        taught[0][0, 4, 3, 3] = 1.0
        ours = [level.clone().requires_grad_() for level in taught]
        scores, boxes = distillation_loss(ours, taught)
        self.assertLess(scores.item(), 1e-6)
        self.assertLess(boxes.item(), 1e-3)

    def test_a_step_leads_to_the_teachers_score_and_box(self):
        torch.manual_seed(1)
        taught = outputs()
        taught[1][0, :, 2, 1] = torch.tensor([0.5, 2.0, 1.5, 3.0, 2.0])
        ours = [level.clone().requires_grad_() for level in outputs(-3.0)]
        steps = torch.optim.Adam(ours, 0.1)
        first = None
        for _ in range(300):
            losses = distillation_loss(ours, taught)
            first = first or sum(losses).item()
            steps.zero_grad()
            sum(losses).backward()
            steps.step()
        self.assertLess(sum(losses).item(), 0.05 * first)
        boxes, logits, _, _ = decode(ours)
        teacher_boxes, teacher_logits, _, _ = decode(taught)
        at = teacher_logits.argmax()
        self.assertEqual(logits.argmax(), at)
        torch.testing.assert_close(boxes[0, at], teacher_boxes[0, at], rtol=0.1, atol=1.0)

    def test_a_teacher_who_sees_nobody_teaches_no_box(self):
        ours = [level.requires_grad_() for level in outputs(-2.0)]
        scores, boxes = distillation_loss(ours, outputs(-9.0))
        self.assertGreater(scores.item(), 0)
        self.assertEqual(boxes.item(), 0)

    def test_no_gradient_reaches_the_teacher(self):
        taught = [level.requires_grad_() for level in outputs(0.0)]
        ours = [level.requires_grad_() for level in outputs(-2.0)]
        sum(distillation_loss(ours, taught)).backward()
        self.assertTrue(all(level.grad is None for level in taught))


class FramesTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        tiny.write_pictures(self.path)
        self.pictures = Pictures(self.path, "train", self.path / "cache")

    def test_frames_follow_the_pictures_and_nothing_is_known_in_them(self):
        tiny.write_video(self.path / "a.mp4", 2 * distil.EVERY + 1)
        both = PicturesAndFrames(self.pictures, self.path)
        self.assertEqual(len(both), len(self.pictures) + 3)
        self.assertEqual(both.names[-1], f"a.mp4:{2 * distil.EVERY + 1}")
        self.assertAlmostEqual(both.picture(len(both) - 1).mean(), (2 * distil.EVERY + 1) * 5, delta=4)
        numpy.testing.assert_array_equal(both.picture(0), self.pictures.picture(0))
        self.assertEqual(both.kinds[-1].tolist(), [UNKNOWN])

    def test_labels_teach_nothing_in_a_frame_however_it_is_changed(self):
        tiny.write_video(self.path / "a.mp4", 1)
        both = PicturesAndFrames(self.pictures, self.path)
        network_says = [level.requires_grad_() for level in outputs(-1.0)]
        learned = 0
        for seed in range(20):
            _, boxes, kinds = sample(both, len(both) - 1, 64, 64, numpy.random.default_rng(seed), mosaic=0)
            self.assertTrue((kinds == UNKNOWN).all())
            covered = (boxes[0, 2] - boxes[0, 0]) * (boxes[0, 3] - boxes[0, 1]) > 64 * 64 - 1
            if covered:
                scores, _ = detection_loss(network_says, torch.from_numpy(boxes)[None], torch.from_numpy(kinds)[None])
                self.assertEqual(scores.item(), 0)
                learned += 1
        self.assertGreater(learned, 0)

    def test_large_frames_are_made_smaller(self):
        self.assertEqual(distil.made_smaller(numpy.zeros((1080, 1920, 3), numpy.uint8)).shape, (540, 960, 3))
        self.assertEqual(distil.made_smaller(numpy.zeros((432, 768, 3), numpy.uint8)).shape, (432, 768, 3))

    def test_what_is_no_video_is_refused(self):
        (self.path / "b.mp4").write_text("no video")
        with self.assertRaisesRegex(ValueError, "b.mp4"):
            list(frames(self.path / "b.mp4"))


if __name__ == "__main__":
    unittest.main()
