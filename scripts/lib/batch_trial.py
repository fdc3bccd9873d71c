"""What scripts/trial/batches does; its head says how."""

import argparse
import http.server
import json
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.sax.saxutils

import boto3
from moto.server import ThreadedMotoServer

from batch_daemon import PREFIX, BatchDaemon

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ["Säson 1/a b#1.jpg", "Säson 1/100%.JPG", "plain.jpeg", "deep/er/ü&+.jpg", "notes.txt", "broken.jpg"]
PICTURES = [name for name in NAMES if name != "notes.txt"]


def check(results, expected, broken=0):
    """By the published rules of the format, and that each picture is there once."""
    assert results["info"]["format_version"] == "1.6" and results["info"]["detector"], results["info"]
    categories = results["detection_categories"]
    files = [image["file"] for image in results["images"]]
    if sorted(files) != sorted(expected):
        missing, surplus = set(expected) - set(files), set(files) - set(expected)
        sys.exit(f"batches: {len(files)} pictures for {len(expected)}; missing {list(missing)[:3]}, not asked for "
                 f"{list(surplus)[:3]}, twice {len(files) - len(set(files))}")
    failures = 0
    for image in results["images"]:
        if "failure" in image:
            assert image["detections"] is None and isinstance(image["failure"], str), image
            failures += 1
            continue
        for detection in image["detections"]:
            assert detection["category"] in categories and isinstance(detection["conf"], float), detection
            assert 0 <= detection["conf"] <= 1 and all(0 <= share <= 1 for share in detection["bbox"]), detection
            assert len(detection["bbox"]) == 4
        most = max((detection["conf"] for detection in image["detections"]), default=0)
        assert image["max_detection_conf"] == most, image
    if failures != broken:
        first = next((image for image in results["images"] if "failure" in image), None)
        sys.exit(f"batches: {failures} pictures failed, and {broken} are broken: {first}")


def frames(folder, count):
    """So many JPEGs of a film, some of them by several names."""
    film = ROOT / "samples/.rendered/lobby.mp4"
    if not film.exists():
        subprocess.run([ROOT / "scripts/render-sample"], check=True)
    made = folder / "frames"
    made.mkdir()
    distinct = min(count, 300)
    subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-vf", "fps=12", "-frames:v", str(distinct), "-q:v", "3",
                    made / "%05d.jpg"], check=True)
    return sorted(made.iterdir())


class Container(http.server.BaseHTTPRequestHandler):
    """A container as Azure's Blob service lists it, two names a page, and a list of URLs that lead here by a redirect."""

    files = {}

    def do_GET(self):
        path, _, query = self.path.partition("?")
        values = dict(urllib.parse.parse_qsl(query))
        if path == "/list.json":
            base = f"http://127.0.0.1:{self.server.server_address[1]}"
            self.answer(200, json.dumps([[f"{base}/moved/{urllib.parse.quote(name)}", json.dumps({"id": number})]
                                         for number, name in enumerate(PICTURES)]).encode())
        elif path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", "/c/" + path[len("/moved/"):] + "?sp=rl&sig=s")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif values.get("sig") != "s":
            self.answer(403, b"")
        elif values.get("comp") == "list":
            names = [name for name in sorted(self.files) if name.startswith(values.get("prefix", ""))]
            start = int(values.get("marker") or 0)
            blobs = "".join(f"<Blob><Name>{xml.sax.saxutils.escape(name)}</Name></Blob>"
                            for name in names[start:start + 2])
            marker = str(start + 2) if start + 2 < len(names) else ""
            self.answer(200, f'<?xml version="1.0"?><EnumerationResults><Blobs>{blobs}</Blobs>'
                             f"<NextMarker>{marker}</NextMarker></EnumerationResults>".encode())
        else:
            name = urllib.parse.unquote(path[len("/c/"):])
            self.answer(200 if name in self.files else 404, self.files.get(name, b""))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def containers(daemon, picture, arguments):
    """The same few pictures from each kind of place."""
    files = {name: picture for name in NAMES}
    files["broken.jpg"] = picture[:100]
    folder = daemon.media / "few"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    Container.files = files
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Container)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{server.server_address[1]}"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bucket = ThreadedMotoServer(port=0, verbose=False)
    bucket.start()
    host, port = bucket.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                          aws_access_key_id="key", aws_secret_access_key="secret")
    client.create_bucket(Bucket="trap")
    for name, content in files.items():
        client.put_object(Bucket="trap", Key=name, Body=content)
    outcomes = {}
    for kind, members in {
        "a folder": {"input_container_sas": folder.as_uri()},
        "S3": {"input_container_sas": f"s3+http://key:secret@127.0.0.1:{port}/trap"},
        "Azure": {"input_container_sas": f"{place}/c?sr=c&sp=rl&sig=s"},
        "URLs": {"use_url": "true", "images_requested_json_sas": f"{place}/list.json"},
    }.items():
        results = daemon.results(daemon.wait(daemon.submit(**members)))
        expected = PICTURES
        if kind == "URLs":
            expected = [f"{place}/moved/{urllib.parse.quote(name)}" for name in PICTURES]
            assert sorted(json.loads(image["meta"])["id"] for image in results["images"]) == list(range(len(PICTURES)))
        check(results, expected, broken=1)
        if arguments.keep:
            (pathlib.Path(arguments.keep) / f"{kind.replace(' ', '-')}.json").write_text(json.dumps(results))
        outcomes[kind] = [image["detections"] for image in sorted(results["images"], key=lambda image: image["file"])
                          if "failure" not in image]
        print(f"batches: {kind}: {len(results['images'])} pictures, 1 of them broken and said to be so")
    if any(outcome[0] != outcomes["a folder"][0] for outcome in outcomes.values()):
        sys.exit("batches: the same picture gives other detections elsewhere")
    some = daemon.wait(daemon.submit(input_container_sas=folder.as_uri(), image_path_prefix="Säson 1/"))
    check(daemon.results(some), [name for name in PICTURES if name.startswith("Säson 1/")])
    for address in [f"{place}/c?sr=c&sp=rl&sig=wrong", f"s3+http://127.0.0.1:{port}/none", "file:///etc"]:
        failed = daemon.wait(daemon.submit(input_container_sas=address))
        if failed["request_status"] != "failed":
            sys.exit(f"batches: a container that cannot be listed is {failed}")
    bucket.stop()


