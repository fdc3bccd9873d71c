"""Receives the events of streams, and says of each what it is and whether one is missing.

usage: python3 receiver.py PORT SECRET          SECRET as in the callback's params.secret; needs the package standardwebhooks
"""
import http.server
import sys

from standardwebhooks import Webhook

webhook, last = Webhook(sys.argv[2]), {}


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = webhook.verify(body, dict(self.headers))["event"]  # of somebody else: raises, and the sender has no answer
        stream, number = event["stream_id"], int(self.headers["Sightline-Sequence"])
        known = last.get(stream, number - 1)  # the first one that is seen may be any
        note = "again" if number <= known else f"missing {known + 1} to {number - 1}" if number > known + 1 else "next"
        print(note, stream, number, event["event_id"], flush=True)
        last[stream] = max(known, number)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
