"""Follows one stream of a running daemon: its status, its live events and, at the end, its log. Prints as it goes.

usage: watch.py PORT STREAM_ID     login and password come from SIGHTLINE_LOGIN and SIGHTLINE_PASSWORD
"""
import base64
import http.client
import json
import os
import sys
import time

from websocket import Refused, WebSocket

STATUS = ["pending", "in_progress", "done", "restart", "failure", "stop"]
OVER = {"done", "failure", "stop"}


class Watcher:
    def __init__(self, port, stream):
        self.port, self.stream = port, stream
        login, password = os.environ["SIGHTLINE_LOGIN"], os.environ["SIGHTLINE_PASSWORD"]
        token = base64.b64encode(f"{login}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}"}
        self.status = None
        self.began = {}  # track id: when it was first seen, seconds
        self.names = {}  # track id: a number that people can follow
        self.people = {}  # track id of a crowd: people in it at last
        self.totals = {"people": 0, "crowds": 0}

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers=self.headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        if answer.status != 200:
            sys.exit(f"GET {path}: {answer.status} {body.get('detail', body)}")
        return body

    def refresh(self):
        """Asks for the stream's status, prints a change and returns it."""
        stream = self.get(f"/6/streams/{self.stream}")
        number = stream["status"]
        status = STATUS[number] if number < len(STATUS) else f"status {number}"
        if status != self.status:
            error = f": {stream['last_error']}" if stream["last_error"] else ""
            print(f"{'':9}stream         {status}{error}", flush=True)
            self.status = status
        return status

    def follow(self):
        while self.refresh() not in OVER:
            try:
                socket = WebSocket("127.0.0.1", self.port, f"/6/streams/{self.stream}/ws", self.headers)
            except Refused as refusal:
                if refusal.status != 422:  # anything but "not being processed now"
                    sys.exit(f"live events were refused: {refusal}")
                time.sleep(0.02)  # a file is read as fast as it can be: be there when it begins
                continue
            try:
                for text in socket.messages():
                    self.show(json.loads(text))
            except BrokenPipeError:  # our own output: whoever read it has left
                raise
            except ConnectionError as error:
                print(f"{'':9}connection     lost: {error}", flush=True)
                time.sleep(0.5)

    def show(self, message):
        if message.get("error"):
            print(f"{'':9}stream         {message['error']}", flush=True)
        results = message.get("analytics_results") or {}
        for kind, show in (("crowd", self.show_crowd), ("tracking", self.show_person)):
            event = results.get(kind)
            if event is None:
                continue
            if event.get("error"):
                self.line(None, kind, event["error"])
            elif "event_status" in event:
                show(event)

    def show_crowd(self, event):
        count, time_offset = event["people_count"], event["time_offset"]
        people = "1 person" if count == 1 else f"{count} people"
        if event["event_status"] == "started":
            self.totals["crowds"] += 1
            self.began[event["track_id"]] = time_offset
            self.line(time_offset, "people_count", f"started     {people}")
        elif event["event_status"] == "finished":
            lasted = time_offset - self.began.pop(event["track_id"], time_offset)
            self.line(time_offset, "people_count", f"finished    after {lasted:.1f} s")
        elif count != self.people.get(event["track_id"]):
            self.line(time_offset, "people_count", f"now         {people}")
        self.people[event["track_id"]] = count

    def show_person(self, event):
        track, time_offset = event["track_id"], event["time_offset"]
        name = self.names.setdefault(track, len(self.names) + 1)
        if event["event_status"] == "started":
            self.totals["people"] += 1
            self.began[track] = time_offset
            box = ((event.get("body") or {}).get("detection") or {}).get("bbox")
            place = f"   at {box['x']},{box['y']} {box['width']}×{box['height']}" if box else ""
            self.line(time_offset, "human_tracking", f"started     person {name}{place}")
        elif event["event_status"] == "finished":
            lasted = time_offset - self.began.pop(track, time_offset)
            self.line(time_offset, "human_tracking", f"finished    person {name} after {lasted:.1f} s")

    @staticmethod
    def line(seconds, source, text):
        clock = f"{int(seconds // 60):2d}:{seconds % 60:05.2f} " if seconds is not None else " " * 9
        print(f"{clock}{source:<15}{text}", flush=True)

    def show_log(self):
        print(f"\n{self.totals['people']} people followed, {self.totals['crowds']} times somebody there. The stream's log:")
        for record in reversed(self.get(f"/6/streams/logs?stream_ids={self.stream}")["logs"]):
            error = f"  {record['error']}" if record["error"] else ""
            print(f"  {record['log_time']}  {STATUS[record['status']]}{error}")


def main():
    watcher = Watcher(int(sys.argv[1]), sys.argv[2])
    try:
        watcher.follow()
        watcher.show_log()
    except KeyboardInterrupt:
        print()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor may Python's last flush complain
    except (OSError, http.client.HTTPException):
        sys.exit("the daemon is gone")
    sys.exit(0 if watcher.status != "failure" else 1)


main()
