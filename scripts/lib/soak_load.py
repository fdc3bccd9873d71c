"""What is done to a daemon that is soaked: streams that stay or come and go, hostile files, cameras that break, workers that die."""

import collections
import http.client
import itertools
import json
import os
import random
import signal
import threading
import time

import fault_rows  # noqa: F401 (they add themselves to the table)
import processes
from fault_stage import ROWS, Stage
from fault_watch import FAILURE
from mutation import mutate

RATE = 10  # frames a second of a camera
CAMERAS = 16  # that many streams look at
LOOPS = 4  # files that begin anew whenever they are done
# What comes and goes, by turns, so that there is always as much of each.
KINDS = ("camera",) * 7 + ("film", "hostile", "hostile")
FAULTY_SHARE = 10  # one camera that breaks for so many that do not
GIVEN_UP = 10  # seconds for which a stream that is to stay may be a failure
DONE = 2
# A stream is reported every five seconds: its events are cut that short.
POLICY = {"trigger": "period", "interval": 5}


def attempt(troubles, action, *arguments):
    """What the action returns; what goes wrong with it is counted, by its name."""
    try:
        return action(*arguments)
    except (OSError, http.client.HTTPException, ValueError) as error:
        troubles[f"{action.__name__}: {error}"] += 1


class Load(threading.Thread):
    """Cameras that send `frames` frames a second in all, half of them to streams that come and go, and whatever else there is."""

    def __init__(self, daemon, watch, studio, films, media, receiver, frames, minutes, seed):
        super().__init__(daemon=True)
        self.daemon_, self.watch, self.studio, self.films, self.media = daemon, watch, studio, films, media
        self.receiver, self.chance = receiver, random.Random(seed)
        self.done, self.troubles = collections.Counter(), collections.Counter()
        streams = max(4, round(frames / RATE))
        self.steady_cameras = streams // 2
        self.passing = round((streams - self.steady_cameras) * len(KINDS) / KINDS.count("camera"))
        self.faulty = max(1, streams // FAULTY_SHARE)
        self.interval = min(60.0, minutes * 60 / 6)  # between two deaths of workers, and two moods of the receiver
        self.steady, self.coming_and_going, self.failing = {}, collections.deque(), {}
        self.numbers, self.kinds = itertools.count(), itertools.cycle(KINDS)
        self.originals = [path.read_bytes() for path in sorted(media.glob("original*"))]
        self.is_over, self.players = False, []

    @property
    def count(self):
        """Of streams, those of broken cameras included."""
        return self.steady_cameras + LOOPS + self.passing + self.faulty

    # What streams look like

    def analytics(self, number):
        callbacks = [
            {"type": "http", "url": f"http://127.0.0.1:{self.receiver.port}/", "params": {"timeout": 10}}, {"type": "luna-ws-notification"}]
        crowd = {"rate": {"unit": "frame", "period": 1}, "event_policy": POLICY}
        targets = ["coordinates", "overview"] if number % 4 == 0 else ["coordinates"]
        chosen = [{"analytic_name": "people_count", "parameters": {"callbacks": callbacks, "targets": targets, "parameters": crowd}}]
        if number % 5 == 0:
            tracking = {"tracking": {"detector_type": "body"}, "event_policy": POLICY}
            chosen.append({"analytic_name": "human_tracking", "parameters": {"callbacks": callbacks, "parameters": tracking}})
        return chosen

    def body(self, kind):
        number = next(self.numbers)
        if kind == "camera":
            data = {"type": "stream", "reference": self.cameras[number % CAMERAS].address}
        else:
            data = {"type": "videofile", "reference": self.hostile(number) if kind == "hostile" else "film.mp4"}
        restart = {"restart": 1, "attempt_count": 100000, "delay": 1} if kind == "camera" else {"restart": 0}
        return {"data": data, "autorestart": restart, "analytics": self.analytics(number)}

    def hostile(self, number):
        """The name of a new file with something wrong in it."""
        path = self.media / f"hostile-{number}"
        path.write_bytes(mutate(self.chance.choice(self.originals), self.originals, self.chance))
        return path.name

    # How they come and go

    def begin(self):
        self.cameras = []
        for _ in range(CAMERAS):
            self.cameras.append(self.studio.camera(self.films["plain"]))
            time.sleep(1 / RATE / CAMERAS)  # so that not all of them send at the same moment
        for kind in ["camera"] * self.steady_cameras + ["film"] * LOOPS:
            attempt(self.troubles, self.add_steady, kind)
        for _ in range(self.passing):
            attempt(self.troubles, self.add_passing)
        self.players = [Player(self, number) for number in range(self.faulty)]
        for thread in [*self.players, self]:
            thread.start()

    def add(self, body):
        stream = json.loads(self.daemon_.ask("POST", "/6/streams", body))["stream_id"]
        self.done["added"] += 1
        return stream

    def delete(self, stream):
        self.daemon_.ask("DELETE", f"/6/streams/{stream}")
        self.done["deleted"] += 1

    def add_steady(self, kind):
        body = self.body(kind)
        self.steady[self.add(body)] = body

    def add_passing(self):
        body = self.body(next(self.kinds))
        self.coming_and_going.append((self.add(body), body["data"]["reference"]))

    def delete_passing(self):
        stream, reference = self.coming_and_going.popleft()
        self.delete(stream)
        if reference.startswith("hostile"):
            (self.media / reference).unlink()

    def run(self):
        start, next_death = time.monotonic(), self.interval
        for second in itertools.count(1):
            time.sleep(max(0.0, start + second - time.monotonic()))
            if self.is_over:
                return
            attempt(self.troubles, self.add_passing)
            if len(self.coming_and_going) > self.passing:
                attempt(self.troubles, self.delete_passing)
            for stream in list(self.steady):
                attempt(self.troubles, self.tend, stream)
            self.set_mood(second)
            if second >= next_death:
                next_death += self.interval
                self.kill_worker()

    def tend(self, stream):
        """A file that is done begins anew; what is given up, such as a stream whose worker was killed thrice, has a successor."""
        sample = self.watch.of(stream)
        if sample is None or sample.status != FAILURE:
            self.failing.pop(stream, None)
        elif time.monotonic() > self.failing.setdefault(stream, time.monotonic()) + GIVEN_UP:
            body = self.steady.pop(stream)
            self.done["replaced"] += 1
            self.delete(stream)
            self.steady[self.add(body)] = body
        if sample is not None and sample.status == DONE:
            self.watch.samples.pop(stream)  # which is from before
            self.daemon_.ask("PUT", f"/6/streams/{stream}", self.steady[stream])
            self.done["looped"] += 1

    def set_mood(self, second):
        """The receiver fails and hangs now and then."""
        part = second % self.interval / self.interval
        self.receiver.mood = "fails" if 0.3 <= part < 0.35 else "hangs" if 0.6 <= part < 0.65 else "well"

    def kill_worker(self):
        """One that decodes crashes: a child of the process that starts them."""
        workers = self.workers()
        if workers:
            try:
                os.kill(self.chance.choice(workers).id, signal.SIGSEGV)
                self.done["killed"] += 1
            except ProcessLookupError:
                pass  # it ended by itself

    def workers(self):
        daemon = self.daemon_.process.pid
        return [member for member in processes.family(daemon) if daemon not in (member.id, member.parent) and not member.is_zombie]

    def forget(self):
        """Drops what cameras remember of those who looked and have gone."""
        for camera in self.cameras:
            camera.everybody = list(camera.conversations)
            camera.accepted.clear()
            camera.requests.clear()

    def end(self):
        """Deletes all streams that there are. Cameras that break play on for a moment, without one."""
        self.is_over = True
        self.join()
        self.receiver.mood = "well"
        for player in self.players:
            player.close()
        while streams := json.loads(self.daemon_.ask("GET", "/6/streams?page_size=1000"))["streams"]:
            self.daemon_.ask("DELETE", "/6/streams", {"stream_ids": [one["stream_id"] for one in streams]})
            time.sleep(1)
        for camera in self.cameras:
            camera.close()


class Player(threading.Thread):
    """Plays rows of the table of faults, one after the other. On a machine that has too much to do nobody is held to their times."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.chance, self.stage = load, random.Random(number), None

    def run(self):
        rows = [row for row in ROWS if row.transport == "tcp"]
        while not self.load.is_over:
            load = self.load
            self.stage = stage = Stage(self.chance.choice(rows), load.daemon_, load.watch, load.studio, load.films)
            try:
                stage.run()
            except (ArithmeticError, LookupError, ValueError, http.client.HTTPException) as error:
                stage.wrongs.append(f"the row broke: {error!r}")
            if load.is_over:
                return
            load.done["faults"] += 1
            load.done["faults beyond their times"] += bool(stage.wrongs)
            if hasattr(stage, "stream"):
                attempt(load.troubles, self.load.daemon_.ask, "DELETE", f"/6/streams/{stage.stream}")

    def close(self):
        if self.stage:
            self.stage.camera.close()