def killed(daemon, made, arguments):
    """Many pictures, and a daemon that is killed as they are looked at."""
    folder = daemon.media / "many"
    folder.mkdir()
    names = [f"{number:06}.jpg" for number in range(arguments.pictures)]
    for number, name in enumerate(names):
        os.link(made[number % len(made)], folder / name)
    start = time.monotonic()
    task = daemon.submit(input_container_sas=folder.as_uri())
    deadline, kills, next_kill, away = start + 60 * arguments.minutes, 0, start + arguments.kill_every, 0.0
    while True:
        status = daemon.status(task)
        if status["request_status"] != "running":
            break
        if time.monotonic() > deadline:
            sys.exit(f"batches: not over within {arguments.minutes} minutes: {status}")
        if time.monotonic() > next_kill:
            since = time.monotonic()
            daemon.kill()
            daemon.start()
            away += time.monotonic() - since
            kills, next_kill = kills + 1, time.monotonic() + arguments.kill_every
        time.sleep(0.2)
    seconds = time.monotonic() - start - away
    check(daemon.results(status), names)
    print(f"batches: {len(names)} pictures, {kills} times killed: each is in the results once; "
          f"{len(names) / seconds:.1f} pictures per second while it ran")


def labelled(daemon):
    """Blobs that are put into a bucket, by links that are signed for it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bucket = ThreadedMotoServer(port=0, verbose=False)
    bucket.start()
    _, port = bucket.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                          aws_access_key_id="key", aws_secret_access_key="secret")
    client.create_bucket(Bucket="blobs")
    daemon.end()
    daemon.settings["SIGHTLINE_JOBS_BLOBS_BUCKET"] = f"s3+http://key:secret@127.0.0.1:{port}/blobs"
    daemon.start()

    def ask(method, address, body=None):
        # A body that says nothing of itself is taken for a form by the bucket, which reads it and waits for it once more.
        headers = {"Content-Type": "application/octet-stream"} if method == "PUT" else {}
        request = urllib.request.Request(address, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()

    base = f"http://127.0.0.1:{daemon.port}"
    status, answer = ask("POST", f"{base}/blobs", b'{"callback_url": "http://receiver.invalid/"}')
    blob = json.loads(answer)
    assert status == 201 and blob["upload_url"].startswith(f"http://127.0.0.1:{port}/blobs/{blob['blob_id']}?"), blob
    picture = (ROOT / "docs/images/output.jpg").read_bytes()

    def put(content, is_over):
        assert ask("PUT", blob["upload_url"], content)[0] == 200
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = json.loads(ask("GET", f"{base}/blobs/{blob['blob_id']}")[1])
            if is_over(found):
                return found
            time.sleep(0.1)
        sys.exit(f"batches: what was put into a bucket comes to {found}")

    found = put(picture, lambda found: found["status"] == "done")
    names = [label["label"] for label in found["labels"]]
    print(f"batches: a blob in a bucket is labelled {names[:3]}")
    put(b"no picture", lambda found: found["status"] == "failed")
    daemon.kill()
    daemon.start()
    put(picture, lambda found: found["status"] == "done" and [label["label"] for label in found["labels"]] == names)
    bucket.stop()


def cancelled(daemon):
    task = daemon.submit(input_container_sas=(daemon.media / "many").as_uri())
    while daemon.status(task)["images_done"] < 10:
        time.sleep(0.05)
    since = time.monotonic()
    request = urllib.request.Request(
        f"http://127.0.0.1:{daemon.port}{PREFIX}/cancel_request",
        json.dumps({"caller": "trial", "request_id": task}).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()
    status = daemon.status(task)
    if status["request_status"] != "canceled" or time.monotonic() - since > 2:
        sys.exit(f"batches: cancelling did not come about in time: {status}")
    try:
        urllib.request.urlopen(request, timeout=10)
        sys.exit("batches: a batch was cancelled twice")
    except urllib.error.HTTPError as error:
        text = json.loads(error.read())["error"]
        assert error.code == 400 and text == "Task has canceled and cannot be canceled", text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--kill-every", type=float, default=20)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--keep", help="a folder for the results of the few pictures, to be judged by other tools")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sightline-batches-"))
    daemon = BatchDaemon(folder)
    try:
        made = frames(daemon.media, arguments.pictures)
        daemon.start()
        containers(daemon, made[len(made) // 2].read_bytes(), arguments)
        killed(daemon, made, arguments)
        cancelled(daemon)
        labelled(daemon)
    finally:
        daemon.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
