"""Cases for a WebSocket that says everything again, after the numbers of Autobahn's test suite: framing (1), pings (2), reserved
bits (3), opcodes (4), fragments (5), UTF-8 (6), closing (7), sizes (9), permessage-deflate (12, 13). The server's bytes are read by
`wsproto`, and the conversations of 12 and 13 are also held by `websockets`; neither knows anything of Sightline.

usage: websocket_judge.py PORT
"""

import asyncio
import os
import random
import socket
import struct
import sys
import zlib

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, Pong, Request, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

port = int(sys.argv[1])
chance = random.Random(1)
passed = failed = 0


def judge(name, is_right, seen=""):
    global passed, failed
    passed, failed = passed + bool(is_right), failed + (not is_right)
    if not is_right:
        print(f"WRONG {name}: {str(seen)[:300]}")


class Peer:
    """A client whose frames are written by hand and whose reading is wsproto's."""

    def __init__(self, extensions=()):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.socket.sendall(self.protocol.send(Request(host="localhost", target="/", extensions=list(extensions))))
        self.waiting = []
        accepted = self.next()
        assert isinstance(accepted, AcceptConnection), accepted
        self.extensions = accepted.extensions

    def next(self):
        """The next event, fragments joined; None where the server has closed the connection."""
        parts = []
        while True:
            while self.waiting:
                event = self.waiting.pop(0)
                if isinstance(event, (TextMessage, BytesMessage)):
                    parts.append(event.data)
                    if event.message_finished:
                        return type(event)(data=type(event.data)().join(parts), message_finished=True)
                else:
                    return event
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.protocol.receive_data(data)
            self.waiting = list(self.protocol.events())

    def frame(self, opcode, payload=b"", fin=True, rsv=0, masked=True, length=None):
        head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        size, mask = len(payload) if length is None else length, 0x80 if masked else 0
        if size < 126:
            head += bytes([mask | size])
        elif size < 1 << 16:
            head += bytes([mask | 126]) + struct.pack(">H", size)
        else:
            head += bytes([mask | 127]) + struct.pack(">Q", size)
        if masked:
            key = chance.randbytes(4)
            head += key
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes((key * (len(payload) // 4 + 1))[: len(payload)], "big")).to_bytes(
                len(payload), "big"
            )
        return head + payload

    def send(self, *frames):
        try:
            self.socket.sendall(b"".join(frames))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def close(self):
        self.socket.close()


TEXT, BINARY, MORE, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def case(name, send, wanted):
    """`send` gives frames for a new connection; `wanted` are the events that follow, codes for a close."""
    peer = Peer()
    seen = []
    try:
        peer.send(*send(peer))
        for want in wanted:
            event = peer.next()
            seen.append(event)
            if isinstance(want, int):
                if not (isinstance(event, CloseConnection) and event.code == want):
                    return judge(name, False, seen)
            elif isinstance(want, str):
                if not (isinstance(event, TextMessage) and event.data == want):
                    return judge(name, False, seen)
            elif isinstance(want, bytes):
                if not (isinstance(event, BytesMessage) and bytes(event.data) == want):
                    return judge(name, False, seen)
            elif want is None:
                if event is not None:
                    return judge(name, False, seen)
            elif not (isinstance(event, type(want)) and bytes(event.payload) == bytes(want.payload)):
                return judge(name, False, seen)
        judge(name, True)
    except (OSError, RemoteProtocolError, AssertionError) as error:
        judge(name, False, (error, seen))
    finally:
        peer.close()


def basic():
    for opcode, name in ((TEXT, "1.1"), (BINARY, "1.2")):
        for index, size in enumerate((0, 125, 126, 127, 128, 65535, 65536)):
            data = b"*" * size
            case(f"{name}.{index + 1}", lambda p: [p.frame(opcode, data)], [data.decode() if opcode == TEXT else data])
    for index, size in enumerate((0, 1, 7, 64, 125)):
        data = bytes(range(size))
        case(f"2.{index + 1}", lambda p: [p.frame(PING, data)], [Pong(payload=data)])
    case("2.5 a ping that is too long", lambda p: [p.frame(PING, b"*" * 126)], [1002])
    case("2.7 a pong nobody asked for", lambda p: [p.frame(PONG), p.frame(TEXT, b"a")], ["a"])
    case("2.8", lambda p: [p.frame(PONG, b"x"), p.frame(PING, b"y")], [Pong(payload=b"y")])
    case("2.10 ten pings", lambda p: [p.frame(PING, bytes([i])) for i in range(10)], [Pong(payload=bytes([i])) for i in range(10)])
    case("2.11 in small pieces", lambda p: [p.frame(PING, b"x" * 125)], [Pong(payload=b"x" * 125)])
    for rsv in range(1, 8):
        case(f"3.{rsv} text", lambda p: [p.frame(TEXT, b"a"), p.frame(TEXT, b"b", rsv=rsv)], ["a", 1002])
        case(f"3.{rsv} ping", lambda p: [p.frame(PING, b"a", rsv=rsv)], [1002])
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        case(f"4.{opcode}", lambda p: [p.frame(opcode, b"a")], [1002])
        case(f"4.{opcode} empty, after a text", lambda p: [p.frame(TEXT, b"a"), p.frame(opcode)], ["a", 1002])
    case("unmasked", lambda p: [p.frame(TEXT, b"a", masked=False)], [1002])
    case("unmasked ping", lambda p: [p.frame(PING, b"a", masked=False)], [1002])


def fragments():
    case("5.1 a ping in fragments", lambda p: [p.frame(PING, b"a", fin=False), p.frame(MORE, b"b")], [1002])
    case("5.2 a pong in fragments", lambda p: [p.frame(PONG, b"a", fin=False), p.frame(MORE, b"b")], [1002])
    case("5.3", lambda p: [p.frame(TEXT, b"a", fin=False), p.frame(MORE, b"b")], ["ab"])
    case("5.6 a ping between", lambda p: [p.frame(TEXT, b"a", fin=False), p.frame(PING, b"p"), p.frame(MORE, b"b")], [Pong(payload=b"p"), "ab"])
    case("5.9 nothing to go on with", lambda p: [p.frame(MORE, b"a"), p.frame(TEXT, b"b")], [1002])
    case("5.12 nor in fragments", lambda p: [p.frame(MORE, b"a", fin=False), p.frame(TEXT, b"b")], [1002])
    case("5.15", lambda p: [p.frame(TEXT, b"a", fin=False), p.frame(MORE, b"b"), p.frame(MORE, b"c")], ["ab", 1002])
    case("5.18 two texts at once", lambda p: [p.frame(TEXT, b"a", fin=False), p.frame(TEXT, b"b")], [1002])
    case("5.18 binary within text", lambda p: [p.frame(TEXT, b"a", fin=False), p.frame(BINARY, b"b")], [1002])
    parts = [b"a", b"", b"b", b"", b"c"]
    case("5.19 empty fragments", lambda p: [p.frame(TEXT if i == 0 else MORE, b, fin=i == 4) for i, b in enumerate(parts)], ["abc"])
    case("5.20 all empty", lambda p: [p.frame(TEXT, fin=False), p.frame(MORE, fin=False), p.frame(MORE)], [""])
    for size in (1, 2, 3, 7, 64, 1000):
        data = bytes(chance.randrange(256) for _ in range(5000))
        pieces = [data[i : i + size] for i in range(0, len(data), size)]
        case(
            f"9.3 binary in pieces of {size}",
            lambda p: [p.frame(BINARY if i == 0 else MORE, piece, fin=i + 1 == len(pieces)) for i, piece in enumerate(pieces)],
            [data],
        )
    for size in (1 << 18, 1 << 20, 4 << 20):
        case(f"9.1 text of {size}", lambda p: [p.frame(TEXT, b"*" * size)], ["*" * size])
        case(f"9.2 binary of {size}", lambda p: [p.frame(BINARY, b"\xfe" * size)], [b"\xfe" * size])
    case("10 longer than may be", lambda p: [p.frame(TEXT, length=17 << 20)], [1009])


def texts():
    good = ["", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\u0000", "\u0080", "\u0800", "\U00010000", "\x7f", "\u07ff", "\uffff", "\U0010ffff", "\ud7ff", "\ue000", "\ufffd"]
    for index, text in enumerate(good):
        data = text.encode()
        case(f"6.2.{index} whole", lambda p: [p.frame(TEXT, data)], [text])
        case(f"6.2.{index} byte by byte", lambda p: [p.frame(TEXT, fin=False)] + [p.frame(MORE, bytes([b]), fin=False) for b in data] + [p.frame(MORE)], [text])
    bad = [
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", b"\xce", b"\xe1\xbd", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xbf\xbf",
        b"\xc0 \xc1 ", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xfe", b"\xff",
        b"\xfc\x84\x80\x80\x80\x80", b"\xed\xa0\x80\xed\xb0\x80", b"a\xe2\x82", b"\xf4\xbf\xbf\xbf",
    ]
    for index, data in enumerate(bad):
        case(f"6.3.{index} whole", lambda p: [p.frame(TEXT, data)], [1007])
        case(f"6.3.{index} in fragments", lambda p: [p.frame(TEXT, data[:1], fin=False), p.frame(MORE, data[1:])], [1007])
        case(f"6.3.{index} is good as binary", lambda p: [p.frame(BINARY, data)], [data])
    case("6.4 told where it breaks", lambda p: [p.frame(TEXT, b"\xce\xba\xf4", fin=False), p.frame(MORE, b"\x90", fin=False)], [1007])


def closings():
    def code(number, reason=b""):
        return struct.pack(">H", number) + reason

    case("7.1.1", lambda p: [p.frame(TEXT, b"a"), p.frame(CLOSE, code(1000))], ["a", 1000, None])
    case("7.1.2 twice", lambda p: [p.frame(CLOSE, code(1000)), p.frame(CLOSE, code(1000))], [1000, None])
    case("7.1.3 a ping behind it", lambda p: [p.frame(CLOSE, code(1000)), p.frame(PING, b"a")], [1000, None])
    case("7.1.5 in the midst of a message", lambda p: [p.frame(TEXT, b"a", fin=False), p.frame(CLOSE, code(1000)), p.frame(MORE, b"b")], [1000, None])
    case("7.3.1 no code", lambda p: [p.frame(CLOSE)], [1005, None])
    case("7.3.2 half a code", lambda p: [p.frame(CLOSE, b"\x03")], [1002, None])
    case("7.3.4 with a reason", lambda p: [p.frame(CLOSE, code(1000, b"bye"))], [1000, None])
    case("7.3.5 with the longest", lambda p: [p.frame(CLOSE, code(1000, b"*" * 123))], [1000, None])
    case("7.3.6 with one too long", lambda p: [p.frame(CLOSE, code(1000, b"*" * 124))], [1002, None])
    case("7.5.1 a reason that is no text", lambda p: [p.frame(CLOSE, code(1000, b"\xce\xba\xed\xa0\x80"))], [1007, None])
    for number in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        case(f"7.7 {number}", lambda p: [p.frame(CLOSE, code(number))], [number, None])
    for number in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535):
        case(f"7.9 {number}", lambda p: [p.frame(CLOSE, code(number))], [1002, None])


def compressed():
    def squeeze(data, bits=15):
        packer = zlib.compressobj(wbits=-bits)
        return (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]

    def talk(name, frames, wanted, extension=None):
        peer = Peer([extension or PerMessageDeflate()])
        try:
            judge(f"{name} is agreed on", len(peer.extensions) == 1, peer.extensions)
            peer.send(*frames(peer))
            for want in wanted:
                event = peer.next()
                is_right = event.code == want if isinstance(event, CloseConnection) else getattr(event, "data", None) == want
                judge(name, is_right, event)
        except (OSError, RemoteProtocolError) as error:
            judge(name, False, error)
        finally:
            peer.close()

    data = b"one message like another, " * 20
    talk("13 whole", lambda p: [p.frame(TEXT, squeeze(data), rsv=4)] * 3, [data.decode()] * 3)
    talk("13 as it is", lambda p: [p.frame(TEXT, data)], [data.decode()])
    talk("13 empty", lambda p: [p.frame(TEXT, b"\x00", rsv=4)], [""])
    pressed = squeeze(data)
    talk("13 in fragments", lambda p: [p.frame(TEXT, pressed[:5], fin=False, rsv=4), p.frame(PING), p.frame(MORE, pressed[5:])][0:1] + [p.frame(MORE, pressed[5:])], [data.decode()])
    talk("13 marked in a later fragment", lambda p: [p.frame(TEXT, pressed[:5], fin=False, rsv=4), p.frame(MORE, pressed[5:], rsv=4)], [1002])
    talk("13 a control frame", lambda p: [p.frame(PING, b"a", rsv=4)], [1002])
    talk("13 garbage", lambda p: [p.frame(TEXT, b"\xff\xff\xff", rsv=4)], [1007])
    talk("13 no text", lambda p: [p.frame(TEXT, squeeze(b"\xed\xa0\x80"), rsv=4)], [1007])
    talk("13 a bomb", lambda p: [p.frame(TEXT, squeeze(b"0" * (64 << 20)), rsv=4)], [1009])
    final = zlib.compressobj(wbits=-15)
    last = final.compress(b"a last block") + final.flush(zlib.Z_FINISH)
    talk("13 a last block", lambda p: [p.frame(TEXT, last + b"\x00", rsv=4)], ["a last block"])


async def windows():
    """Each window, with and without what was said before, in messages of many sizes, as `websockets` has it."""
    for bits in range(8, 16):
        for anew in (False, True):
            for client in (None, 9, 15):
                factory = ClientPerMessageDeflateFactory(
                    server_max_window_bits=bits, server_no_context_takeover=anew, client_max_window_bits=client or True)
                name = f"12 window {bits}, anew {anew}, client {client}"
                try:
                    async with websockets.connect(
                        f"ws://127.0.0.1:{port}/", extensions=[factory], compression=None, max_size=None, proxy=None
                    ) as peer:
                        agreed = peer.response.headers.get("Sec-WebSocket-Extensions", "")
                        judge(f"{name} is agreed on", f"server_max_window_bits={bits}" in agreed and anew == ("server_no" in agreed), agreed)
                        is_same = True
                        for size in (0, 1, 16, 300, 300, 300, 5000, 70000, 300000):
                            text = "".join(chance.choices("abcdef ", k=size))
                            for message in (text, text.encode()):
                                await peer.send(message)
                                is_same = is_same and await peer.recv() == message
                        judge(name, is_same)
                except (websockets.WebSocketException, OSError, EOFError) as error:
                    judge(name, False, repr(error))


async def offers():
    for offer, wanted in (
        ("permessage-deflate", True), ("PERMESSAGE-DEFLATE; server_max_window_bits=\"10\"", True), ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; unknown", False), ("permessage-deflate; server_max_window_bits", False), ("permessage-deflate; server_max_window_bits=16", False),
        ("permessage-deflate; server_max_window_bits=08", False), ("permessage-deflate; server_no_context_takeover=1", False),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", False), ("x-webkit-deflate-frame", False),
        ("permessage-deflate; unknown, permessage-deflate", True), ("", False), (";", False), (",", False),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = "AAAAAAAAAAAAAAAAAAAAAA=="
        writer.write(
            f"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        judge(f"12 the offer {offer!r}", " 101 " in head and wanted == ("sec-websocket-extensions: permessage-deflate" in head), head)
        writer.close()


basic()
fragments()
texts()
closings()
compressed()
asyncio.run(windows())
asyncio.run(offers())
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
