"""What readers of feeds and receivers of reports were told of events, against what is stored."""

import collections
import json
import random
import socket
import threading
import time

import database
from websocket import Refused, WebSocket

NOTICES = "SELECT event_id FROM event_record WHERE is_notice = 1"
OPEN = "SELECT id FROM event WHERE state <> 'closed'"


class Follower(threading.Thread):
    """Reads a feed of events. It dies in the midst of it now and then, and goes on after the last that it was told."""

    def __init__(self, daemon, path, seed):
        super().__init__(daemon=True)
        self.daemon_, self.path, self.chance = daemon, path, random.Random(seed)
        self.place, self.told, self.wrong, self.connections = "0", collections.Counter(), [], 0
        self.socket, self.is_over = None, False
        self.start()

    def run(self):
        while not self.is_over:
            self.connections += 1
            try:
                sign = "&" if "?" in self.path else "?"
                self.socket = WebSocket("127.0.0.1", self.daemon_.port, f"{self.path}{sign}after={self.place}", self.daemon_.headers)
                for text in self.socket.messages():
                    self.take(json.loads(text))
                    if self.chance.random() < 0.005:
                        break
                self.socket.socket.close()
            except (OSError, Refused) as error:
                if not self.is_over:
                    self.wrong.append(f"the feed {self.path} broke: {error}")
                    time.sleep(1)

    def take(self, message):
        if "position" in message:
            self.place = message["position"]
        elif "sequence" in message:
            if message["previous"] != self.place:
                self.wrong.append(f"{message['sequence']} follows on {message['previous']}, and {self.place} was told before")
            self.place = message["sequence"]
            self.told[message["event"]["event_id"]] += 1
        elif "lagged" not in message:
            self.wrong.append(f"the feed {self.path} says {str(message)[:200]}")

    def end(self):
        self.is_over = True
        if self.socket:
            self.socket.socket.shutdown(socket.SHUT_RDWR)


class Accounts:
    """Two feeds, a receiver, and the store."""

    def __init__(self, daemon, server, data, receiver):
        self.daemon, self.server, self.data, self.receiver = daemon, server, data, receiver
        self.followers = [Follower(daemon, path, path) for path in ("/6/general/ws?event_type=crowd", "/6/ws")]

    @property
    def told(self):
        return sum((follower.told for follower in self.followers), collections.Counter())

    def stored(self):
        return collections.Counter(row[0] for row in database.rows(self.server, self.data, NOTICES))

    def catch_up(self, patience=120):
        """Waits until all were told what is stored, or nothing more may be hoped for."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            due = json.loads(self.daemon.ask("GET", "/6/deliveries?states=due&page_size=1000"))["deliveries"]
            stored = self.stored()
            if not due and self.told.total() >= stored.total() and self.receiver.events >= set(stored):
                return
            first = {delivery["stream_id"]: delivery["delivery_id"] for delivery in due}
            if first:  # one of each stream, whose others follow
                self.daemon.ask("POST", "/6/deliveries/redeliver", {"delivery_ids": list(first.values())})
            time.sleep(1)

    def settle(self):
        """Figures, and sentences about what is wrong."""
        stored, told, reported = self.stored(), self.told, self.receiver.events
        wrong = [sentence for follower in self.followers for sentence in follower.wrong[:5]] + self.receiver.wrong[:5]
        for what, events in [
                ("are stored and were told by no feed", stored - told), ("were told more often than they are stored", told - stored),
                ("are stored and were not reported", set(stored) - reported), ("were reported and are not stored", reported - set(stored)),
                ("are still open", {row[0] for row in database.rows(self.server, self.data, OPEN)})]:
            if events:
                wrong.append(f"{len(events)} events {what}, such as {sorted(events)[0]}")
        if not stored:
            wrong.append("there are no events, so nothing was tried")
        return {
            "stored": stored.total(), "told": told.total(), "reported": len(reported), "reported again": self.receiver.repeats,
            "connections": sum(follower.connections for follower in self.followers)}, wrong

    def end(self):
        for follower in self.followers:
            follower.end()
