"""What scripts/bench-matching measures.

The faces are random descriptors, written into the database of a daemon that is stopped. Then it is started, and asked for those who are most
alike to one random descriptor, over one connection, by turns with `IndexFlatIP` of FAISS on the same vectors with two threads: what both
find must be the same. The daemon's time is that of the whole request; processor time is told beside it, since other work may run on the machine.
"""

import argparse
import base64
import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

import faiss
import numpy

from daemon import free_port, wait_until_healthy

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIMENSION, VERSION, LISTED = 128, 1001, 10_000


class Daemon:
    def __init__(self, data):
        self.data, self.port, self.log = data, free_port(), data.parent / "serve.log"
        begin = time.perf_counter()
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [os.environ["SIGHTLINE"], "serve", "--data-dir", str(data), "--port", str(self.port)], stdout=output, stderr=output,
                env={**os.environ, "SIGHTLINE_LOG_LEVEL": "notice", "SIGHTLINE_HOME": str(ROOT)})
        wait_until_healthy(self.process, self.port, self.log)
        self.started_in = time.perf_counter() - begin

    @property
    def account(self):
        return json.loads((self.data / "initial-account.json").read_text())["account_id"]

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
        return None

    @property
    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self):
        """MiB that the process alone has in memory."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon:")) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def fill(data, account, vectors):
    """Faces with a descriptor each, the first of them on a list. Returns the list's id."""
    owner, now, listing = uuid.UUID(account).bytes, int(time.time() * 1000), uuid.uuid4()
    with sqlite3.connect(data / "sightline.sqlite") as database:
        database.execute("PRAGMA synchronous = OFF")
        first = (database.execute("SELECT max(sequence) FROM face").fetchone()[0] or 0) + 1
        rows = range(first, first + len(vectors))
        database.executemany(
            "INSERT INTO face (sequence, id, account_id, external_id, user_data, avatar, create_time) VALUES (?, ?, ?, '', '', '', ?)",
            ((row, uuid.uuid4().bytes, owner, now) for row in rows))
        database.executemany(
            "INSERT INTO descriptor (id, is_free, version, bytes) VALUES (?, 0, ?, ?)",
            ((row, VERSION, vector.tobytes()) for row, vector in zip(rows, vectors)))
        database.executemany(
            "INSERT INTO face_attribute (face_sequence, account_id, create_time, descriptor_id, descriptor_samples, basic_samples)"
            " VALUES (?, ?, ?, ?, '', '')",
            ((row, owner, now, row) for row in rows))
        database.execute(
            "INSERT INTO face_list (sequence, id, account_id, user_data, create_time, last_update_time) VALUES (1, ?, ?, 'some', ?, ?)",
            (listing.bytes, owner, now, now))
        database.executemany(
            "INSERT INTO face_list_member (list_sequence, face_sequence, attach_time) VALUES (1, ?, ?)",
            ((row, now) for row in list(rows)[:LISTED]))
        ids = [str(uuid.UUID(bytes=row[0])) for row in database.execute("SELECT id FROM face ORDER BY sequence")]
    database.close()
    return str(listing), ids


def form(vector):
    return base64.b64encode(b"SLFD" + struct.pack("<I", VERSION) + vector.astype("<f4").tobytes()).decode()


