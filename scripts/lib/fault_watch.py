"""Watches the streams of a daemon from outside, as an operator could: by the API and the metrics."""

import dataclasses
import json
import re
import threading
import time

IN_PROGRESS, FAILURE = 1, 4


@dataclasses.dataclass(frozen=True)
class Sample:
    """A stream at a moment of the monotonic clock."""
    time: float
    status: int
    reasons: tuple  # of its health
    error: str  # the last that was told
    counts: dict  # of the metrics of streams, by their names without what all begin and end with


class Watch(threading.Thread):
    """Looks each so many seconds."""

    def __init__(self, daemon, interval=0.1):
        super().__init__(daemon=True)
        self.daemon_, self.interval, self.samples, self.is_over = daemon, interval, {}, False
        self.start()

    def end(self):
        self.is_over = True
        self.join()

    def run(self):
        while not self.is_over:
            start = time.monotonic()
            self.look(start)
            time.sleep(max(0.0, start + self.interval - time.monotonic()))

    def look(self, start):
        """Renews the samples of all streams that there are. Returns the page of metrics that they are from."""
        page = self.daemon_.ask("GET", "/metrics")
        counts = {}
        for kind, stream, value in re.findall(r'sightline_stream_(\w+?)(?:_total)?{stream_id="(.*?)"} (\S+)', page):
            counts.setdefault(stream, {})[kind] = float(value)
        for one in json.loads(self.daemon_.ask("GET", "/6/streams?page_size=1000"))["streams"]:
            troubles = one.get("health", {}).get("reasons", [])
            said = next((t["last_error"] for t in troubles if t.get("last_error")), None) or one["last_error"] or ""
            # A stream that failed has no counts, and those of the next try begin at zero.
            self.samples[one["stream_id"]] = Sample(
                start, one["status"], tuple(t["reason"] for t in troubles), said, counts.get(one["stream_id"], {}))
        return page

    def of(self, stream):
        return self.samples.get(stream)

    def wait(self, stream, condition, within):
        """Seconds until the condition holds of the stream, or None."""
        start = time.monotonic()
        while time.monotonic() < start + within:
            sample = self.of(stream)
            if sample and sample.time >= start and condition(sample):
                return sample.time - start
            time.sleep(0.02)
        return None
