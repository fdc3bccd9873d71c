"""An HTTP server whose every case tells one thing wrong: a list of HLS or what it names, or the frame of MJPEG pictures."""

import http.server
import pathlib
import random
import subprocess
import threading

from mutation import mutate, mutate_text

BOUNDARY = b"--frame"
KEY = bytes(range(16))
COMMON = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"]
# Options of ffmpeg for each form of a list.
FORMS = {
    "ts": [], "fmp4": ["-hls_segment_type", "fmp4"], "ranges": ["-hls_flags", "single_file"],
    "fmp4-ranges": ["-hls_segment_type", "fmp4", "-hls_flags", "single_file"], "encrypted": ["-hls_key_info_file", "key.txt"],
}


def make_lists(folder, codec):
    """By form, the files that belong to `list.m3u8`. `codec`: ffmpeg's options."""
    lists = {}
    for form, options in FORMS.items():
        place = pathlib.Path(folder) / f"hls-{form}"
        place.mkdir()
        (place / "key").write_bytes(KEY)
        (place / "key.txt").write_text("key\nkey\n")
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=5:d=3", "-pix_fmt", "yuv420p", *codec,
             *COMMON, *options, "list.m3u8"], cwd=place, check=True)
        lists[form] = {file.name: file.read_bytes() for file in place.iterdir() if file.name != "key.txt"}
    several = ["#EXTM3U", "#EXT-X-VERSION:6"]
    for size, rate in (("96x64", 100_000), ("1920x1080", 4_000_000)):
        several += [f'#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={size},CODECS="avc1.42c00a"', "sizes.m3u8"]
    lists["sizes"] = lists["ts"] | {"sizes.m3u8": lists["ts"]["list.m3u8"], "list.m3u8": "\n".join([*several, ""]).encode()}
    return lists


class LyingServer:
    """Case `seed` of a list is at `list_address(seed)`, of pictures at `pictures_address(seed)`."""

    def __init__(self, lists, pictures):
        self.lists, self.pictures = lists, pictures
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                _, seed, name, *_ = *self.path.partition("?")[0].split("/"), "", ""
                kind, body = owner.answer(int(seed) if seed.isdigit() else 0, name)
                first, last = owner.part(self.headers.get("Range", ""), len(body))
                self.send_response(206 if "Range" in self.headers else 200)
                self.send_header("Content-Type", kind)
                if name != "pictures":
                    self.send_header("Content-Length", str(max(0, last - first)))
                    if "Range" in self.headers:
                        self.send_header("Content-Range", f"bytes {first}-{last - 1}/{len(body)}")
                self.end_headers()
                try:
                    self.wfile.write(body[first:last])
                except OSError:
                    pass  # the other side has had enough

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # a connection that broke off

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def list_address(self, seed):
        return f"http://127.0.0.1:{self.server.server_port}/{seed}/list.m3u8"

    def pictures_address(self, seed):
        return f"http://127.0.0.1:{self.server.server_port}/{seed}/pictures"

    def answer(self, seed, name):
        """The type and the body of what is asked for; the same for each request of a case."""
        chance = random.Random(seed)
        if name == "pictures":
            return self._pictures(chance)
        files = self.lists[chance.choice(sorted(self.lists))]
        wrong = "list.m3u8" if chance.random() < 0.7 else chance.choice(sorted(files))
        body = files.get(name, b"")
        if name == wrong:
            body = mutate_text(body, chance) if name.endswith(".m3u8") else mutate(body, [body], chance)
        return "application/vnd.apple.mpegurl" if name.endswith(".m3u8") else "application/octet-stream", body

    def _pictures(self, chance):
        parts = []
        for _ in range(6):
            picture = chance.choice(self.pictures)
            head = b"\r\n".join([BOUNDARY, b"Content-Type: image/jpeg", b"Content-Length: %d" % len(picture), b"", b""])
            if chance.random() < 0.4:
                head = mutate_text(head, chance)
            parts += [head, mutate(picture, self.pictures, chance) if chance.random() < 0.2 else picture, b"\r\n"]
        kind = b"multipart/x-mixed-replace; boundary=" + chance.choice((BOUNDARY, BOUNDARY[2:], b'"frame"', b"", b"other"))
        if chance.random() < 0.3:
            kind = mutate_text(kind, chance)
        # Lines end a head: what follows would be another.
        return kind[:200].translate(None, b"\r\n").decode("latin-1"), b"".join(parts)

    @staticmethod
    def part(asked, size):
        """The first place and the one behind the last of `Range`."""
        if not asked.startswith("bytes="):
            return 0, size
        first, _, last = asked[6:].partition("-")
        return min(int(first or 0), size), min(int(last) + 1 if last.isdigit() else size, size)
