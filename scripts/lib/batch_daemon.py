"""A daemon with the doors of batches and blobs open, for scripts that send it some."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

from daemon import free_port, wait_until_healthy

PREFIX = "/v4/camera-trap/detection-batch"


class BatchDaemon:
    """Of the build that SIGHTLINE names, with all that is its in a folder."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.media, self.callers = folder / "media", folder / "callers.json"
        self.media.mkdir()
        self.log = open(folder / "log", "ab")
        self.settings = {}

    def start(self):
        command = [os.environ["SIGHTLINE"], "serve", "--data-dir", self.folder / "data", "--port", self.port,
                   "--media-root", self.media, "--doors", "camera_trap,blobs"]
        environment = dict(os.environ, SIGHTLINE_JOBS_CAMERA_TRAP_CALLERS=str(self.callers), **self.settings)
        self.process = subprocess.Popen(list(map(str, command)), stdout=self.log, stderr=self.log, env=environment)
        wait_until_healthy(self.process, self.port, self.log.name)
        if not self.callers.exists():
            account = json.loads((self.folder / "data/initial-account.json").read_text())
            self.callers.write_text(json.dumps({"trial": account["login"]}))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        address = path if path.startswith("http") else f"http://127.0.0.1:{self.port}{PREFIX}{path}"
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"} if data else {})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def submit(self, **members):
        return self.ask("/request_detections", dict(members, caller="trial", request_name="trial"))["request_id"]

    def status(self, task):
        return self.ask(f"/task/{task}")["Status"]

    def wait(self, task, minutes=5):
        deadline = time.monotonic() + 60 * minutes
        while time.monotonic() < deadline:
            status = self.status(task)
            if status["request_status"] != "running":
                return status
            time.sleep(0.1)
        sys.exit(f"{task} was not over within {minutes} minutes: {status}")

    def results(self, status):
        if status["request_status"] != "completed" or not isinstance(status["message"], dict):
            sys.exit(f"the batch did not come about: {status}")
        return self.ask(status["message"]["output_file_urls"]["detections"])

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()
