"""Thousands of connections that fail and of sessions that are short, and what is left of them."""

import collections
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import time

import processes
from daemon import free_port
from websocket import WebSocket

AT_ONCE = 40  # streams
REMEMBERED = 10  # seconds for which the daemon remembers frames of streams that have ended
OVER = (2, 4, 5)
SLACK = {"descriptors": 2, "threads": 8}  # the system's own pool of threads breathes
FLOOD = pathlib.Path(__file__).with_name("flood.py")


class Bursts:
    """`failed` connections and `short` sessions, of each kind one half. Of each kind some come before, so that what is kept is there."""

    def __init__(self, daemon, failed, short):
        self.daemon, self.failed, self.short = daemon, failed, short
        self.ends, self.wrong = collections.Counter(), []

    def run(self):
        """What the daemon holds at rest before and after."""
        self.make(max(2 * AT_ONCE, self.failed // 10), max(2 * AT_ONCE, self.short // 10))
        before = rest(self.daemon)
        self.ends.clear()
        self.make(self.failed, self.short)
        return before, rest(self.daemon, like=before)

    def make(self, failed, short):
        refuse = {"type": "stream", "reference": f"rtsp://127.0.0.1:{free_port()}/nobody"}
        self.streams("refused", failed // 2, refuse, 4)
        self.aborted(failed - failed // 2)
        self.streams("short film", short // 2, {"type": "videofile", "reference": "short.mp4"}, 2)
        self.feeds(short - short // 2)

    def streams(self, name, count, data, status):
        """Registers streams, waits until they are over, which they should be in this status, and deletes them."""
        body = {"data": data, "autorestart": {"restart": 0}, "analytics": [{"analytic_name": "people_count", "parameters": {}}]}

        def add(_):
            return json.loads(self.daemon.ask("POST", "/6/streams", body))["stream_id"]

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for start in range(0, count, AT_ONCE):
                streams = list(pool.map(add, range(min(AT_ONCE, count - start))))
                statuses = self.wait_until_over()
                self.ends[name] += sum(one == status for one in statuses)
                self.wrong += [f"a stream '{name}' came to the status {one}" for one in statuses if one != status][:3]
                self.daemon.ask("DELETE", "/6/streams", {"stream_ids": streams})

    def wait_until_over(self):
        deadline = time.monotonic() + 60
        while True:
            streams = json.loads(self.daemon.ask("GET", "/6/streams?page_size=1000"))["streams"]
            statuses = [one["status"] for one in streams]
            if all(one in OVER for one in statuses) or time.monotonic() > deadline:
                return statuses
            time.sleep(0.05)

    def aborted(self, count):
        """Connections that are reset in the midst of a head, a body, an upgrade, or just after one."""
        while count > 0:
            portion = min(count, 1000)
            command = [FLOOD, "aborted", portion, self.daemon.port, 60, "/6/ws", self.daemon.headers["Authorization"]]
            done = subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True, text=True)
            self.ends["aborted connection"] += json.loads(done.stdout)["opened"]
            count -= portion

    def feeds(self, count):
        """WebSockets that are told where they are, and go."""
        for _ in range(count):
            socket = WebSocket("127.0.0.1", self.daemon.port, "/6/general/ws?event_type=crowd&after=now", self.daemon.headers)
            self.ends["short feed"] += "position" in json.loads(next(socket.messages()))
            socket.socket.close()


def rest(daemon, like=None, patience=90):
    """What the daemon holds when nothing is asked of it: once that stays the same and is no more than that, or after a while."""
    deadline, latest, same = time.monotonic() + patience, None, 0
    while True:
        held, family = processes.holdings(daemon.process.pid), processes.family(daemon.process.pid)
        same = same + 1 if latest and held.descriptors == latest.descriptors else 0
        is_idle = len(family) <= 2 and same >= REMEMBERED + 2
        if time.monotonic() > deadline or is_idle and (like is None or not excess(like, held)):
            return held
        latest = held
        time.sleep(1)


def excess(before, after):
    """Sentences about what is held after that was not held before."""
    wrong = []
    if after.resident > 1.05 * before.resident:
        wrong.append(f"the daemon takes {after.resident:.1f} MiB, and took {before.resident:.1f} MiB before")
    for name, slack in SLACK.items():
        count, usual = getattr(after, name), getattr(before, name)
        if count > usual + slack:
            more = f"; more of these: {dict(after.names - before.names)}" if name == "threads" else ""
            wrong.append(f"the daemon has {count} {name}, and had {usual} before{more}")
    return wrong
