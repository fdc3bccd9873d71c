"""What a daemon that is soaked takes, second by second, and what that says."""

import collections
import csv
import dataclasses
import math
import re
import statistics
import threading
import time

import processes
from fault_watch import Watch
from soak_load import attempt

FRAMES = ("frames_decoded", "frames_analysed", "frames_dropped", "frames_failed", "packets_corrupt", "restarts", "events")
GAUGES = {"spooled": "sightline_event_writes_spooled", "in memory": "sightline_event_writes_in_memory",
          "waiting": "sightline_event_writes_waiting", "due": "sightline_deliveries_due", "running": "sightline_streams_running"}
COLUMNS = ["seconds", "rss", "rss own", "rss shared", "pss family", "descriptors", "threads", "workers", "zombies", *FRAMES, *GAUGES,
           "generator seconds"]


class LoadWatch(Watch):
    """Looks once a second, and sums up what becomes of frames, also of streams that are gone."""

    def __init__(self, daemon):
        self.latest, self.sums, self.gauges, self.troubles = {}, collections.Counter(), {}, collections.Counter()
        super().__init__(daemon, interval=1)

    def look(self, start):
        page = attempt(self.troubles, super().look, start)
        if page is None:
            return
        latest = {}
        for stream, sample in list(self.samples.items()):
            if sample.time != start:
                continue
            latest[stream] = sample.counts
            for kind in FRAMES:
                # A count that is less than before has begun anew.
                count, before = sample.counts.get(kind, 0), self.latest.get(stream, {}).get(kind, 0)
                self.sums[kind] += count - before if count >= before else count
        self.latest = latest
        for name, metric in GAUGES.items():
            found = re.search(rf"^{metric} (\S+)$", page, re.MULTILINE)
            self.gauges[name] = float(found[1]) if found else 0

    def loss(self, before):
        """The share of frames wanted that were not looked at, since the sums were these."""
        dropped, analysed = (self.sums[kind] - before[kind] for kind in ("frames_dropped", "frames_analysed"))
        return dropped / max(1, dropped + analysed)


class Sampler(threading.Thread):
    """Writes a line of figures each so many seconds."""

    def __init__(self, path, daemon, watch, interval):
        super().__init__(daemon=True)
        self.path, self.process, self.watch, self.interval = path, daemon.process, watch, interval
        self.rows, self.zombies, self.unburied, self.is_over = [], set(), set(), threading.Event()
        self.start()

    def run(self):
        start = time.monotonic()
        with open(self.path, "w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            while not self.is_over.wait(max(0.0, start + len(self.rows) * self.interval - time.monotonic())):
                try:
                    self.rows.append(self.figures(time.monotonic() - start))
                except (OSError, LookupError):
                    return  # the daemon has died, which others tell
                writer.writerow(self.rows[-1])
                file.flush()

    def figures(self, seconds):
        family, held = processes.family(self.process.pid), processes.holdings(self.process.pid)
        zombies = {member.id for member in family if member.is_zombie}
        self.unburied |= zombies & self.zombies  # a moment is nothing, from one look to the next is long
        self.zombies = zombies
        return {
            "seconds": round(seconds, 1), "rss": round(held.resident, 2), "rss own": round(held.own, 2),
            "rss shared": round(held.shared, 2), "pss family": round(processes.proportional_memory(family), 1),
            "descriptors": held.descriptors, "threads": held.threads, "workers": max(0, len(family) - 2 - len(zombies)),
            "zombies": len(zombies), **{kind: int(self.watch.sums[kind]) for kind in FRAMES}, **self.watch.gauges,
            "generator seconds": round(time.process_time(), 1)}

    def end(self):
        self.is_over.set()
        self.join()


@dataclasses.dataclass(frozen=True)
class Course:
    """How a figure went: the least and the most, and its rise per hour by least squares with the standard error."""
    least: float
    most: float
    median: float
    rise: float
    error: float


def course(rows, name):
    times, values = [row["seconds"] / 3600 for row in rows], [row[name] for row in rows]
    middle, mean = statistics.fmean(times), statistics.fmean(values)
    spread = sum((one - middle) ** 2 for one in times)
    rise = sum((one - middle) * (value - mean) for one, value in zip(times, values)) / spread
    rest = sum((value - mean - rise * (one - middle)) ** 2 for one, value in zip(times, values))
    return Course(min(values), max(values), statistics.median(values), rise, math.sqrt(rest / max(1, len(rows) - 2) / spread))
