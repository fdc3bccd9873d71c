"""One connection of a camera, and how it may behave on it. Sources: RFC 2326, RFC 7616."""

import asyncio
import dataclasses
import hashlib
import random
import re
import socket
import struct
import time

from rtp_film import Packetizer

PUBLIC = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
REASONS = {401: "Unauthorized", 404: "Not Found", 454: "Session Not Found", 461: "Unsupported Transport", 503: "Service Unavailable"}
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
LONGEST_QUEUE = 4 << 20  # bytes that wait for a receiver, beyond which pictures are left out


@dataclasses.dataclass
class Manner:
    """How a camera behaves. As it is made: well."""
    transports: tuple = ("tcp", "udp")
    parameters_told: bool = True  # in the description; they come with each key frame anyway
    content_base: bool = True
    absolute_controls: bool = False
    tracks_before: bool = False  # audio and metadata, described before the pictures and sent without being asked for
    description: bytes | None = None  # instead of its own
    statuses: dict = dataclasses.field(default_factory=dict)  # method: status that it is refused with
    algorithms: tuple = ()  # of digest, in the order in which they are offered; none: everybody may look
    login: tuple = ("admin", "secret")
    nonce_uses: int | None = None  # after which a nonce is stale
    session_timeout: int | None = None  # seconds; whoever does not ask again within them is cut off
    is_mute: bool = False  # takes connections and requests, and says nothing at all
    is_still: bool = False  # answers, and sends no packet
    bytes_a_second: int | None = None  # of whatever it says
    loss: float = 0  # share of packets that are left out
    is_reordering: bool = False  # each fourth packet comes two later
    junk: bool = False  # in place of pictures: packets that nobody asked for
    clock_ahead: float = 0  # seconds, of what sender reports tell
    report_interval: float | None = 5
    udp_arrives: bool = True  # else as behind a firewall

    def clear_statuses(self):
        self.statuses = {}


