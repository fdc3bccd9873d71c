"""A row of the table of faults while it is played: one camera, one stream that looks at it, and what is measured of both."""

import dataclasses
import datetime
import json
import time
import urllib.error

from fault_watch import FAILURE, IN_PROGRESS

OPEN_TIMEOUT, READ_TIMEOUT, PATIENCE = 10, 5, 20  # the daemon's settings, in seconds
REOPENED = 4  # seconds from the repair
LEARNING = 7  # seconds of packets after which the daemon knows a camera's pace
WINDOW = 12  # seconds that a stream is held to its camera's frames
ROWS = []


def seconds(text):
    """A time of the API, in seconds from 1970."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@dataclasses.dataclass
class Row:
    name: str
    play: object
    is_quick: bool
    transport: str
    delay: int | None  # of autorestart, in seconds
    film: str
    manner: dict


def row(name, *, quick=False, transport="tcp", delay=1, film="plain", **manner):
    def add(play):
        ROWS.append(Row(name, play, quick, transport, delay, film, manner))
        return play

    return add


class Stage:
    """A row that is being played: a camera, and a stream of a daemon that looks at it."""

    def __init__(self, row, daemon, watch, studio, films):
        self.row, self.daemon, self.watch, self.films = row, daemon, watch, films
        self.camera = studio.camera(films[row.film], **row.manner)
        self.noticed = self.opened = self.first = self.told = None
        self.wrongs = []

    def run(self):
        try:
            self.stream = self.daemon.add(self.camera.address, delay=self.row.delay)
            self.row.play(self)
        except (OSError, urllib.error.URLError, RuntimeError, AttributeError, TypeError) as error:
            self.wrongs.append(f"the row broke: {error!r}")
        finally:
            self.camera.close()

    def check(self, holds, otherwise):
        if not holds:
            self.wrongs.append(otherwise)
        return holds

    @property
    def sample(self):
        return self.watch.of(self.stream)

    def count(self, kind):
        sample = self.sample
        return sample.counts.get(kind, 0) if sample else 0

    def wait(self, condition, within):
        return self.watch.wait(self.stream, condition, within)

    def steady(self):
        """Waits until frames come and the daemon knows the camera's pace."""
        shows = self.wait(lambda s: s.counts.get("frames_decoded", 0) > 0, 30)
        if self.check(shows is not None, f"it never opened: {self.sample and self.sample.error}"):
            time.sleep(LEARNING)
        return shows is not None

    def notice(self, within):
        """Waits until the daemon says that the source is lost."""
        self.noticed = self.wait(lambda s: s.status == FAILURE or "reconnecting" in s.reasons, within + 10)
        self.told = self.sample.error
        self.check(self.noticed is not None and self.noticed <= within, f"noticed only after {self.noticed} s")

    def reopen(self, within=REOPENED):
        """Waits until pictures are looked at again, from the repair, which is now."""
        # A stream that has failed counts anew.
        start, decoded = time.monotonic(), 0 if self.sample.status == FAILURE else self.count("frames_decoded")
        while time.monotonic() < start + within + 20 and not self.is_looked_at(since=start):
            time.sleep(0.02)
        if not self.check(self.is_looked_at(since=start), "it was not opened again"):
            return
        look = self.camera.latest
        self.opened = max(0.0, look.played - start)
        self.check(self.opened <= within, f"opened only after {self.opened:.1f} s")
        # The end of the connection before gives out what its decoder held back, which is counted before the first key frame of this.
        shows = self.wait(lambda s: s.status == IN_PROGRESS and look.first_key and s.counts.get("frames_decoded", 0) > decoded, 20)
        if self.check(shows is not None, f"no frame came: {self.sample}, {look.pictures} were sent"):
            self.first = time.monotonic() - look.first_key
            # What is decoded is all of it from the first key frame on, but for what is on its way.
            time.sleep(2)
            self.has_shown(look.pictures, decoded)

    def is_looked_at(self, since):
        """Whether somebody was let in since then, or is shown pictures who had waited for them."""
        look = self.camera.latest
        return look is not None and (look.played > since or (look.first_key or 0) > since)

    def has_shown(self, sent, before, loss=0.0):
        """Whether of so many pictures all were decoded that should be, a moment later at the latest."""
        least = sent - max(5, loss * sent)
        shows = self.wait(lambda s: s.counts.get("frames_decoded", 0) - before >= least, 3)
        decoded = self.count("frames_decoded") - before
        self.check(shows is not None, f"{sent} pictures were sent and {decoded:.0f} decoded")
        return decoded

    def follow(self, seconds=WINDOW, loss=0.02):
        """Holds the stream to the camera's frames, and to one connection. Returns the share that was decoded."""
        look, sent, restarts = self.camera.latest, self.camera.latest.pictures, self.count("restarts")
        decoded = self.count("frames_decoded")
        time.sleep(seconds)
        sent = look.pictures - sent
        share = self.has_shown(sent, decoded, loss) / sent
        self.check(self.count("restarts") == restarts, f"it was opened again: {self.sample.error}")
        return share

    def log(self):
        """Status changes in order: the moment, in seconds from 1970, and the status."""
        page = json.loads(self.daemon.ask("GET", f"/6/streams/logs?stream_ids={self.stream}&page_size=100"))
        return sorted((seconds(one["log_time"]), one["status"]) for one in page["logs"])

    def longest_event(self):
        """Stops the stream, and says how many seconds the longest of its events lasted by its own times."""
        self.daemon.ask("PATCH", f"/6/streams/{self.stream}?action=stop")
        time.sleep(2)
        events = json.loads(self.daemon.ask("GET", f"/6/general/events?stream_ids={self.stream}&page_size=100"))["events"]
        return max((seconds(e["event_end_time"]) - seconds(e["event_create_time"]) for e in events), default=None)


def outage(stage, begin, end, noticed, seconds=10):
    """Something breaks for less time than the daemon's patience, and is repaired."""
    if not stage.steady():
        return
    start = time.monotonic()
    begin()
    stage.notice(noticed)
    time.sleep(max(0.0, start + seconds - time.monotonic()))
    end()
    stage.reopen()


def broken_opening(stage, repair, told=None):
    """A source that cannot be opened: it fails, and autorestart alone tries it again."""
    stage.noticed = stage.wait(lambda s: s.status == FAILURE, OPEN_TIMEOUT + 10)
    stage.told = stage.sample.error
    stage.check(stage.noticed is not None and stage.noticed <= OPEN_TIMEOUT + 1, f"failed only after {stage.noticed} s")
    stage.check(told is None or told in stage.told, f"told was '{stage.told}'")
    stage.wait(lambda s: s.status == FAILURE, OPEN_TIMEOUT + 5)  # whatever try is under way is to end before the repair
    repair()
    stage.reopen(within=stage.row.delay + 1.5)