def ask(connection, account, vectors, filters):
    body = json.dumps({
        "references": [{"type": "sdk_descriptor", "id": str(index), "data": form(vector)} for index, vector in enumerate(vectors)],
        "candidates": [{"filters": {"origin": "faces", **filters}, "limit": 3, "targets": ["face_id"]}]})
    begin = time.perf_counter()
    connection.request("POST", "/6/matcher/faces", body, {"Luna-Account-Id": account, "Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    seconds = time.perf_counter() - begin
    if answer.status != 200:
        sys.exit(f"bench-matching: {answer.status} {text.decode()}")
    return seconds, [[match["face"]["face_id"] for match in found["matches"][0]["result"]] for found in json.loads(text)]


def own_processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def told(name, times, processor):
    times = sorted(time * 1000 for time in times)
    late = times[min(len(times) - 1, int(len(times) * 0.99))]
    row = {"what": name, "median_ms": round(times[len(times) // 2], 2), "p99_ms": round(late, 2),
           "processor_ms": round(processor * 1000 / len(times), 2)}
    print(f"  {name:44} median {row['median_ms']:8.2f} ms   p99 {row['p99_ms']:8.2f} ms   processor {row['processor_ms']:8.2f} ms")
    return row


def compare(daemon, index, ids, random, rounds, references):
    """By turns, each with vectors of its own."""
    connection, account = daemon.connect(), daemon.account
    times, others, processor, own, differing = [], [], 0, 0, 0
    for number in range(rounds + 3):
        vectors = unit(random.standard_normal((references, DIMENSION)))
        before = daemon.processor_seconds
        seconds, found = ask(connection, account, vectors, {})
        spent = daemon.processor_seconds - before
        before, begin = own_processor_seconds(), time.perf_counter()
        _, nearest = index.search(vectors, 3)
        other = time.perf_counter() - begin
        if number < 3:  # both have to wake up
            continue
        times.append(seconds)
        others.append(other)
        processor += spent
        own += own_processor_seconds() - before
        differing += found != [[ids[place] for place in row] for row in nearest]
    what = "one reference" if references == 1 else f"{references} references"
    rows = [told(f"{what}, the whole request", times, processor), told(f"{what}, IndexFlatIP, 2 threads", others, own)]
    ratio = sum(others) / sum(times)
    print(f"  {what}: {ratio:.2f} of FAISS's throughput by time, {own / processor:.2f} by processor time; {differing} of {rounds} answers differ")
    return rows + [{"what": what, "throughput": round(ratio, 3), "throughput_by_processor": round(own / processor, 3), "differ": differing}]


def unit(vectors):
    return (vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)).astype("float32")


def main():
    parser = argparse.ArgumentParser(prog="bench-matching", description="How fast one face is looked for among many.")
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--data", type=pathlib.Path, help="an empty folder for the database")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    folder = options.data or pathlib.Path(tempfile.mkdtemp(prefix="sightline-bench-"))
    data = folder / "data"
    random = numpy.random.default_rng(1)
    daemon = Daemon(data)
    try:
        empty, before = daemon.started_in, daemon.memory
        daemon.stop()
        vectors = unit(random.standard_normal((options.faces, DIMENSION)))
        listing, ids = fill(data, daemon.account, vectors)
        daemon = Daemon(data)
        count, size = daemon.metric("sightline_matching_faces"), daemon.metric("sightline_matching_bytes")
        if count != options.faces:
            sys.exit(f"bench-matching: {count} faces are in memory, not {options.faces}")
        words = [line for line in daemon.log.read_text().splitlines() if "Faces can be matched" in line]
        print(f"{options.faces} faces: started in {daemon.started_in:.1f} s ({empty:.1f} s without any); {words[-1] if words else ''}")
        print(f"memory: {daemon.memory:.0f} MiB ({before:.0f} without any), of which faces {size / 2**20:.0f}")
        rows = [{"what": "start", "seconds": round(daemon.started_in, 2), "empty": round(empty, 2), "mib": round(daemon.memory),
                 "mib_empty": round(before), "mib_faces": round(size / 2**20)}]
        faiss.omp_set_num_threads(2)
        index = faiss.IndexFlatIP(DIMENSION)
        index.add(vectors)
        rows += compare(daemon, index, ids, random, options.rounds, 1)
        rows += compare(daemon, index, ids, random, max(10, options.rounds // 10), 30)
        connection, account, times, begin = daemon.connect(), daemon.account, [], daemon.processor_seconds
        for _ in range(options.rounds):
            times.append(ask(connection, account, unit(random.standard_normal((1, DIMENSION))), {"list_id": listing})[0])
        rows.append(told(f"one reference, a list of {min(LISTED, options.faces)}", times, daemon.processor_seconds - begin))
        if options.json:
            print(json.dumps(rows))
    finally:
        if daemon.process.poll() is None:
            daemon.stop()
        if not options.data:
            shutil.rmtree(folder, ignore_errors=True)


main()
