"""A network with nobody in it but us: every address there is answers, a name server makes names up, and each packet is counted.

For a process in a network namespace of its own, as root. Nothing leaves it, for it has no device but the loopback one.
"""

import collections
import http.client
import ipaddress
import socket
import socketserver
import struct
import subprocess
import threading
import urllib.parse

NAME_SERVER = "10.0.0.53"
OWN = "10.0.0.77"  # of this machine's device, as a network card has one


def prepare(resolv_conf):
    """Lets the loopback device hold all addresses, and sends questions about names to our server."""
    for command in (
        "ip link set lo up",
        f"ip addr add {OWN}/32 dev lo",
        "ip route add local default dev lo",
        "ip route add local 224.0.0.0/4 dev lo",
        "ip -6 route add local default dev lo",
    ):
        subprocess.run(command.split(), check=True)
    resolv_conf.write_text(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", str(resolv_conf), "/etc/resolv.conf"], check=True)


class Judge(threading.Thread):
    """Counts packets by where they go to, on the device that all must pass."""

    def __init__(self):
        super().__init__(daemon=True)
        self.packets = collections.Counter()  # by (address, port), to be cleared by whoever has read it
        self.seen = 0
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)

    def run(self):
        while True:
            packet, origin = self.socket.recvfrom(2048)
            if origin[2] == socket.PACKET_OUTGOING:
                continue  # on this device each packet passes twice
            if packet[0] >> 4 == 4:
                address, protocol, rest = packet[16:20], packet[9], packet[(packet[0] & 15) * 4:]
            else:
                address, protocol, rest = packet[24:40], packet[6], packet[40:]
            has_ports = protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) and len(rest) >= 4
            port = struct.unpack("!H", rest[2:4])[0] if has_ports else 0
            self.packets[str(ipaddress.ip_address(address)), port] += 1
            self.seen += 1

    def lost(self):
        """Packets that passed uncounted; the counts are worth nothing unless this is 0."""
        return struct.unpack("II", self.socket.getsockopt(263, 6, 8))[1]  # SOL_PACKET, PACKET_STATISTICS


class NameServer(threading.Thread):
    """Answers for the names it is given, each with a list of answers: one for each pair of questions, the last one for good."""

    def __init__(self, names):
        super().__init__(daemon=True)
        self.names = {name: list(answers) for name, answers in names.items()}
        self.asked = collections.Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((NAME_SERVER, 53))

    def run(self):
        while True:
            question, sender = self.socket.recvfrom(512)
            labels, position = [], 12
            while question[position]:
                end = position + 1 + question[position]
                labels.append(question[position + 1:end].decode("ascii", "replace"))
                position = end
            name, kind = ".".join(labels).lower(), struct.unpack("!H", question[position + 1:position + 3])[0]
            round_ = self.asked[name, kind]
            self.asked[name, kind] += 1
            answers = self.names.get(name)
            addresses = answers[min(round_, len(answers) - 1)] if answers else []
            wanted = [ipaddress.ip_address(text) for text in addresses]
            wanted = [a for a in wanted if (a.version, kind) in ((4, 1), (6, 28))]
            reply = question[:2] + struct.pack(
                "!HHHHH", 0x8180 if answers else 0x8183, 1, len(wanted), 0, 0) + question[12:position + 5]
            for address in wanted:
                reply += struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(address.packed)) + address.packed
            self.socket.sendto(reply, sender)

    def count(self, name):
        return sum(count for (asked, _), count in self.asked.items() if asked == name)


class Servers:
    """HTTP and RTSP at every address, at port 80, 554 and each port that is asked for."""

    def __init__(self, pages, rtsp):
        self.pages, self.rtsp = pages, rtsp

    def listen(self, port):
        servers = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    servers.answer(self.rfile, self.wfile)
                except OSError:
                    pass  # the other side has gone

        class Server(socketserver.ThreadingTCPServer):
            address_family = socket.AF_INET6
            allow_reuse_address = daemon_threads = True
            request_queue_size = 64

            def server_bind(self):
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                super().server_bind()

        threading.Thread(target=Server(("::", port), Handler).serve_forever, daemon=True).start()

    def answer(self, reader, writer):
        while True:
            line = reader.readline(65536).decode("latin-1").split()
            head = http.client.parse_headers(reader) if len(line) == 3 else None
            if head is None:
                return
            if line[2].startswith("RTSP"):
                writer.write(self.rtsp(line[0], line[1], head))
                continue
            reader.read(int(head.get("Content-Length", 0)))
            address = urllib.parse.urlsplit(line[1])
            if address.path == "/to":
                target = urllib.parse.unquote(address.query)
                writer.write(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())
                continue
            body = self.pages.get(address.path)
            status = "200 OK" if body is not None else "404 Not Found"
            body = body or b""
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
            return
