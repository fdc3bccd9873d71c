"""What scripts/bench-jobs does; its head says how."""

import argparse
import asyncio
import base64
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import websockets

from batch_daemon import BatchDaemon
from rtp_film import Film
from rtsp_camera import Camera

ROOT = pathlib.Path(__file__).resolve().parents[2]


def frames(film, folder, count):
    folder.mkdir()
    subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-vf", "fps=12", "-frames:v", "300", "-q:v", "3", folder / "%05d.jpg"],
                   check=True)
    made = sorted(folder.iterdir())
    many = folder.parent / "many"
    many.mkdir()
    for number in range(count):
        os.link(made[number % len(made)], many / f"{number:06}.jpg")
    return folder, many


def batch_rate(daemon, many, count, places):
    """Pictures a second of a batch that has the engine to itself."""
    start = time.monotonic()
    task = daemon.submit(input_container_sas=many.as_uri())
    while daemon.status(task)["images_done"] == 0:
        time.sleep(0.02)
    first, since = daemon.status(task)["images_done"], time.monotonic()
    status = daemon.wait(task, minutes=30)
    seconds = time.monotonic() - since
    if status["images_failed"]:
        sys.exit(f"bench-jobs: pictures failed: {status}")
    rate = (count - first) / seconds
    print(f"bench-jobs: a batch of {count}, {places} at once: {rate:.1f} pictures per second "
          f"({time.monotonic() - start:.1f} s with its listing and its results)")
    return rate


class Watch:
    """When live messages come, against the times of the frames that they tell of."""

    def __init__(self, daemon, stream, headers):
        self.address = f"ws://127.0.0.1:{daemon.port}/6/streams/{stream}/ws"
        self.headers, self.lags = headers, []

    async def run(self):
        async with websockets.connect(self.address, additional_headers=self.headers, max_size=None) as feed:
            async for message in feed:
                now = time.monotonic()
                for result in (json.loads(message).get("analytics_results") or {}).values():
                    if "time_offset" in result:
                        self.lags.append((now, now - result["time_offset"]))


def latency(daemon, film, many, seconds):
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    camera = Camera(loop, Film(film))
    account = json.loads((daemon.folder / "data/initial-account.json").read_text())
    token = base64.b64encode(f"{account['login']}:{account['password']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    body = {"data": {"type": "stream", "reference": camera.address}, "analytics": [{
        "analytic_name": "people_count",
        "parameters": {"parameters": {"people_count_threshold": 0, "probe_count": 0, "rate": {"unit": "frame", "period": 1}}}}]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{daemon.port}/6/streams", json.dumps(body).encode(), dict(headers, **{"Content-Type": "application/json"}))
    stream = json.loads(urllib.request.urlopen(request).read())["stream_id"]
    address = f"http://127.0.0.1:{daemon.port}/6/streams/{stream}"
    while json.loads(urllib.request.urlopen(urllib.request.Request(address, headers=headers)).read())["status"] != 1:
        time.sleep(0.1)
    watch = Watch(daemon, stream, headers)
    asyncio.run_coroutine_threadsafe(watch.run(), loop)
    time.sleep(5)
    times = [time.monotonic()]
    time.sleep(seconds)
    times.append(time.monotonic())
    task = daemon.submit(input_container_sas=many.as_uri())
    while daemon.status(task)["images_done"] == 0:
        time.sleep(0.02)
    times.append(time.monotonic())
    time.sleep(seconds)
    times.append(time.monotonic())
    done = daemon.status(task)["images_done"]
    sent = camera.latest.first_key  # the frame whose time is 0
    camera.close()

    def part(start, end):
        return [lag - sent for when, lag in watch.lags if start < when < end]
    alone, beside = part(*times[:2]), part(*times[2:])
    for name, lags in (("alone", alone), ("beside a batch", beside)):
        if len(lags) < seconds:
            sys.exit(f"bench-jobs: {len(lags)} live messages in {seconds} s")
    def p99(lags):
        return statistics.quantiles(lags, n=100)[98]
    print(f"bench-jobs: live frames alone: {len(alone)}, told {1000 * statistics.median(alone):.1f} ms after they were sent in the middle, "
          f"{1000 * p99(alone):.1f} ms at 99 of 100")
    print(f"bench-jobs: beside a batch: {len(beside)}, {1000 * statistics.median(beside):.1f} ms, {1000 * p99(beside):.1f} ms; "
          f"{done / (times[3] - times[2]):.1f} pictures per second meanwhile")
    return p99(alone), p99(beside)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    film = ROOT / "samples/.rendered/lobby.mp4"
    if not film.exists():
        subprocess.run([ROOT / "scripts/render-sample"], check=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sightline-bench-jobs-"))
    daemon = BatchDaemon(folder)
    try:
        few, many = frames(film, daemon.media / "few", arguments.pictures)
        output = subprocess.run([os.environ["SIGHTLINE"], "bench-pictures", few], check=True, capture_output=True, text=True).stdout
        print(f"bench-jobs: {output.strip()}")
        alone = float(re.search(r"([0-9.]+) per second", output).group(1))
        os.environ["SIGHTLINE_JOBS_PLACES"] = "1"
        daemon.start()
        one = batch_rate(daemon, many, arguments.pictures, 1)
        daemon.kill()
        del os.environ["SIGHTLINE_JOBS_PLACES"]
        daemon.start()
        rate = batch_rate(daemon, many, arguments.pictures, "as many as there are processors, and one more,")
        before, beside = latency(daemon, film, many, arguments.seconds)
        print(f"bench-jobs: a batch of one at a time goes {one / alone:.2f} times as fast as pictures one by one (0.85 is wanted), "
              f"one of several {rate / alone:.2f}; beside it 99 of 100 live frames come within {beside / before:.2f} times as long")
    finally:
        daemon.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
