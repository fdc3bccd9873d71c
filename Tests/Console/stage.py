"""What the tests of the console stand on: a daemon of their own, and a browser."""

import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))
from daemon import free_port, wait_until_healthy  # noqa: E402
from nginx import Nginx  # noqa: E402

SAMPLES = pathlib.Path(os.environ.get("SAMPLES", ROOT / "samples" / ".rendered"))


class Daemon:
    """A daemon with a data directory of its own, which can be stopped and started again at the same port."""

    def __init__(self, settings=None, roots=(SAMPLES,)):
        self.settings, self.roots = settings or {}, roots
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sightline-console-"))
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.start()
        account = json.loads((self.folder / "data" / "initial-account.json").read_text())
        self.login, self.password = account["login"], account["password"]

    def start(self):
        log = open(self.folder / "log", "a")
        self.process = subprocess.Popen(
            [os.environ["SIGHTLINE"], "serve", "--data-dir", str(self.folder / "data"), "--port", str(self.port),
             *(part for root in (*self.roots, self.folder) for part in ("--media-root", str(root)))],
            stdout=log, stderr=subprocess.STDOUT, env={"SIGHTLINE_HOME": str(ROOT), **os.environ, **self.settings},
        )
        log.close()
        wait_until_healthy(self.process, self.port, self.folder / "log")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)

    def call(self, method, path, body=None):
        """What the API answers to the administrator: JSON, or None."""
        return self.call_with(method, path, None if body is None else json.dumps(body).encode(), "application/json")

    def call_with(self, method, path, data, content_type):
        """The same for a body of another kind."""
        request = urllib.request.Request(self.base + path, method=method, data=data)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{self.login}:{self.password}".encode()).decode())
        request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def is_there(self, path):
        """Whether something that may be asked for by `HEAD` is there."""
        try:
            self.call("HEAD", path)
        except AssertionError as error:
            if ": 404 " in str(error):
                return False
            raise
        return True

    def add_stream(self, name, reference="lobby.mp4", kind="stream", **more):
        """The id of a new stream in which people are counted and followed, four looks a second."""
        rate = {"unit": "second", "period": 0.25}
        body = {
            "name": name, "data": {"type": kind, "reference": reference},
            "analytics": [
                {"analytic_name": "people_count", "parameters": {"targets": ["overview"], "parameters": {"rate": rate}}},
                {"analytic_name": "human_tracking", "parameters": {"targets": ["body_detection", "overview"], "parameters": {"rate": rate, "tracking": {"detector_type": "body"}}}},
            ],
        }
        return self.call("POST", "/6/streams", {**body, **more})["stream_id"]

    def add_face(self, name, picture, **more):
        """The id of a new face, which is the first that is found in a PNG file."""
        image, = self.call_with("POST", "/6/detector", picture.read_bytes(), "image/png")["images"]
        sample = image["detections"]["samples"][0]["face"]["sample_id"]
        attribute = self.call("POST", "/6/extractor", [sample])[0]["attribute_id"]
        return self.call("POST", "/6/faces", {"user_data": name, "avatar": f"/6/samples/faces/{sample}", "attribute": {"attribute_id": attribute}, **more})["face_id"]

    def clear(self):
        """Takes all streams away."""
        while streams := self.call("GET", "/6/streams?page_size=1000")["streams"]:
            self.call("DELETE", "/6/streams", {"stream_ids": [stream["stream_id"] for stream in streams]})


