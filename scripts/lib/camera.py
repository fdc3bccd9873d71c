"""A daemon that plays the files of a folder as cameras, for trials."""

import base64
import json
import os
import pathlib
import subprocess
import urllib.request

from daemon import free_port, wait_until_healthy

SIGHTLINE = os.environ.get("SIGHTLINE", str(pathlib.Path(__file__).resolve().parents[2] / ".build/release/sightline"))


class Daemon:
    """Listens on a free port; its data lie in the folder, and every file there may be a source.

    Settings are given by their keys.
    """

    def __init__(self, folder, settings=None):
        folder.mkdir(exist_ok=True)
        data, log = folder / "data", folder / "log"
        variables = {"SIGHTLINE_" + key.upper().replace(".", "_"): str(value) for key, value in (settings or {}).items()}
        self.port = free_port()
        command = [SIGHTLINE, "serve", "--data-dir", data, "--port", self.port, "--media-root", folder]
        with open(log, "ab") as file:
            self.process = subprocess.Popen(list(map(str, command)), stdout=file, stderr=file, env=os.environ | variables)
        wait_until_healthy(self.process, self.port, log)
        account = json.loads((data / "initial-account.json").read_text())
        token = base64.b64encode(f"{account['login']}:{account['password']}".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read().decode()

    def add(self, reference, delay=1):
        """Registers a live stream whose people are counted once a second, tried again after so many seconds. Returns its id."""
        body = {
            "data": {"type": "stream", "reference": reference},
            "autorestart": {"restart": 1, "attempt_count": 100000, "delay": delay} if delay else {"restart": 0},
            "analytics": [{"analytic_name": "people_count", "parameters": {"parameters": {"rate": {"unit": "second", "period": 1}}}}],
        }
        return json.loads(self.ask("POST", "/6/streams", body))["stream_id"]
