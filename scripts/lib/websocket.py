"""A WebSocket reader with nothing but Python's own library: enough to follow live events. RFC 6455."""
import base64
import hashlib
import os
import socket
import struct

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
LARGEST_MESSAGE = 16 << 20  # bytes


class Refused(Exception):
    """The server answered the upgrade with an ordinary response."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


class WebSocket:
    def __init__(self, host, port, path, headers, timeout=30):
        self.socket = socket.create_connection((host, port), timeout)
        self.buffer = b""
        self.close_code = None
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._read_response(key)
        self.socket.settimeout(None)  # events may be far apart

    def _read_response(self, key):
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        if status != 101:
            body = self._exactly(int(headers.get("content-length", 0)))
            self.socket.close()
            raise Refused(status, body.decode(errors="replace"))
        guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        expected = base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()
        if headers.get("sec-websocket-accept") != expected:
            raise ConnectionError("the server's upgrade answer does not fit the request")

    def _receive(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.buffer += chunk

    def _exactly(self, count):
        while len(self.buffer) < count:
            self._receive()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _send(self, opcode, payload):
        mask = os.urandom(4)  # a client masks whatever it sends; control frames are below 126 bytes
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def messages(self):
        """Text messages until the server closes; `close_code` then says why."""
        message = b""
        while True:
            first, second = self._exactly(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", self._exactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self._exactly(8))
            if second & 0x80 or len(message) + length > LARGEST_MESSAGE:
                raise ConnectionError("the server sent a frame that no client accepts")
            payload, opcode = self._exactly(length), first & 0x0F
            if opcode == PING:
                self._send(PONG, payload)
            elif opcode == CLOSE:
                self.close_code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                self._send(CLOSE, payload[:2])
                self.socket.close()
                return
            elif opcode != PONG:
                message += payload
                if first & 0x80:
                    yield message.decode()
                    message = b""
