"""Pictures of a video file as RTP carries them.

Sources: ITU-T H.264 and H.265 annex B; RFC 3550 §5.1, §6.4.1; RFC 6184 §5.6, §5.8; RFC 7798 §4.4.
"""

import base64
import dataclasses
import json
import re
import struct
import subprocess

TICKS = 90_000  # of a label, per second
PAYLOAD_LIMIT = 1400
SECONDS_BEFORE_1970 = 2_208_988_800  # from 1900, where NTP begins


@dataclasses.dataclass
class Picture:
    units: list  # NAL units without start codes, in order of decoding
    is_key: bool
    sent: float  # when it leaves and when it is shown, in seconds from the film's beginning
    shown: float
    payloads: list | None = None  # once somebody was sent them


class Film:
    """A file with H.264 or H.265, read by ffmpeg and not encoded again."""

    def __init__(self, path):
        probe = subprocess.run(
            ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=codec_name:packet=pts_time,dts_time",
             "-of", "json", path], check=True, capture_output=True)
        probe = json.loads(probe.stdout)
        self.codec = probe["streams"][0]["codec_name"]  # h264 or hevc
        form = ["-bsf:v", f"{self.codec}_mp4toannexb", "-f", self.codec, "pipe:1"]
        raw = subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-c", "copy", *form], check=True, capture_output=True).stdout
        times = [(float(p["dts_time"]), float(p["pts_time"])) for p in probe["packets"] if "pts_time" in p and "dts_time" in p]
        pictures = list(self._pictures(raw))
        if not times or len(times) != len(pictures):
            raise ValueError(f"{path}: {len(times)} packets, {len(pictures)} pictures")
        origin = times[0][0]
        self.pictures = [Picture(units, is_key, dts - origin, pts - origin) for (units, is_key), (dts, pts) in zip(pictures, times)]
        self.parameters = {}
        for picture in self.pictures:
            for unit in picture.units:
                if self.kind(unit) in self.parameter_kinds:
                    self.parameters.setdefault(self.kind(unit), unit)
        self.interval = self.pictures[-1].sent / (len(times) - 1)
        self.length = self.pictures[-1].sent + self.interval

    @property
    def parameter_kinds(self):
        return (7, 8) if self.codec == "h264" else (32, 33, 34)

    def kind(self, unit):
        return unit[0] & 31 if self.codec == "h264" else unit[0] >> 1 & 63

    def _pictures(self, raw):
        """Access units; what stands before the first slice of a picture belongs to it."""
        head, picture, is_key = [], [], False
        for unit in re.split(rb"\x00\x00\x01", raw)[1:]:
            unit = unit.rstrip(b"\x00")
            if not unit:
                continue
            kind = self.kind(unit)
            is_slice = kind in (1, 5) if self.codec == "h264" else kind < 32
            if not is_slice:
                head.append(unit)
                continue
            if unit[1 if self.codec == "h264" else 2] & 0x80 and picture:
                yield picture, is_key
                picture, is_key = [], False
            is_key = is_key or (kind == 5 if self.codec == "h264" else 16 <= kind <= 21)
            picture += [*head, unit]
            head = []
        if picture:
            yield picture, is_key

    def description(self, with_parameters=True):
        """The lines of a session description that tell of the track."""
        sets = [base64.b64encode(self.parameters[kind]).decode() for kind in self.parameter_kinds]
        if self.codec == "h264":
            fields = ["packetization-mode=1", f"profile-level-id={self.parameters[7][1:4].hex()}"]
            fields += ["sprop-parameter-sets=" + ",".join(sets)] if with_parameters else []
            return ["a=rtpmap:96 H264/90000", "a=fmtp:96 " + ";".join(fields)]
        fields = [f"sprop-{name}={one}" for name, one in zip(("vps", "sps", "pps"), sets)]
        return ["a=rtpmap:96 H265/90000", *(["a=fmtp:96 " + ";".join(fields)] if with_parameters else [])]

    def payloads(self, picture):
        """What the packets of a picture carry; larger units in fragments."""
        size = 1 if self.codec == "h264" else 2  # of a unit's head
        for unit in picture.units:
            if len(unit) <= PAYLOAD_LIMIT:
                yield unit
                continue
            kind = self.kind(unit)
            indicator = bytes([unit[0] & 0xE0 | 28]) if size == 1 else bytes([unit[0] & 0x81 | 49 << 1, unit[1]])
            for start in range(size, len(unit), PAYLOAD_LIMIT):
                marks = (0x80 if start == size else 0) | (0x40 if start + PAYLOAD_LIMIT >= len(unit) else 0)
                yield indicator + bytes([marks | kind]) + unit[start:start + PAYLOAD_LIMIT]


class Packetizer:
    """Numbers the packets of one stream of pictures."""

    def __init__(self, sequence, source):
        self.sequence, self.source = sequence & 0xFFFF, source
        self.packets = self.octets = 0

    def packets_of(self, film, picture, label):
        if picture.payloads is None:
            picture.payloads = list(film.payloads(picture))
        result = []
        for number, payload in enumerate(picture.payloads):
            mark = 0x80 if number == len(picture.payloads) - 1 else 0
            result.append(struct.pack("!BBHII", 0x80, mark | 96, self.sequence, label & 0xFFFFFFFF, self.source) + payload)
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.packets += 1
            self.octets += len(payload)
        return result

    def report(self, label, moment):
        """A sender report: the picture of the label was taken at that moment, in seconds from 1970."""
        whole = int(moment)
        return struct.pack(
            "!BBHIIIIII", 0x80, 200, 6, self.source, whole + SECONDS_BEFORE_1970 & 0xFFFFFFFF, int((moment - whole) * 2**32),
            label & 0xFFFFFFFF, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF)


def encode(target, source, *, seconds, size="320x240", rate=10, codec="libx264", options=()):
    """Makes a film as cameras do: pictures refer to earlier ones alone, a key frame every two seconds.

    Without a source it shows a test picture.
    """
    picture = ["-stream_loop", "-1", "-i", source] if source else ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}"]
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *picture, "-t", str(seconds), "-an", "-vf", f"scale={size.replace('x', ':')}", "-r",
         str(rate), "-c:v", codec, "-preset", "ultrafast", "-bf", "0", "-g", str(2 * rate), "-pix_fmt", "yuv420p",
         *(["-x265-params", "log-level=none:bframes=0"] if codec == "libx265" else []), *options, target], check=True)
    return target
