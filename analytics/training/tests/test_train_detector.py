import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import torch

import tiny
from person_detector import network
from person_detector.teacher import BACKBONE_SHARE, Teacher
from person_detector.train_detector import optimiser

PATIENCE = 600  # seconds, of a machine that does much else


class OptimiserTests(unittest.TestCase):
    def test_a_teachers_backbone_moves_slower_and_its_frozen_part_not_at_all(self):
        teacher = Teacher(0)
        teacher.freeze()
        share = {id(p): group["share"] for group in optimiser(teacher, 1e-3).param_groups for p in group["params"]}
        self.assertNotIn(id(teacher._conv_stem.weight), share)
        self.assertEqual(share[id(teacher._blocks[-1]._project_conv.weight)], BACKBONE_SHARE)
        self.assertEqual(share[id(teacher.oc[0].weight)], 1)

    def test_other_networks_learn_at_one_rate_and_norms_do_not_decay(self):
        plain = network.Network(network.SHAPES["slim"])
        groups = optimiser(plain, 1e-3).param_groups
        self.assertEqual({group["share"] for group in groups}, {1})
        self.assertEqual(sum(len(group["params"]) for group in groups), len(list(plain.parameters())))
        self.assertTrue(all((p.ndim > 1) == (group["weight_decay"] > 0) for group in groups for p in group["params"]))


class InterruptedTrainingTests(unittest.TestCase):
    """Trainings of a few pictures of 64×64, as processes of their own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)
        tiny.write_pictures(self.data)

    def begin(self, out: str, *options: str) -> subprocess.Popen:
        command = [
            sys.executable, "-m", "person_detector.train_detector", "--data", str(self.data), "--cache", str(self.data / "cache"),
            "--out", str(self.data / out), "--sizes", "64x64", "--batch", "0.01", "--processes", "1", "--log-every", "1", *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
        self.addCleanup(process.stdout.close)
        return process

    def finish(self, process: subprocess.Popen) -> str:
        output, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, output)
        return output

    def weights(self, out: str) -> dict:
        return torch.load(self.data / out / "weights.pt", weights_only=True)

    def test_it_ends_when_asked_to_and_goes_on_where_it_was(self):
        running = self.begin("run", "--shape", "slim", "--pictures", "1000000")
        while "pictures" not in running.stdout.readline():
            self.assertIsNone(running.poll())
        running.send_signal(signal.SIGTERM)
        self.finish(running)
        kept = self.weights("run")
        self.assertGreater(kept["seen"], 0)

        output = self.finish(self.begin("run", "--shape", "slim", "--pictures", str(kept["seen"] + 60)))
        first = next(line for line in output.splitlines() if "pictures" in line)
        self.assertEqual(int(first.split()[0]), kept["number"] + 1)
        self.assertGreaterEqual(self.weights("run")["seen"], kept["seen"] + 60)

    def test_a_file_of_weights_alone_carries_the_schedule_to_another_machine(self):
        self.finish(self.begin("here", "--shape", "slim", "--pictures", "100"))
        kept = self.weights("here")
        weights = str(self.data / "here" / "weights.pt")
        output = self.finish(self.begin("there", "--shape", "slim", "--from", weights, "--go-on", "--pictures", "200"))
        self.assertIn("new: nothing", output)
        self.assertEqual(self.weights("there")["number"], -(-200 // 7), "7 pictures a batch, those before it counted")
        rates = [float(line.split()[-1]) for line in output.splitlines() if "rate" in line]
        self.assertLess(max(rates), 1.2e-3, "the second half of a cosine from 2e-3")
        self.assertLess(rates[0], rates[2], "the optimiser is new, so it warms up")

    def test_a_teacher_teaches_from_labels_and_from_frames(self):
        torch.manual_seed(1)
        torch.save(network.checkpoint(Teacher(0)), self.data / "teacher.pt")
        tiny.write_video(self.data / "a.mp4", 20)
        self.finish(self.begin(
            "student", "--shape", "slim", "--teacher", str(self.data / "teacher.pt"), "--frames", str(self.data), "--pictures", "60",
        ))
        rows = [json.loads(line) for line in (self.data / "student" / "log.jsonl").read_text().splitlines()]
        self.assertGreaterEqual(rows[-1]["seen"], 60)

    def test_frames_without_a_teacher_are_refused(self):
        process = self.begin("none", "--frames", str(self.data), "--pictures", "10")
        output, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 2)
        self.assertIn("--teacher", output)


if __name__ == "__main__":
    unittest.main()
