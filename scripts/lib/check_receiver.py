"""Reports the events of a video to `samples/receiver.py`, which goes away and comes back, and holds what it says against the store.

usage: check_receiver.py SIGHTLINE VIDEO PYTHON          PYTHON has the packages of receiver_requirements.txt
"""
import base64
import collections
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from daemon import free_port, wait_until_healthy  # noqa: E402

SIGHTLINE, VIDEO, PYTHON = sys.argv[1:4]
RECEIVER = pathlib.Path(__file__).resolve().parents[2] / "samples/receiver.py"
SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()


class Packed(http.server.BaseHTTPRequestHandler):
    """Takes what is sent as MessagePack, with links to pictures that need no credentials."""
    bodies = []

    def do_POST(self):
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


class Receiver:
    """The sample, which may be gone for a while."""

    def __init__(self, folder):
        self.port, self.out, self.process = free_port(), folder / "received", None

    def start(self):
        with open(self.out, "ab") as out:
            self.process = subprocess.Popen([PYTHON, RECEIVER, str(self.port), SECRET], stdout=out, stderr=subprocess.STDOUT)

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def lines(self):
        return [line.split() for line in self.out.read_text().splitlines()]


def wait_for(what, condition, patience=240):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"check-receiver: waited in vain until {what}")
        time.sleep(0.05)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sightline-receiver-"))
    receiver, port = Receiver(folder), free_port()
    (folder / "media").mkdir()
    shutil.copy(VIDEO, folder / "media/sample.mp4")
    command = [SIGHTLINE, "serve", "--data-dir", folder / "data", "--port", str(port), "--media-root", folder / "media"]
    with open(folder / "log", "wb") as log:
        daemon = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
    packed = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Packed)
    threading.Thread(target=packed.serve_forever, daemon=True).start()
    try:
        wait_until_healthy(daemon, port, folder / "log")
        account = json.loads((folder / "data/initial-account.json").read_text())
        token = base64.b64encode(f"{account['login']}:{account['password']}".encode()).decode()

        def ask(method, path, body=None):
            headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method)
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")

        callbacks = [
            {"type": "http", "url": f"http://127.0.0.1:{receiver.port}/", "params": {"secret": SECRET}},
            {"type": "http", "url": f"http://127.0.0.1:{packed.server_port}/", "params": {"content_type": "application/msgpack", "image_links": "signed"}}]
        analytics = [
            {"analytic_name": "people_count",
             "parameters": {"callbacks": callbacks, "targets": ["overview"], "parameters": {"event_policy": {"trigger": "period", "interval": 1}}}},
            {"analytic_name": "human_tracking",
             "parameters": {"callbacks": callbacks, "targets": ["body_detection"],
                            "parameters": {"tracking": {"detector_type": "body"}}}}]
        body = {"data": {"type": "videofile", "reference": "sample.mp4"}, "analytics": analytics}
        receiver.start()
        streams = [ask("POST", "/6/streams", body)["stream_id"] for _ in range(2)]
        wait_for("the first events arrive", lambda: len(receiver.lines()) >= 3)
        receiver.stop()
        wait_for("something waits", lambda: ask("GET", "/6/deliveries?states=due")["deliveries"])
        receiver.start()
        wait_for("the streams are done", lambda: all(
            stream["status"] == 2 for stream in ask("GET", "/6/streams")["streams"]))
        # What waits for its next try is asked to be tried at once.
        def is_empty():
            waiting = [delivery["delivery_id"] for delivery in ask("GET", "/6/deliveries?page_size=1000")["deliveries"]]
            if waiting:
                ask("POST", "/6/deliveries/redeliver", {"delivery_ids": waiting})
            return not waiting
        wait_for("nothing is due any longer", is_empty)
        pictures = open_links(port)
    finally:
        daemon.terminate()
        daemon.wait(60)
        receiver.stop()
    wrong = check(folder, receiver, streams)
    if not pictures:
        wrong.append("no event had a link to a picture")
    if wrong:
        sys.exit("\n".join([f"NOT  {sentence}" for sentence in wrong] + [f"what was received is in {folder}"]))
    shutil.rmtree(folder)


def open_links(port):
    """Follows the links to pictures as somebody does who has no credentials; returns how many there were."""
    import msgpack
    links = {msgpack.unpackb(body)["event"].get("overview", {}).get("image") for body in Packed.bodies} - {None}
    for link in links:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{link}", timeout=30) as answer:
            if not answer.read().startswith(b"\xff\xd8"):
                sys.exit(f"check-receiver: no JPEG is at {link}")
    return len(links)


def without_signatures(body):
    return json.loads(re.sub(r"\?signature=[A-Za-z0-9_-]{64}", "", json.dumps(body)))


def check(folder, receiver, streams):
    """Sentences about what is wrong."""
    import msgpack
    store = sqlite3.connect(f"file:{folder / 'data/sightline.sqlite'}?mode=ro", uri=True)
    rows = store.execute("SELECT id, stream_id, body FROM event ORDER BY sequence").fetchall()
    stored = collections.defaultdict(dict)
    for event, stream, body in rows:
        stored[str(uuid.UUID(bytes=stream))][str(uuid.UUID(bytes=event))] = json.loads(body)
    lines, wrong = receiver.lines(), []
    if bad := [line for line in lines if line[0] not in ("next", "again", "missing")]:
        wrong.append(f"the receiver said: {' '.join(bad[0])}")
    for stream in streams:
        first, order = {}, []
        for line in lines:
            if line[-3] == stream and line[-2] not in first:
                first[line[-2]] = line[-1]
                order.append(int(line[-2]))
        if order != list(range(1, len(stored[stream]) + 1)):
            wrong.append(f"the numbers of stream {stream} are {order}")
        if set(first.values()) != set(stored[stream]):
            wrong.append(f"the events of stream {stream} are not those that were stored")
    bodies = [without_signatures(msgpack.unpackb(body)) for body in Packed.bodies]
    everything = {event: body for events in stored.values() for event, body in events.items()}
    if {body["event"]["event_id"]: body for body in bodies} != everything:
        wrong.append("what MessagePack carried is not what is stored")
    print(f"{'NOT ' if wrong else 'ok  '} receiver: {len(everything)} events of {len(streams)} streams, signed, in order, none missing; "
          f"{len(lines) - len(everything)} came again")
    return wrong


main()
