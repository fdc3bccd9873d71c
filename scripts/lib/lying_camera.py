"""An RTSP server whose every connection tells one thing wrong: a reply, a description, or packets. It sends what it has at once."""

import asyncio
import random

from mutation import mutate, mutate_text
from rtp_film import TICKS, Packetizer
from rtsp_camera import Studio
from rtsp_conversation import Conversation, Manner

# What is wrong with a connection.
REPLY, DESCRIPTION, PACKETS, FRAMING = range(4)


class _Script:
    """What `Conversation` asks of a camera."""

    def __init__(self, films, seed, kind):
        self.chance = random.Random(seed)
        self.film = self.chance.choice(films)
        self.manner = Manner(parameters_told=self.chance.random() < 0.7, tracks_before=self.chance.random() < 0.2)
        self.requests, self.nonces, self.stale = [], {}, 0
        self.first_sequence, self.source, self.senders = 65_500, 1, ()
        self.kind = kind
        # Of four replies before the packets.
        self.wrong = self.chance.randrange(5)

    def describe(self, address):
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*"]
        if self.manner.tracks_before:
            lines += ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=control:audio"]
        lines += ["m=video 0 RTP/AVP 96", *self.film.description(self.manner.parameters_told), "a=control:video"]
        text = ("\r\n".join(lines) + "\r\n").encode()
        return mutate_text(text, self.chance) if self.kind == DESCRIPTION else text

    def packets(self):
        """All of the film, as it goes over the connection."""
        packetizer, parts = Packetizer(self.first_sequence, self.source), []
        for picture in self.film.pictures[:20]:
            if picture.is_key:
                parts.append((1, packetizer.report(round(picture.shown * TICKS), 1.7e9 + picture.shown)))
            parts += [(0, packet) for packet in packetizer.packets_of(self.film, picture, round(picture.shown * TICKS))]
        bodies = [body for _, body in parts]
        for channel, body in parts:
            if self.kind == PACKETS and self.chance.random() < 0.15:
                body = mutate(body, bodies, self.chance)[:65_535]
            yield b"$" + bytes([channel]) + len(body).to_bytes(2, "big") + body


class LyingCamera:
    """Listens at `port`; case `seed` is at `address(seed)`."""

    def __init__(self, films):
        self.films = films
        self.studio = Studio()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self.studio.loop).result(10)

    def address(self, seed):
        return f"rtsp://127.0.0.1:{self.port}/{seed}"

    async def _listen(self):
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=1 << 16)
        self.server = server
        return server.sockets[0].getsockname()[1]

    async def _take(self, reader, writer):
        try:
            await asyncio.wait_for(self._serve(reader, writer), 20)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            pass  # the other side has had enough
        finally:
            writer.close()

    async def _serve(self, reader, writer):
        script, count, conversation = None, 0, None
        while True:
            if conversation is None:
                # What the first request asks for names the case.
                conversation = Conversation(None, reader, writer)
            method, address, head = await conversation.read()
            if script is None:
                seed = int(address.rstrip("/").split("/")[3].split("?")[0])
                script = conversation.camera = _Script(self.films, seed, seed % 4)
            reply = conversation.answer(method, address, head)
            if script.kind == REPLY and count == script.wrong:
                reply = mutate_text(reply, script.chance)
            count += 1
            writer.write(reply)
            if method == "PLAY" and conversation.packetizer is not None:
                stream = b"".join(script.packets())
                if script.kind == FRAMING:
                    stream = mutate(stream, [stream], script.chance)
                writer.write(stream)
            await writer.drain()
            if method in ("PLAY", "TEARDOWN"):
                return
