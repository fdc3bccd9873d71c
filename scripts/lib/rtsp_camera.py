"""RTSP cameras on the loopback interface that do what they are told, wrong things above all.

A camera is a port of its own, so that it can be gone alone. All of them live on one thread; what is set of a camera's manner acts with
its next request or picture.
"""

import asyncio
import logging
import random
import socket
import struct
import threading
import time

from rtp_film import TICKS
from rtsp_conversation import Conversation, Manner

logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # who looks may leave at any time


class Camera:
    """Plays films over and over at `address`, for all who look the same moment."""

    def __init__(self, loop, film, *, port=0, first_label=0, first_sequence=65_500, seed=1, **manner):
        self.loop, self.film, self.manner = loop, film, Manner(**manner)
        self.first_label, self.first_sequence = first_label, first_sequence
        self.jump = 0  # added to labels
        self.chance = random.Random(seed)
        self.conversations, self.everybody = set(), []
        self.accepted, self.requests, self.nonces, self.stale = [], [], {}, 0
        self.senders = self._pair()
        self.source = random.getrandbits(32)
        self.port = port
        self._server = None
        self._run(self._listen())
        self._player = asyncio.run_coroutine_threadsafe(self._play(), loop)

    @property
    def address(self):
        login = f"{self.manner.login[0]}:{self.manner.login[1]}@" if self.manner.algorithms else ""
        return f"rtsp://{login}127.0.0.1:{self.port}/camera"

    @property
    def latest(self):
        """The latest connection that was let in."""
        return max((one for one in self.everybody if one.played), key=lambda one: one.played, default=None)

    # From any thread

    def refuse(self):
        """Listens no longer."""
        self._run(self._refuse())

    def accept(self):
        """Listens again, at the same port."""
        self._run(self._listen())

    def cut(self, reset=False):
        """Ends all connections, in order or with a reset."""
        self._run(self._cut(reset))

    def forget(self):
        """Those who look are sent nothing any more, and their connections stay."""
        for one in list(self.conversations):
            one.is_playing = False

    def renew(self):
        """Counts as a camera does that was switched off and on."""
        self.source, self.first_label = random.getrandbits(32), random.getrandbits(32)
        self.first_sequence, self.jump = random.getrandbits(16), 0

    def close(self):
        self._player.cancel()
        self._run(self._refuse())
        self._run(self._cut(False))
        for one in self.senders:
            one.close()

    # On the loop's thread

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    @staticmethod
    def _pair():
        """Two sockets that packets and reports leave from, at a port with an even number and the next."""
        while True:
            pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            pair[0].bind(("127.0.0.1", 0))
            port = pair[0].getsockname()[1]
            try:
                if port % 2 == 0:
                    pair[1].bind(("127.0.0.1", port + 1))
                    return pair
            except OSError:
                pass
            for one in pair:
                one.close()

    async def _listen(self):
        if self._server is None:
            self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port, limit=1 << 16)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self):
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _cut(self, reset):
        for one in list(self.conversations):
            if reset:
                one.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.writer.transport.abort()
            one.writer.close()

    async def _take(self, reader, writer):
        self.accepted.append(time.monotonic())
        conversation = Conversation(self, reader, writer)
        self.conversations.add(conversation)
        self.everybody.append(conversation)
        try:
            await conversation.run()
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side has gone, or talks nonsense
        finally:
            conversation.is_playing = False
            self.conversations.discard(conversation)
            writer.close()

    async def _play(self):
        start, begun, epoch = time.monotonic(), 0.0, time.time()
        self.epoch = epoch  # when the first picture left
        while True:
            film = self.film  # another one begins when this has come to its end, or is taken away
            for picture in film.pictures:
                if film is not self.film:
                    break
                await asyncio.sleep(start + begun + picture.sent - time.monotonic())
                shown = begun + picture.shown
                self._show(film, picture, self.first_label + self.jump + round(shown * TICKS), epoch + shown)
            begun += picture.sent if film is not self.film else film.length

    def _show(self, film, picture, label, moment):
        limit = self.manner.session_timeout
        for one in list(self.conversations):
            if one.is_playing and limit and time.monotonic() - one.last_request > limit:
                one.writer.close()
            elif one.is_playing and not self.manner.is_still and not self.manner.is_mute:
                one.show(film, picture, label, moment)

    def describe(self, address):
        manner = self.manner
        if manner.description is not None:
            return manner.description

        def control(name):
            return f"a=control:{address.rstrip('/')}/{name}" if manner.absolute_controls else f"a=control:{name}"

        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*"]
        if manner.tracks_before:
            lines += ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", control("audio")]
            lines += ["m=application 0 RTP/AVP 107", "a=rtpmap:107 vnd.onvif.metadata/90000", control("metadata")]
        lines += ["m=video 0 RTP/AVP 96", *self.film.description(manner.parameters_told), control("video")]
        return ("\r\n".join(lines) + "\r\n").encode()


class Studio(threading.Thread):
    """The thread that cameras live on."""

    def __init__(self):
        super().__init__(daemon=True)
        self.loop = asyncio.new_event_loop()
        self.start()

    def run(self):
        self.loop.run_forever()

    def camera(self, film, **manner):
        return Camera(self.loop, film, **manner)