class Camera:
    """The sample over RTSP, as GStreamer's server plays it, over and over."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sightline-camera-"))
        film, port = self.folder / "film.mp4", free_port()
        subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "60", "-i", SAMPLES / "lobby.mp4", "-c", "copy", film], check=True)
        # The Python of the system has the bindings, that of the tests has not.
        self.process = subprocess.Popen(["/usr/bin/python3", ROOT / "scripts/lib/gst_rtsp_server.py", str(port), film])
        self.address = f"rtsp://127.0.0.1:{port}/film"
        for _ in range(100):
            try:
                return socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                assert self.process.poll() is None, "GStreamer's RTSP server did not start"
                time.sleep(0.1)
        raise AssertionError("GStreamer's RTSP server does not listen")

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder)


# As docs/settings.md says.
UNDER_A_PATH = """
    location = /cameras {{ return 301 /cameras/; }}
    location /cameras/ {{
        proxy_pass http://127.0.0.1:{port}/;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_buffering off;
        proxy_request_buffering off;
        client_max_body_size 0;
    }}
"""


class Proxy:
    """nginx, which serves a daemon under a path."""

    def __init__(self, daemon):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sightline-proxy-"))
        self.nginx = Nginx(self.folder / "nginx", self.folder, UNDER_A_PATH.format(port=daemon.port))
        self.base = f"{self.nginx.address}/cameras"

    def close(self):
        self.nginx.stop()
        shutil.rmtree(self.folder)


class Browser:
    """Chromium at the console of a daemon. What it asks of whom is written down, and so are its errors."""

    def __init__(self, base, width=1440, height=900, dark=False):
        self.base = base
        options = webdriver.ChromeOptions()
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={width},{height}", "--lang=en-US", "--force-device-scale-factor=1"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": "en-US"})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.binary_location = shutil.which("chromium")
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def close(self):
        self.driver.quit()

    def go(self, place):
        self.driver.get(f"{self.base}/#/{place}")

    def sign_in(self, daemon):
        """By a link that signs in once."""
        self.go("sign-in/" + daemon.call("POST", "/6/session/codes")["code"])
        self.wait(lambda: not self.driver.current_url.count("sign-in"), "the link signs in")
        self.find(".page h1")

    def wait(self, holds, what, seconds=30):
        def look(_):
            try:
                return holds()
            except Exception as error:  # the page was being made anew
                if "stale element" in str(error).lower() or "no such element" in str(error).lower():
                    return False
                raise
        return WebDriverWait(self.driver, seconds, poll_frequency=0.1).until(look, f"waited {seconds} s for this: {what}")

    def watch_long_tasks(self):
        """From the next page on: each task over 50 ms, and what of it scripts took, in milliseconds."""
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
            window.tasks = []; window.scripts = [];
            new PerformanceObserver(l => { for (const e of l.getEntries()) tasks.push([Math.round(e.startTime), Math.round(e.duration)]) }).observe({ type: 'longtask', buffered: true });
            new PerformanceObserver(l => { for (const e of l.getEntries()) for (const s of e.scripts) scripts.push([Math.round(s.startTime), Math.round(s.duration), s.invoker]) }).observe({ type: 'long-animation-frame', buffered: true });
        """})

    def find(self, selector, words=None, seconds=30):
        """The first element that fits, is shown, and says the words."""
        def look():
            for element in self.driver.find_elements(By.CSS_SELECTOR, selector):
                if element.is_displayed() and (words is None or words in element.text):
                    return element
            return None
        return self.wait(look, f"{selector} {words or ''}", seconds)

    def people_now(self):
        """How many people a stream's page counts; 0 before it counts any."""
        text = self.find(".huge").text
        return int(text) if text.isdigit() else 0

    def has(self, selector):
        return any(element.is_displayed() for element in self.driver.find_elements(By.CSS_SELECTOR, selector))

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def errors(self):
        """What the console of the browser was told since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def asked(self):
        """Every address that was asked since the last time."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                found.append(message["params"]["url"])
        return found

    def settle(self, seconds=1.0):
        time.sleep(seconds)


class Stage(unittest.TestCase):
    """One daemon and one browser for the tests of a class, each of which begins without streams."""

    dark = False
    size = (1440, 900)
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(cls.settings)
        cls.addClassCleanup(cls.daemon.close)
        cls.browser = Browser(cls.daemon.base, *cls.size, dark=cls.dark)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.daemon.clear()
