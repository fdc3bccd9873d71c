"""Pictures, videos and archives that mean ill."""

import functools
import io
import random
import struct
import subprocess
import zipfile
import zlib


BOMB = 1 << 29  # bytes that a bomb becomes


# MARK: Pictures

def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows=None, extra=b"", kind=0, bits=8):
    """Grey, and as large as it says unless other rows are given, which may be packed."""
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    if rows is None:
        packer = zlib.compressobj(6)
        row = b"\0" + bytes([127]) * width
        rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + extra + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


@functools.cache
def packed_zeros(count):
    """Some 1000 times smaller."""
    packer, part, result = zlib.compressobj(6), bytes(1 << 20), b""
    for _ in range(count >> 20):
        result += packer.compress(part)
    return result + packer.flush()


def bmp(width, height, bits=24, data=b"\x7f" * 4096):
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + head + data


def tiff(width, height, strips=1, loops=False):
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, strips, 8),
            (277, 3, 1, 1), (278, 4, 1, height), (279, 4, strips, 4096)]
    folder = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<I", 8) + folder + struct.pack("<I", 8 if loops else 0) + b"\x7f" * 4096


def gif(width, height):
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0" + struct.pack("<HH", width,
        height) + b"\0\2\2D\1\0;"


def webp(width, height):
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def resized(jpeg, width, height):
    """A JPEG that says that it is of another size."""
    for mark in (b"\xff\xc0", b"\xff\xc2"):
        place = jpeg.find(mark)
        if place > 0:
            return jpeg[:place + 5] + struct.pack(">HH", height, width) + jpeg[place + 9:]
    raise ValueError("it is no JPEG")


def with_exif(jpeg, exif):
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + jpeg[2:]


def exifs(dice):
    """What describes a picture, and wrongly."""
    def folder(entries, following=0):
        return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + struct.pack("<I", following)
    head = b"II*\0\x08\0\0\0"
    yield "a folder that is its own next", head + folder([(0x0112, 3, 1, 6)], 8)
    yield "a folder that holds itself", head + folder([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)])
    yield "values far outside", head + folder([(0x010F, 2, 0xFFFFFFFF, 0xFFFFFFF0), (0x0110, 5, 0x20000000, 16)])
    yield "65535 entries", head + struct.pack("<H", 65535) + bytes(64)
    yield "an orientation of 65535", head + folder([(0x0112, 3, 1, 65535)])
    yield "orientations of all types", head + folder([(0x0112, kind, 1, 8) for kind in range(0, 20)])
    yield "nothing", b""
    yield "half a head", b"II*"
    for number in range(6):
        yield f"chance {number}", head + bytes(dice.randrange(256) for _ in range(dice.randrange(20, 400)))


