"""The trial of scripts/trial/pictures."""

import argparse
import base64
import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import daemon
import processes
import strange_pictures

QUERIES = {
    "/6/sdk": "detect_face=1&detect_body=1&estimate_people_count=1&estimate_landmarks5=1&estimate_head_pose=1"
              "&estimate_quality=1&estimate_face_warp=1&estimate_body_warp=1&extract_exif=1",
    "/6/detector": "estimate_quality=1&estimate_head_pose=1&extract_exif=1",
    "/6/handlers": "source=trial",
}
ANSWERS = {"/6/sdk": 200, "/6/detector": 201, "/6/handlers": 201}
# Of the handler that makes events of all pictures.
POLICIES = {
    "detect_policy": {"detect_body": 1, "estimate_quality": 1, "estimate_head_pose": 1, "estimate_people_count": {"estimate": 1}, "extract_exif": 1},
    "match_policy": [{"candidates": {"origin": "events"}}],
    "storage_policy": {"face_policy": {"store_face": 1}},
}


class Watch(threading.Thread):
    """Remembers the most memory that the daemon and its processes took, in MiB."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.most, self.own = process, 0, 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.2):
            members = processes.family(self.process)
            self.most = max(self.most, processes.proportional_memory(members))
            try:
                self.own = max(self.own, processes.holdings(self.process).own)
            except OSError:
                return  # it has gone


def forms(picture, number):
    """The body of a request, in a form that is another for each number: bytes, Base64, JSON, parts."""
    text = base64.b64encode(picture.bytes)
    twin = picture.type.replace("image/", "image/" if picture.type.startswith("image/x-") else "image/x-") + "-base64"
    match number % 5:
        case 0 | 1:
            return picture.bytes, picture.type
        case 2:
            return text, twin
        case 3:
            return json.dumps({"image": text.decode(), "mimetype": picture.type}).encode(), "application/json"
        case _:
            head = f'--limit\r\nContent-Disposition: form-data; name="image"; filename="a"\r\nContent-Type: {picture.type}\r\n\r\n'
            return head.encode() + picture.bytes + b"\r\n--limit--\r\n", "multipart/form-data; boundary=limit"


def said(path, answer):
    """The code of what is wrong with the picture; `None`: nothing."""
    if path == "/6/sdk":
        return answer["images_estimations"][0].get("error", {}).get("error_code")
    image = answer["images"][0]
    assert image["status"] == (0 if image["error"]["error_code"] else 1)
    return image["error"]["error_code"] or None


class Sender:
    def __init__(self, port, login):
        self.port = port
        self.headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}

    def make_handler(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps({"description": "trial", "policies": POLICIES})
        connection.request("POST", "/6/handlers", body, self.headers | {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        if reply.status != 201:
            sys.exit(f"pictures: no handler: {reply.status} {text.decode()}")
        self.events = f"/6/handlers/{json.loads(text)['handler_id']}/events"

    def send(self, job):
        """What is wrong with the answer, or `None`; and the code that was told."""
        number, picture, path = job
        body, kind = forms(picture, number)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            place = self.events if path == "/6/handlers" else path
            connection.request("POST", f"{place}?{QUERIES[path]}", body, self.headers | {"Content-Type": kind})
            reply = connection.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            return f"no answer: {error!r}", None
        finally:
            connection.close()
        # Nothing but an empty body is refused as a whole.
        if reply.status != ANSWERS[path]:
            code = json.loads(text).get("error_code")
            return (None, code) if reply.status == 400 and not picture.bytes else (f"{reply.status} {code}", code)
        code = said(path, json.loads(text))
        if picture.is_good and code is not None:
            return f"a good picture is refused: {code}", code
        return None, code


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--memory", type=int, default=1500, help="MiB that the daemon with its processes may take")
    options = parser.parse_args()
    # Whoever ends the trial ends its daemon.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    found = strange_pictures.pictures(options.pictures)
    with tempfile.TemporaryDirectory() as work:
        port, log = daemon.free_port(), pathlib.Path(work) / "log"
        with open(log, "wb") as words:
            process = subprocess.Popen(
                [os.environ["SIGHTLINE"], "serve", "--data-dir", f"{work}/data", "--port", str(port)], stdout=words, stderr=words)
        try:
            daemon.wait_until_healthy(process, port, log)
            account = json.loads((pathlib.Path(work) / "data/initial-account.json").read_text())
            sender = Sender(port, f"{account['login']}:{account['password']}")
            sender.make_handler()
            watch = Watch(process.pid)
            watch.start()
            jobs = [(number, picture, path) for number, picture in enumerate(found) for path in QUERIES]
            with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
                answers = list(pool.map(sender.send, jobs))
            watch.ended.set()
            watch.join()
            if process.poll() is not None:
                sys.exit(f"pictures: the daemon ended:\n{log.read_text(errors='replace')[-2000:]}")
        finally:
            process.terminate()
            process.wait()
    wrong = [(job, words) for job, (words, _) in zip(jobs, answers) if words]
    for (_, picture, path), words in wrong[:20]:
        print(f"WRONG  {path} {picture.name}: {words}")
    codes = collections.Counter("a result" if code is None else f"error {code}" for _, code in answers)
    for name, count in codes.most_common():
        print(f"{count:5}  {name}")
    print(f"pictures: {len(found)} to {len(QUERIES)} operations, {options.at_once} at once, in {time.monotonic() - began:.0f} s; "
          f"most memory {watch.most:.0f} MiB with decoders, {watch.own:.0f} MiB of the daemon's own")
    if watch.most > options.memory:
        wrong.append((None, "memory"))
        print(f"WRONG  more memory than {options.memory} MiB")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
