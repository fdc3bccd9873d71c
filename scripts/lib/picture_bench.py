"""The measurement of scripts/bench-pictures."""

import argparse
import concurrent.futures
import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from recognition_client import NAME, ROOT, RecognitionDaemon

AT_ONCE = 8
ALONE = 30  # pictures that are sent one after the other, to know what one takes
LEAST = 0.8  # of what one picture after the other would give
BROKEN = 5  # of the pictures of long requests each so many-th is cut off
POLICIES = {"detect_policy": {"estimate_quality": 1}, "extract_policy": {"extract_face_descriptor": 0},
            "storage_policy": {"face_sample_policy": {"store_sample": 0}, "event_policy": {"store_event": 0}}}


def pictures(video, count):
    """JPEGs of 1280×720, evenly out of the video."""
    with tempfile.TemporaryDirectory() as folder:
        length = float(subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(video)],
            check=True, capture_output=True, text=True).stdout)
        subprocess.run(
            ["ffmpeg", "-v", "error", "-i", str(video), "-vf", f"fps={count / length:.6f},scale=1280:720", "-q:v", "3", f"{folder}/%04d.jpg"],
            check=True)
        found = [path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())]
    return [found[index % len(found)] for index in range(count)]


class Operation:
    """One that takes pictures."""

    def __init__(self, daemon, name, path):
        self.daemon, self.name, self.path = daemon, name, path

    def send(self, body, kind="image/jpeg"):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=600)
        connection.request("POST", self.path, body, {"Luna-Account-Id": self.daemon.account, "Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            sys.exit(f"{NAME}: {self.path}: {answer.status} {text.decode(errors='replace')[:300]}")
        return json.loads(text)

    def states(self, answer):
        """Of each picture its file's name, and whether it was looked at."""
        if "images_estimations" in answer:
            return [(image["filename"], "error" not in image) for image in answer["images_estimations"]]
        return [(image["filename"], image["status"] == 1) for image in answer["images"]]

    def seconds_alone(self, found):
        times = []
        for picture in found[:ALONE + 3]:
            begin = time.perf_counter()
            self.send(picture)
            times.append(time.perf_counter() - begin)
        return statistics.median(times[3:])  # the first wake the model up

    def rate_at_once(self, found):
        begin = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.send, found))
        return len(found) / (time.perf_counter() - begin)

    def wrong(self, found):
        """Requests of eight pictures that were not answered as they should be."""
        wrong = 0
        for start in range(0, len(found) - AT_ONCE + 1, AT_ONCE):
            parts, wanted = [], []
            for number in range(start, start + AT_ONCE):
                is_broken = number % BROKEN == 2
                picture = found[number][: len(found[number]) // 3] if is_broken else found[number]
                wanted.append((f"{number}.jpg", not is_broken))
                parts.append(f'--limit\r\nContent-Disposition: form-data; name="image"; filename="{number}.jpg"\r\n'
                             f"Content-Type: image/jpeg\r\n\r\n".encode() + picture + b"\r\n")
            answer = self.send(b"".join(parts) + b"--limit--\r\n", "multipart/form-data; boundary=limit")
            wrong += self.states(answer) != wanted
        return wrong


def main():
    parser = argparse.ArgumentParser(prog="bench-pictures", description="How many pictures a second are looked at.")
    parser.add_argument("video", nargs="?", type=pathlib.Path, default=ROOT / "samples/.rendered/lobby.mp4")
    parser.add_argument("--pictures", type=int, default=200)
    options = parser.parse_args()
    found, failed = pictures(options.video, options.pictures), False
    with RecognitionDaemon() as daemon:
        handler = daemon.ask("POST", "/6/handlers", {"policies": POLICIES})["handler_id"]
        for name, path in (("/6/sdk", "/6/sdk?detect_face=1&estimate_quality=1"), ("/6/detector", "/6/detector?estimate_quality=1"),
                           ("a handler", f"/6/handlers/{handler}/events")):
            operation = Operation(daemon, name, path)
            alone, rate, wrong = operation.seconds_alone(found), operation.rate_at_once(found), operation.wrong(found)
            ratio = rate * alone
            print(f"{name:12} alone {alone * 1000:6.1f} ms; {AT_ONCE} at once {rate:6.1f} a second, {ratio:.2f} of one after the other; "
                  f"{wrong} of {len(found) // AT_ONCE} requests of {AT_ONCE} answered wrongly")
            failed = failed or wrong > 0 or ratio < LEAST
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