class Conversation:
    """One connection."""

    def __init__(self, camera, reader, writer):
        self.camera, self.reader, self.writer = camera, reader, writer
        self.session = f"{random.getrandbits(48):012x}"
        self.channel = self.target = self.packetizer = None
        self.is_playing = False
        self.last_request = time.monotonic()
        self.held = []
        self.next_report = 0.0
        # When somebody was let in, when the first key frame left, and the pictures since.
        self.played = self.first_key = None
        self.pictures = 0

    async def run(self):
        while True:
            method, address, head = await self.read()
            self.camera.requests.append((time.monotonic(), method))
            self.last_request = time.monotonic()
            if self.camera.manner.is_mute:
                await self.reader.read()  # what was asked then is never answered
                return
            await self.say(self.answer(method, address, head))
            if method == "PLAY" and self.played:
                self.is_playing = True
            if method == "TEARDOWN":
                return

    async def read(self):
        """The next request; reports of the receiver are passed over."""
        while (first := await self.reader.readexactly(1)) == b"$":
            await self.reader.readexactly(struct.unpack("!BH", await self.reader.readexactly(3))[1])
        lines = (first + await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        head = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        await self.reader.readexactly(int(head.get("content-length", 0)))
        method, address, _ = lines[0].split(" ", 2)
        return method, address, head

    def answer(self, method, address, head):
        manner, body, lines = self.camera.manner, b"", []
        status = manner.statuses.get(method, 200)
        if status == 200 and manner.algorithms and method != "OPTIONS":
            status, lines = self.judge(method, head.get("authorization", ""))
        if status != 200:
            pass
        elif method == "OPTIONS":
            lines.append(f"Public: {PUBLIC}")
        elif method == "DESCRIBE":
            body = self.camera.describe(address)
            lines.append("Content-Type: application/sdp")
            lines += [f"Content-Base: {address}/"] if manner.content_base else []
        elif method == "SETUP":
            status, transport = self.set_up(head.get("transport", ""))
            timeout = f";timeout={manner.session_timeout}" if manner.session_timeout else ""
            lines += [f"Transport: {transport}", f"Session: {self.session}{timeout}"] if transport else []
        elif method == "PLAY":
            if self.packetizer is None:
                status = 454
            else:
                self.played = time.monotonic()
                lines += [f"Session: {self.session}", "Range: npt=now-"]
        else:
            lines.append(f"Session: {self.session}")
        head = [f"RTSP/1.0 {status} {REASONS.get(status, 'OK')}", f"CSeq: {head.get('cseq', 1)}", *lines, f"Content-Length: {len(body)}"]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    def judge(self, method, authorization):
        """Whether the request is from whom it should be: the status, and what to say of it."""
        manner, camera = self.camera.manner, self.camera
        said = {name.lower(): quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', authorization)}
        is_stale = False
        if said:
            digest = HASHES.get(said.get("algorithm", "MD5"))

            def value(text):
                return digest(text.encode()).hexdigest()

            if digest and said.get("algorithm", "MD5") in manner.algorithms:
                secret = value(f"{manner.login[0]}:camera:{manner.login[1]}")
                middle = f"{said.get('nc')}:{said.get('cnonce')}:{said.get('qop')}"
                wanted = value(f"{secret}:{said.get('nonce')}:{middle}:{value(method + ':' + said.get('uri', ''))}")
                if said.get("response") == wanted:
                    if camera.nonces.get(said["nonce"], 0) > 0:
                        camera.nonces[said["nonce"]] -= 1
                        return 200, []
                    is_stale = True
                    camera.stale += 1
        nonce = f"{random.getrandbits(128):032x}"
        camera.nonces[nonce] = manner.nonce_uses or 1 << 30
        stale = ", stale=true" if is_stale else ""
        return 401, [
            f'WWW-Authenticate: Digest realm="camera", nonce="{nonce}", qop="auth", algorithm={name}{stale}' for name in manner.algorithms]

    def set_up(self, wanted):
        """The status and the transport that is agreed on."""
        transports, camera = self.camera.manner.transports, self.camera
        if "interleaved" in wanted or "/TCP" in wanted:
            if "tcp" not in transports:
                return 461, None
            channels = re.search(r"interleaved=(\d+)", wanted)
            self.target = None
            self.channel = int(channels[1]) if channels else 0
            transport = f"RTP/AVP/TCP;unicast;interleaved={self.channel}-{self.channel + 1}"
        else:
            ports = re.search(r"client_port=(\d+)(?:-(\d+))?", wanted)
            if "udp" not in transports or not ports:
                return 461, None
            first, self.channel = int(ports[1]), None
            self.target = (first, int(ports[2] or first + 1))
            own = "-".join(str(one.getsockname()[1]) for one in camera.senders)
            transport = f"RTP/AVP/UDP;unicast;client_port={first}-{self.target[1]};server_port={own}"
        self.packetizer = Packetizer(camera.first_sequence, camera.source)
        return 200, transport

    async def say(self, data):
        pace = self.camera.manner.bytes_a_second
        for start in range(0, len(data) if pace else 0, pace or 1):
            self.writer.write(data[start:start + pace])
            await asyncio.sleep(1)
        if not pace:
            self.writer.write(data)

    def send(self, packet, *, is_report=False):
        if self.channel is None:
            if self.camera.manner.udp_arrives:
                self.camera.senders[is_report].sendto(packet, ("127.0.0.1", self.target[is_report]))
        elif not self.writer.transport.is_closing():
            self.writer.write(b"$" + struct.pack("!BH", self.channel + is_report, len(packet)) + packet)

    def send_all(self, packets):
        """Packets of pictures: at once, where they go over one connection."""
        if self.channel is None:
            for packet in packets:
                self.send(packet)
        elif not self.writer.transport.is_closing():
            self.writer.write(b"".join(b"$" + struct.pack("!BH", self.channel, len(packet)) + packet for packet in packets))

    def send_elsewhere(self, channel, size):
        """Packets on a channel that nobody asked for."""
        self.writer.write(b"$" + struct.pack("!BH", channel, size) + random.randbytes(size))

    def show(self, film, picture, label, moment):
        """Sends a picture, as well as the camera does that."""
        manner, now, is_interleaved = self.camera.manner, time.monotonic(), self.channel is not None
        if manner.junk:
            self.send_elsewhere(40, 1000)
            return
        if is_interleaved and self.writer.transport.get_write_buffer_size() > LONGEST_QUEUE:
            return
        if manner.tracks_before and is_interleaved:
            self.send_elsewhere(8, 172)
            self.send_elsewhere(10, 300)
        if manner.report_interval and now >= self.next_report:
            self.next_report = now + manner.report_interval
            self.send(self.packetizer.report(label, moment + manner.clock_ahead), is_report=True)
        packets = self.packetizer.packets_of(film, picture, label)
        if manner.bytes_a_second:
            self.is_playing = False  # this picture lasts for minutes
            asyncio.ensure_future(self.say(b"$" + struct.pack("!BH", self.channel, len(packets[0])) + packets[0]))
            return
        self.send_all(self.spoil(packets))
        if picture.is_key and not self.first_key:
            self.first_key = now
        self.pictures += 1 if self.first_key else 0

    def spoil(self, packets):
        """What of the packets leaves now, in which order."""
        manner, chance = self.camera.manner, self.camera.chance
        packets = self.held + [packet for packet in packets if chance.random() >= manner.loss]
        self.held = []
        if not manner.is_reordering:
            return packets
        whole = len(packets) // 4 * 4
        self.held = packets[whole:]
        return [packets[start + place] for start in range(0, whole, 4) for place in (0, 2, 3, 1)]