def pictures(jpeg, dice):
    """Name, bytes, and whether any reader shows it."""
    yield "1x1", png(1, 1), True
    yield "PNG of 100,000,000 x 1 without rows", png(100_000_000, 1, zlib.compress(b"")), False
    yield "PNG of 2^31 - 1 squared", png(2**31 - 1, 2**31 - 1, zlib.compress(bytes(100))), False
    yield "PNG of 2^32 - 1 squared", png(2**32 - 1, 2**32 - 1, zlib.compress(bytes(100))), False
    yield "PNG of 0x0", png(0, 0, zlib.compress(b"")), False
    yield "PNG of 10001 squared", png(10001, 10001), False
    yield "PNG of 16 bits and 10001 squared", png(10001, 10001, zlib.compress(bytes(100)), kind=2, bits=16), False
    yield "PNG whose rows are a bomb", png(8, 8, packed_zeros(BOMB)), None
    for name, kind, body in (("text", b"zTXt", b"a\0\0"), ("profile", b"iCCP", b"a\0\0"), ("tongue", b"iTXt", b"a\0\1\0\0\0")):
        yield f"PNG whose {name} is a bomb", png(8, 8, extra=png_chunk(kind, body + packed_zeros(BOMB))), None
    yield "PNG with 20,000 chunks", png(8, 8, extra=png_chunk(b"tEXt", b"a\0b") * 20_000), None
    yield "PNG that lies about its chunk", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR" + bytes(100), False
    yield "BMP of 2^31 - 1 squared", bmp(2**31 - 1, 2**31 - 1), False
    yield "BMP of negative width", bmp(-5, -5), False
    yield "BMP of 64 bits", bmp(64, 64, 64), None
    yield "TIFF of 2^32 - 1 squared", tiff(2**32 - 1, 2**32 - 1), False
    yield "TIFF with a billion strips", tiff(64, 64, strips=1_000_000_000), False
    yield "TIFF that begins again", tiff(16, 16, loops=True), None
    yield "GIF of 65535 squared", gif(65535, 65535), False
    yield "WebP of 2^24 squared", webp(1 << 24, 1 << 24), False
    yield "JPEG of 65535 squared", resized(jpeg, 65535, 65535), False
    yield "JPEG of 0x0", resized(jpeg, 0, 0), False
    yield "JPEG of 9999x9999 with little in it", resized(jpeg, 9999, 9999), None
    yield "two bytes of a JPEG", jpeg[:2], False
    yield "JPEG, then a ZIP", jpeg + zipped({"a.jpg": jpeg}), True
    yield "JPEG, then HTML", jpeg + b"<script>alert(1)</script>", True
    yield "HTML with a picture's signature", b"\xff\xd8\xff<html><script>alert(1)</script>", False
    yield "GIF that is a script", b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", False
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', False
    yield "PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file", False
    yield "ImageMagick's own", b"push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'https://127.0.0.1/x'\npop graphic-context", False
    yield "a playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", False
    yield "a list of files", b"ffconcat version 1.0\nfile /etc/passwd\n", False
    for number in range(8):
        cut = dice.randrange(10, len(jpeg) // 2)
        yield f"JPEG cut at {cut}", jpeg[:cut], False
    for number in range(8):
        yield f"chance {number}", bytes(dice.randrange(256) for _ in range(dice.randrange(1, 3000))), False
    for number in range(8):
        yield f"JPEG with wrong bytes {number}", mutated(jpeg, dice), None
    for name, exif in exifs(dice):
        yield f"EXIF: {name}", with_exif(jpeg, exif), True


def mutated(content, dice, count=20):
    content = bytearray(content)
    for _ in range(count):
        content[dice.randrange(4, len(content))] = dice.randrange(256)
    return bytes(content)


# MARK: Archives

def zipped(files, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def archives(jpeg, mark, dice):
    """Name and bytes. `mark` is in the name of whatever must not come about."""
    yield "nothing", zipped({})
    yield "a way out", zipped({f"../../../../{mark}.jpg": jpeg, f"..\\..\\{mark}.jpg": jpeg})
    yield "absolute", zipped({f"/tmp/{mark}.jpg": jpeg, f"C:\\{mark}.jpg": jpeg})
    yield "a way out with a good file", zipped({"a/../../../" + mark + ".jpg": jpeg, "good.jpg": jpeg})
    yield "names that are none", zipped({".": jpeg, "..": jpeg, "/": jpeg, "a\nb.jpg": jpeg, "\u202egpj.jpg": jpeg, "CON.jpg": jpeg})
    yield "long names", zipped({("a" * 60_000) + ".jpg": jpeg})
    yield "a name with NUL", zipped({"aXb.jpg": jpeg}).replace(b"aXb.jpg", b"a\0b.jpg")
    link = zipfile.ZipInfo("link.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    yield "a link", zipped({link: "/etc/passwd"})
    device = zipfile.ZipInfo("device.jpg")
    device.create_system, device.external_attr = 3, 0o020666 << 16
    yield "a device", zipped({device: b""})
    inner = zipped({"a.jpg": jpeg})
    for _ in range(5):
        inner = zipped({"a.zip": inner})
    yield "archives in archives", inner
    yield "an archive beside a picture", zipped({"a.zip": zipped({"b.jpg": jpeg}), "b.jpg": jpeg})
    bomb = zipped({"a.jpg": bytes(256 << 20)})
    yield "a bomb of 256 MiB", bomb
    yield "a bomb with a picture's signature", zipped({"a.png": b"\x89PNG\r\n\x1a\n" + bytes(64 << 20)})
    yield "many bombs", zipped({f"{number}.jpg": bytes(16 << 20) for number in range(16)})
    yield "20,000 files", zipped({f"{number}.jpg": b"x" for number in range(20_000)}, zipfile.ZIP_STORED)
    yield "no pictures", zipped({"a.txt": b"hello", "b.exe": b"MZ"})
    yield "folders and dot files", zipped({"__MACOSX/a.jpg": jpeg, ".hidden.jpg": jpeg, "folder/a.jpg": jpeg, "folder/": b""})
    yield "half of it", zipped({"a.jpg": jpeg})[:len(jpeg) // 2]
    yield "without its end", zipped({"a.jpg": jpeg})[:-22]
    yield "only its end", zipped({})
    good = zipped({"a.jpg": jpeg, "b.jpg": jpeg})
    yield "sizes that lie", good.replace(struct.pack("<I", len(jpeg)), struct.pack("<I", 0xFFFFFFFE))
    yield "sizes that lie low", good.replace(struct.pack("<I", len(jpeg)), struct.pack("<I", 1))
    yield "entries that overlap", overlapping(jpeg)
    yield "encrypted", flagged(zipped({"a.jpg": jpeg}), 1)
    yield "of a strange method", zipped({"a.jpg": jpeg}, zipfile.ZIP_LZMA)
    yield "a count that lies", good[:-14] + struct.pack("<HH", 65535, 65535) + good[-10:]
    yield "64-bit sizes", b"PK\3\4" + struct.pack("<HHHHHIIIHH", 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 5, 20) + b"a.jpg" + struct.pack("<HHQQ",
        1, 16, 2**63, 2**63)
    yield "RAR", b"Rar!\x1a\x07\x01\0" + bytes(dice.randrange(256) for _ in range(300))
    yield "7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(dice.randrange(256) for _ in range(300))
    for number in range(6):
        yield f"wrong bytes {number}", mutated(good, dice)


def overlapping(content):
    """Two names of one entry, as bombs are made of."""
    good = zipped({"a.jpg": content})
    end = good.rindex(b"PK\5\6")
    start = struct.unpack("<I", good[end + 16:end + 20])[0]
    entry = good[start:end]
    return good[:start] + entry * 1000 + good[end:end + 8] + struct.pack("<HHI", 1000, 1000, len(entry) * 1000) + good[end + 16:]


def flagged(archive, flag):
    archive = bytearray(archive)
    archive[6] |= flag
    archive[archive.rindex(b"PK\1\2") + 8] |= flag
    return bytes(archive)


# MARK: Videos

def film(folder, name="film.mp4", *more, size="320x240", seconds=2):
    path = folder / name
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d={seconds}", *more, "-y", path]
    subprocess.run(list(map(str, command)), check=True)
    return path.read_bytes()


def videos(folder, dice):
    """Name, bytes, whether it can be read, and with which ending."""
    good = film(folder, "film.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    tail = film(folder, "tail.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p")
    stream = film(folder, "film.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p")
    other = film(folder, "other.ts", "-c:v", "libx264", "-pix_fmt", "yuv420p", size="160x90")
    yield "one that ends in the middle", good[:len(good) * 2 // 3], None, "mp4"
    yield "one without its index", tail[:len(tail) * 2 // 3], False, "mp4"
    for name, seconds in (("2^32 - 1", 0xFFFFFFFF), ("0", 0)):
        for box in (b"mvhd", b"mdhd"):
            place = good.index(box) + 4
            yield f"one whose {box.decode()} says {name}", good[:place + 16] + struct.pack(">I", seconds) + good[place + 20:], None, "mp4"
    place = good.index(b"mdhd") + 4
    yield "one of a scale of 0", good[:place + 12] + bytes(4) + good[place + 16:], None, "mp4"
    yield "one of a scale of 1", good[:place + 12] + struct.pack(">I", 1) + good[place + 16:], None, "mp4"
    place = good.index(b"stsz") + 12
    yield "one with 2^32 - 1 frames", good[:place] + b"\xff\xff\xff\xff" + good[place + 4:], None, "mp4"
    place = good.index(b"stts") + 8
    yield "one whose frames last for ever", good[:place + 8] + b"\x7f\xff\xff\xff" + good[place + 12:], None, "mp4"
    place = good.index(b"tkhd") + 4
    yield "one that is 65535x65535 by its track", good[:place + 76] + b"\xff\xff\0\0\xff\xff\0\0" + good[place + 84:], None, "mp4"
    yield "one that changes its size", stream + other + stream, None, "ts"
    yield "one of 2x2", film(folder, "small.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", size="2x2", seconds=1), None, "mp4"
    yield "one of 3x5", film(folder, "odd.mp4", "-c:v", "mpeg4", size="3x5", seconds=1), None, "mp4"
    yield "sound alone", sound(folder), False, "mp4"
    yield "a picture that is called a video", png(64, 64), None, "mp4"
    yield "a box in itself", (struct.pack(">I", 8) + b"moov") * 1000, False, "mp4"
    yield "boxes without an end", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\1mdat" + b"\xff" * 8 + bytes(4000), False, "mp4"
    yield "Matroska, deep", b"\x1aE\xdf\xa3" + b"\x18S\x80g\x01\xff\xff\xff\xff\xff\xff\xff" * 500, False, "mkv"
    yield "a playlist of itself", b"#EXTM3U\n#EXTINF:9,\n/proc/self/environ\n", False, "mp4"
    yield "chance", bytes(dice.randrange(256) for _ in range(5000)), False, "avi"
    for number in range(8):
        yield f"wrong bytes {number}", mutated(good, dice, 40), None, "mp4"
        yield f"a stream with wrong bytes {number}", mutated(stream, dice, 60), None, "ts"


def sound(folder):
    path = folder / "sound.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-y", str(path)], check=True)
    return path.read_bytes()
