import tempfile
import unittest
from pathlib import Path

import torch
from torch.nn import functional

from person_detector import network, teacher
from person_detector.teacher import Convolution, FrozenNorm, Teacher


def shaken_norm(width: int) -> FrozenNorm:
    """A norm whose every number is another one, as after training."""
    norm = FrozenNorm(width)
    for values in (norm.weight.data, norm.bias.data, norm.running_mean):
        values.normal_()
    norm.running_var.uniform_(0.3, 3)
    return norm


class ConvolutionTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)

    def test_folded_norm_equals_a_norm_of_its_own(self):
        convolution, norm, x = Convolution(6, 6, 3, groups=6), shaken_norm(6), torch.randn(2, 6, 8, 8)
        plain = functional.batch_norm(
            functional.conv2d(x, convolution.weight, padding=1, groups=6),
            norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps,
        )
        torch.testing.assert_close(convolution(x, norm), plain)

    def test_gradients_reach_kernels_and_norm(self):
        convolution, norm, x = Convolution(3, 4, 3), shaken_norm(4), torch.randn(2, 3, 8, 8)
        folded = torch.autograd.grad(convolution(x, norm).square().sum(), [convolution.weight, norm.weight, norm.bias])
        y = functional.conv2d(x, convolution.weight, padding=1)
        y = functional.batch_norm(y, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)
        plain = torch.autograd.grad(y.square().sum(), [convolution.weight, norm.weight, norm.bias])
        for ours, theirs in zip(folded, plain):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-3)

    def test_stride_two_pads_to_the_right_and_below(self):
        norm = FrozenNorm(1)
        norm.running_var.fill_(1 - norm.eps)
        for kernel, top_left in ((3, 9), (5, 16)):  # of 5x5 one row and one column are cut off at the top left, of 3x3 none
            convolution = Convolution(1, 1, kernel, 2)
            convolution.weight.data.fill_(1)
            y = convolution(torch.ones(1, 1, 8, 8), norm)
            self.assertEqual(y.shape[2:], (4, 4))
            self.assertAlmostEqual(y[0, 0, 0, 0].item(), top_left, places=4)


class TeacherTests(unittest.TestCase):
    def test_every_size_gives_what_the_other_networks_give(self):
        for lite in teacher.STAGES:
            outputs = Teacher(lite).eval()(torch.rand(1, 3, 64, 96))
            self.assertEqual([tuple(level.shape) for level in outputs], [(1, 5, 8, 12), (1, 5, 4, 6), (1, 5, 2, 3)])

    def test_frozen_blocks_learn_nothing_and_the_rest_does(self):
        learner = Teacher(0).train()
        learner.freeze()
        sum(level.square().mean() for level in learner(torch.rand(2, 3, 64, 64))).backward()
        blocks = learner._blocks
        self.assertIsNone(learner._conv_stem.weight.grad)
        self.assertTrue(all(p.grad is None for p in blocks[teacher.FROZEN_BLOCKS - 1].parameters()))
        self.assertTrue(all(p.grad is not None for p in blocks[teacher.FROZEN_BLOCKS].parameters()))

    def test_a_step_of_training_leaves_the_backbones_statistics_alone(self):
        learner = Teacher(0).train()
        before = learner._blocks[3]._bn1.running_mean.clone()
        learner(torch.rand(2, 3, 64, 64))
        torch.testing.assert_close(learner._blocks[3]._bn1.running_mean, before)

    def test_a_file_of_other_weights_is_refused_by_name(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "other.pth"
            torch.save({"_conv_stem.weight": torch.zeros(32, 3, 3, 3)}, path)
            with self.assertRaisesRegex(ValueError, "EfficientNet-Lite0"):
                teacher.from_imagenet(0, path)


class FileTests(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(2)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "teacher.pt"

    def test_a_teacher_comes_back_with_its_size(self):
        kept = Teacher(1).eval()
        torch.save(network.checkpoint(kept, seen=5), self.path)
        again = teacher.load(self.path)
        self.assertEqual(again.lite, 1)
        x = torch.rand(1, 3, 64, 64)
        for ours, theirs in zip(again(x), kept(x)):
            torch.testing.assert_close(ours, theirs, rtol=0.02, atol=0.02)

    def test_other_networks_load_as_they_did(self):
        torch.save(network.checkpoint(network.Network(network.SHAPES["slim"])), self.path)
        self.assertNotIsInstance(teacher.load(self.path), Teacher)

    def test_packing_halves_the_file_and_keeps_kernels_within_half_a_step(self):
        kept, small = Teacher(0).eval(), self.path.with_name("small.pt")
        torch.save(network.checkpoint(kept, seen=7, number=3), self.path)
        teacher.pack(self.path, small)
        self.assertLess(small.stat().st_size, 0.56 * self.path.stat().st_size)
        self.assertEqual(torch.load(small, weights_only=True)["seen"], 7)
        again = teacher.load(small).state_dict()
        for name, value in kept.state_dict().items():
            if value.ndim == 4:
                step = value.abs().amax((1, 2, 3), keepdim=True) / 127
                self.assertTrue(((again[name] - value).abs() <= 0.51 * step + 1e-3 * value.abs()).all(), name)


if __name__ == "__main__":
    unittest.main()
