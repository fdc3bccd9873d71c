"""What a camera's own video costs while it is watched, and how old its pictures are when they are seen. Run by scripts/trial/live-view."""

import base64
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import numbered
from stage import ROOT, SAMPLES, Browser, Daemon
from rtp_film import Film  # scripts/lib, as stage has it
from rtsp_camera import Studio

SECONDS, ROUNDS = float(os.environ.get("SECONDS", 10)), int(os.environ.get("ROUNDS", 3))
SIZE = tuple(map(int, os.environ.get("SIZE", "1280x720").split("x")))
VIEWER = """
import sys
sys.path.insert(0, sys.argv[1])
from websocket import WebSocket
import threading
def watch():
    socket = WebSocket("127.0.0.1", int(sys.argv[2]), sys.argv[3], {"Authorization": sys.argv[4]})
    while True:
        socket._receive()
        socket.buffer = b""
for _ in range(int(sys.argv[5])):
    threading.Thread(target=watch, daemon=True).start()
sys.stdin.read()
"""


class Costs:
    """Processor time of the daemon and all that it started, and what it has analysed."""

    def __init__(self, daemon, stream):
        self.daemon, self.stream = daemon, stream
        self.ticks = os.sysconf("SC_CLK_TCK")

    def family(self):
        parents = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(folder.name)] = (int(fields[1]), (int(fields[11]) + int(fields[12])) / self.ticks)
        family = {self.daemon.process.pid}
        while True:
            more = {pid for pid, (parent, _) in parents.items() if parent in family} - family
            if not more:
                return sum(parents[pid][1] for pid in family)
            family |= more

    def frames(self):
        request = urllib.request.Request(self.daemon.base + "/metrics", headers={"Authorization": authorization(self.daemon)})
        text = urllib.request.urlopen(request).read().decode()
        return int(re.search(rf'sightline_stream_frames_analysed_total{{stream_id="{self.stream}"}} (\d+)', text)[1])

    def window(self):
        """Cores and frames a second."""
        begun, spent, seen = time.monotonic(), self.family(), self.frames()
        time.sleep(SECONDS)
        passed = time.monotonic() - begun
        return (self.family() - spent) / passed, (self.frames() - seen) / passed


def authorization(daemon):
    return "Basic " + base64.b64encode(f"{daemon.login}:{daemon.password}".encode()).decode()


def with_viewers(daemon, stream, count, work):
    if not count:
        return work()
    process = subprocess.Popen(
        [sys.executable, "-c", VIEWER, str(ROOT / "scripts" / "lib"), str(daemon.port), f"/6/streams/{stream}/live?video=1", authorization(daemon), str(count)],
        stdin=subprocess.PIPE)
    try:
        time.sleep(4)  # until the next key frame
        return work()
    finally:
        process.stdin.close()
        process.wait(10)


def costs(daemon, stream, counts):
    meter, found = Costs(daemon, stream), {count: [] for count in counts}
    for _ in range(ROUNDS):
        for count in found:
            found[count].append(with_viewers(daemon, stream, count, meter.window))
    print(f"Windows of {SECONDS:g} s in turns, {ROUNDS} of each, medians:")
    nobody = [statistics.median(column) for column in zip(*found[0])]
    for count, windows in found.items():
        cores, frames = (statistics.median(column) for column in zip(*windows))
        more = "" if not count else f", {100 * (cores - nobody[0]):+.2f} % of a core, {frames / nobody[1]:.4f} of the frames"
        print(f"  {count:2} viewers: {cores:.3f} cores, {frames:.2f} frames analysed a second{more}   (each window: {', '.join(f'{w[0]:.3f}' for w in windows)})", flush=True)


def ages(frames, camera, film):
    """Seconds from when the camera sent each picture to when it was seen; the film is played over and over."""
    found = []
    for frame in frames:
        age = (frame["at"] / 1000 - camera.epoch - film.pictures[frame["number"]].sent) % film.length
        found.append(age)
    return sorted(found)


def show(name, found):
    print(f"  {name}: median {1000 * statistics.median(found):.0f} ms, 95 of 100 {1000 * found[int(len(found) * 0.95)]:.0f} ms, longest {1000 * found[-1]:.0f} ms, of {len(found)} pictures", flush=True)


def latency(daemon, stream, camera, film):
    print("From the camera to the screen of Chromium:")
    for name, plays in (("its own video", True), ("pictures in its place", False)):
        browser = Browser(daemon.base)
        try:
            if not plays:
                browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "delete window.MediaSource;"})
            browser.sign_in(daemon)
            assert browser.driver.execute_async_script(numbered.WATCH) is True
            browser.go(f"streams/{stream}")
            browser.find(".live.plays" if plays else ".live")
            browser.settle(8)
            browser.run("seen.frames.length = seen.looks.length = seen.paints.length = seen.pictures.length = 0")
            browser.settle(20)
            seen = browser.run("return seen")
            show(name, ages(seen["frames"] if plays else seen["pictures"], camera, film))
            if plays:
                late = sum(any(frame["at"] < look["at"] and frame["time"] > look["time"] + 0.002 for frame in seen["frames"]) for look in seen["looks"])
                gaps = [b["at"] - a["at"] for a, b in zip(seen["frames"], seen["frames"][1:])]
                print(f"  frames seen {len(seen['frames']) / 20:.1f} a second, longest pause {max(gaps)} ms, looks {len(seen['looks'])}, of these behind their frame {late}", flush=True)
        finally:
            browser.close()


def main():
    with tempfile.TemporaryDirectory(prefix="sightline-live-") as folder:
        path = numbered.film(SAMPLES / "lobby.mp4", pathlib.Path(folder) / "film.mp4", seconds=60, size=SIZE)
        film = Film(str(path))
        camera = Studio().camera(film)
        daemon = Daemon()
        try:
            def body(unit, period):
                analytic = {"analytic_name": "people_count", "parameters": {"parameters": {"rate": {"unit": unit, "period": period}}}}
                return {"name": "Camera", "data": {"type": "stream", "reference": camera.address}, "analytics": [analytic]}

            stream = daemon.call("POST", "/6/streams", body("second", 0.25))["stream_id"]
            time.sleep(12)
            rate = path.stat().st_size * 8 / 60 / 1e6
            print(f"One RTSP camera of {SIZE[0]}×{SIZE[1]} at {numbered.RATE} frames and {rate:.1f} Mbit a second, a key frame every 2 s, looked at four times a second.")
            latency(daemon, stream, camera, film)
            costs(daemon, stream, [0, 1, 10])
            daemon.call("PUT", f"/6/streams/{stream}", body("second", 0.1))
            time.sleep(12)
            print("Looked at ten times a second:")
            costs(daemon, stream, [0, 10])
        finally:
            daemon.close()


main()
