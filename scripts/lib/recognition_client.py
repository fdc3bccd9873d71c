"""For scripts that ask a daemon of their own who is seen: faces found, what they look like, how alike they are."""

import base64
import http.client
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
from collections import namedtuple

from daemon import free_port, wait_until_healthy

ROOT = pathlib.Path(__file__).resolve().parents[2]
AT_ONCE = 8  # samples that one request of /6/extractor takes
REFERENCES, CANDIDATES = 100, 1000  # that one request of /6/matcher/raw takes
NAME = pathlib.Path(sys.argv[0]).stem.replace("_", "-")  # of the script that speaks
SIGNATURE = b"SLFD" + struct.pack("<I", 1001)

# A face that /6/detector has stored: its box (x, y, width, height, in pixels), the id of its sample, `quality` (of `warp_quality`, by name)
# and `pose` (degrees, by name; empty when there is none).
Found = namedtuple("Found", "box sample quality pose")
# What /6/extractor makes of a sample: 128 numbers, its score, and the id of its attribute.
Described = namedtuple("Described", "numbers score attribute")


class RecognitionDaemon:
    """A daemon with a database of its own, from `with` to its end."""

    def __init__(self):
        program = os.environ.get("SIGHTLINE") or str(ROOT / ".build/release/sightline")
        if not os.access(program, os.X_OK):
            sys.exit(f"{NAME}: {program} is not built yet; 'make build' builds it")
        # Whoever ends the script ends its daemon.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.folder = tempfile.TemporaryDirectory(prefix="sightline-recognition-")
        data, self.log, port = pathlib.Path(self.folder.name) / "data", pathlib.Path(self.folder.name) / "log", free_port()
        with self.log.open("wb") as words:
            self.process = subprocess.Popen(
                [program, "serve", "--data-dir", str(data), "--port", str(port)], stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                env={**os.environ, "SIGHTLINE_LOG_LEVEL": "notice", "SIGHTLINE_HOME": str(ROOT)})
        self.data, self.port = data, port

    def __enter__(self):
        try:
            wait_until_healthy(self.process, self.port, self.log)
        except BaseException:
            self.__exit__()
            raise
        self.account = json.loads((self.data / "initial-account.json").read_text())["account_id"]
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def ask(self, method, path, body=None, kind="application/json"):
        """The answer's document. Anything but success ends the program with what was said."""
        data = json.dumps(body) if kind == "application/json" and body is not None else body
        self.connection.request(method, path, data, {"Luna-Account-Id": self.account, "Content-Type": kind})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"{NAME}: {method} {path}: {answer.status} {text.decode(errors='replace')[:500]}")
        return json.loads(text) if text else None

    def faces(self, picture, kind):
        """Found in a picture, as bytes of the media type `kind`."""
        answer = self.ask("POST", "/6/detector?estimate_quality=1&estimate_head_pose=1", picture, kind)["images"][0]
        if answer["error"]["error_code"]:
            sys.exit(f"{NAME}: a picture is refused: {answer['error']['detail']}")
        return [self.found(sample["face"]) for sample in answer["detections"]["samples"]]

    @staticmethod
    def found(face):
        detection = face["detection"]
        box = tuple(detection["rect"][side] for side in ("x", "y", "width", "height"))
        return Found(box, face["sample_id"], detection["quality"], detection.get("attributes", {}).get("head_pose") or {})

    def describe(self, samples):
        """One for each sample, in their order."""
        described = []
        for start in range(0, len(samples), AT_ONCE):
            made = self.ask("POST", "/6/extractor", samples[start:start + AT_ONCE])
            ids = [each["attribute_id"] for each in made]
            told = self.ask("GET", f"/6/attributes?attribute_ids={','.join(ids)}&targets=attribute_id,face_descriptor")["attributes"]
            numbers = {each["attribute_id"]: decoded(each["face_descriptor"]["descriptor"]) for each in told}
            described += [Described(numbers[each["attribute_id"]], each["score"], each["attribute_id"]) for each in made]
        return described

    def similarities(self, descriptors):
        """A row for each, with its similarity to each."""
        forms = [{"type": "sdk_descriptor", "id": str(index), "data": encoded(each)} for index, each in enumerate(descriptors)]
        rows = [[] for _ in forms]
        for first in range(0, len(forms), REFERENCES):
            for start in range(0, len(forms), CANDIDATES):
                answer = self.ask("POST", "/6/matcher/raw", {
                    "references": forms[first:first + REFERENCES], "candidates": forms[start:start + CANDIDATES]})
                for match in answer["matches"]:
                    rows[int(match["reference_id"])] += [each["similarity"] for each in match["matches"]]
        return rows


def decoded(text):
    return list(struct.unpack("<128f", base64.b64decode(text)))


def encoded(numbers):
    return base64.b64encode(SIGNATURE + struct.pack("<128f", *numbers)).decode()
