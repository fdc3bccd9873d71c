"""A receiver of reports that answers as it is told, and notes each that is early, doubled or out of order."""

import asyncio
import collections
import json

from daemon import free_port


class Receiver:
    """Takes reports over HTTP/1.1, in the mood that it is told: `well`, `fails` or `hangs`."""

    def __init__(self, unpack=None):
        """`unpack`: reads MessagePack, where reports come as that."""
        self.port, self.server, self.mood, self.unpack = free_port(), None, "well", unpack
        self.last, self.acknowledged, self.wrong = collections.Counter(), set(), []
        self.events, self.taken, self.repeats, self.connections = set(), 0, 0, 0
        self.open = set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)

    async def stop(self):
        self.server.close()
        for writer in self.open:
            writer.close()
        await self.server.wait_closed()

    async def serve(self, reader, writer):
        self.open.add(writer)
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(fields["content-length"]))
                if self.mood == "hangs":
                    await reader.read()  # until the other side has had enough
                    break
                is_taken = self.mood == "well"
                self.take(body, fields, is_taken)
                writer.write(b"HTTP/1.1 204 Fine\r\n\r\n" if is_taken else b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                if fields.get("connection") == "close":
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    def take(self, body, fields, is_taken):
        is_packed = fields["content-type"] == "application/msgpack"
        event = (self.unpack if is_packed else json.loads)(body)["event"]
        stream, number = event["stream_id"], int(fields["sightline-sequence"])
        if number not in (self.last[stream], self.last[stream] + 1):
            self.wrong.append(f"report {number} of stream {stream} came behind {self.last[stream]}")
        self.repeats += number <= self.last[stream]
        if (stream, number) in self.acknowledged:
            self.wrong.append(f"report {number} of stream {stream} came again although it was acknowledged")
        if is_taken:
            self.acknowledged.add((stream, number))
            self.taken += 1
        self.last[stream] = max(self.last[stream], number)
        self.events.add(event["event_id"])
