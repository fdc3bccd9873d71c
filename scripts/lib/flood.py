"""Holds thousands of connections to a server of this machine in one of several bad manners, and counts what becomes of them.

usage: flood.py KIND COUNT PORT SECONDS UPGRADE-PATH AUTHORIZATION      prints one JSON object

idle      sends nothing; every other one becomes a WebSocket, if it may, and then is silent
slow      sends the head of a request or of an upgrade, one byte a second
aborted   is reset in the midst of a head, of a body, of an upgrade, or just after one
All come within five seconds. Whoever is closed comes again, at most a tenth of all each second.
"""
import collections
import json
import random
import resource
import selectors
import socket
import struct
import sys
import time

ABORT_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a reset instead of a farewell


class Flood:
    def __init__(self, kind, count, port, seconds, path, authorization):
        self.kind, self.count, self.port = kind, count, port
        self.end = time.monotonic() + seconds
        self.outcomes, self.peak, self.opened = collections.Counter(), 0, 0
        self.selector = selectors.EpollSelector()
        self.held = {}
        lines = ["Host: 127.0.0.1", f"Authorization: {authorization}", "X-Padding: " + "x" * 400]
        head = "\r\n".join(lines)
        self.get = f"GET /version HTTP/1.1\r\n{head}\r\n\r\n".encode()
        self.post = f"POST /6/groups HTTP/1.1\r\n{head}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n".encode()
        key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        self.upgrade = f"GET {path} HTTP/1.1\r\n{head}\r\n{key}\r\n\r\n".encode()

    def open(self, number):
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.kind == "aborted":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT_AT_ONCE)
        connection.bind((f"127.0.0.{2 + number % 20}", 0))
        connection.connect_ex(("127.0.0.1", self.port))
        self.opened += 1
        state = {"number": number, "answer": b"", "sent": 0, "connected": False}
        self.held[connection] = state
        self.selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE, state)

    def text(self, number):
        if self.kind == "aborted":
            return [self.get[:200], self.post + b"{" * 1000, self.upgrade[:300], self.upgrade][number % 4]
        return self.upgrade if number % 2 else self.get

    def begin(self, connection, state):
        """The connection stands."""
        state["connected"] = True
        self.selector.modify(connection, selectors.EVENT_READ, state)
        if self.kind == "idle" and state["number"] % 2:
            connection.send(self.upgrade)
        elif self.kind == "aborted":
            connection.send(self.text(state["number"]))
            state["abort"] = time.monotonic() + random.uniform(0, 0.5)

    def close(self, connection, state, outcome):
        self.outcomes[outcome] += 1
        self.selector.unregister(connection)
        del self.held[connection]
        connection.close()
        if self.kind == "idle" or self.kind == "slow":
            self.waiting.append(state["number"])

    def serve(self, timeout):
        for key, events in self.selector.select(timeout):
            connection, state = key.fileobj, key.data
            try:
                if events & selectors.EVENT_WRITE and not state["connected"]:
                    error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if error:
                        raise OSError(error, "connect")
                    self.begin(connection, state)
                if events & selectors.EVENT_READ:
                    data = connection.recv(4096)
                    if not data:
                        self.close(connection, state, "answered " + state["answer"][9:12].decode() if state["answer"] else "closed")
                    elif len(state["answer"]) < 12:
                        state["answer"] += data[:12]
            except BlockingIOError:
                pass
            except OSError as error:
                was_told = len(state["answer"]) >= 12
                self.close(connection, state, "answered " + state["answer"][9:12].decode() if was_told else f"errno {error.errno}")

    def drip(self):
        for connection, state in list(self.held.items()):
            text = self.text(state["number"])
            if state["connected"] and state["sent"] < len(text):
                try:
                    connection.send(text[state["sent"]:state["sent"] + 1])
                    state["sent"] += 1
                except OSError:
                    pass  # its end is read elsewhere

    def run(self):
        self.waiting = collections.deque(range(self.count))
        tokens, last, next_drip, fresh = 0.0, time.monotonic(), 0, self.count
        while (now := time.monotonic()) < self.end:
            tokens = min(self.count / 50, tokens + (now - last) * self.count / (5 if fresh > 0 else 10))
            last = now
            for _ in range(min(int(tokens), len(self.waiting))):
                tokens -= 1
                fresh -= 1
                try:
                    self.open(self.waiting.popleft())
                except OSError as error:
                    self.outcomes[f"open: errno {error.errno}"] += 1
            self.serve(0.01)
            self.peak = max(self.peak, sum(1 for state in self.held.values() if state["connected"]))
            if self.kind == "slow" and now >= next_drip:
                next_drip = now + 1
                self.drip()
            if self.kind == "aborted":
                for connection, state in list(self.held.items()):
                    if state.get("abort", now + 1) <= now:
                        self.close(connection, state, "aborted")
                if not self.waiting and not self.held:
                    break
        self.outcomes["held to the end"] = len(self.held)
        for connection in self.held:
            connection.close()
        return {"opened": self.opened, "held at most": self.peak, "outcomes": dict(self.outcomes)}


def main():
    kind, count, port, seconds, path, authorization = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < int(count) + 100:
        sys.exit(f"flood: {count} connections need more than the {hard} open files that this system allows")
    print(json.dumps(Flood(kind, int(count), int(port), float(seconds), path, authorization).run()))


main()
