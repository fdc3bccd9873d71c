"""A server next door that serves what it is given, and does wrong in all ways that HTTP has."""

import secrets
import socket
import socketserver
import threading
import urllib.parse


class Neighbour:
    """Files by their paths; `at` puts one there. What it does wrong stands in `tricks`, by the first part of the path."""

    def __init__(self):
        self.files, self.told, self.asked = {}, [], 0
        neighbour = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    neighbour.answer(self.request)
                except OSError:
                    pass  # the other side has gone

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.ends = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path, content=None):
        """The address of a path, with something to find there."""
        if content is not None:
            self.files[path] = content
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, content, ending=""):
        """An address of its own for something."""
        return self.at(f"/{secrets.token_hex(8)}{ending}", content)

    def close(self):
        self.ends.set()
        self.server.shutdown()

    def answer(self, connection):
        connection.settimeout(120)
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(65536)
            if not part or len(head) > 1 << 20:
                return
            head += part
        line, _, rest = head.partition(b"\r\n")
        target = line.split(b" ")[1].decode("latin-1") if line.count(b" ") >= 2 else "/"
        path, _, query = target.partition("?")
        self.asked += 1
        trick = getattr(self, "do_" + path.split("/")[1].replace("-", "_").split(".")[0], None)
        if trick is not None:
            return trick(connection, urllib.parse.unquote(query))
        content = self.files.get(urllib.parse.unquote(path))
        if callable(content):
            content = content(urllib.parse.unquote(query))
        self.send(connection, "404 Not Found" if content is None else "200 OK", content or b"")

    @staticmethod
    def send(connection, status, body=b"", headers=""):
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n".encode() + body)

    # MARK: Tricks

    def do_labels(self, connection, _):
        self.told.append(1)
        self.send(connection, "200 OK")

    def do_to(self, connection, target):
        self.send(connection, "302 Found", headers=f"Location: {target}\r\n")

    def do_loop(self, connection, _):
        self.send(connection, "302 Found", headers="Location: /loop\r\n")

    def do_chain(self, connection, count):
        left = int(count or 0)
        self.send(connection, "307 Temporary Redirect", headers=f"Location: /chain?{left + 1}\r\n")

    def do_nowhere(self, connection, _):
        self.send(connection, "301 Moved Permanently")

    def do_silence(self, connection, _):
        self.ends.wait(300)

    def do_goodbye(self, connection, _):
        pass

    def do_reset(self, connection, _):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def do_endless(self, connection, _):
        """A body without an end, as fast as it is taken."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b'["a.jpg",' * 116508 + b" " * 4 + b"\r\n"
        while not self.ends.is_set():
            connection.sendall(chunk)

    def do_trickle(self, connection, _):
        """A byte now and then."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not self.ends.wait(0.5):
            connection.sendall(b"[")

    def do_short(self, connection, _):
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n["a.jpg"]')

    def do_huge(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n[]")

    def do_large(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4294967297\r\n\r\n[]")

    def do_negative(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]")

    def do_chunks(self, connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n[]\r\n0\r\n\r\n")

    def do_garbage(self, connection, _):
        connection.sendall(secrets.token_bytes(4096))

    def do_headers(self, connection, _):
        """Headers without an end."""
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.ends.is_set():
            connection.sendall(b"X-Filler: " + b"a" * 8000 + b"\r\n")

    def do_continue(self, connection, _):
        while not self.ends.wait(0.01):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    def do_switch(self, connection, _):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n[]")

    def do_status(self, connection, number):
        self.send(connection, f"{number} Word")
