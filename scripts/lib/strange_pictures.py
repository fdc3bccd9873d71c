"""Pictures of all forms and sizes, right and wrong ones, one after the other. Needs Pillow."""

import dataclasses
import io
import random
import struct
import zlib

from PIL import Image, ImageCms, ImageDraw

Image.MAX_IMAGE_PIXELS = None
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "BMP": "image/bmp", "TIFF": "image/tiff", "PPM": "image/x-portable-pixmap",
         "WEBP": "image/webp"}
SIZES = [(1, 1), (2, 3), (1, 300), (300, 1), (16, 16), (64, 48), (250, 250), (321, 241), (640, 480), (1279, 719), (1920, 1080)]


@dataclasses.dataclass(frozen=True)
class Picture:
    name: str
    type: str
    bytes: bytes
    is_good: bool  # any reader of pictures shows it


def drawn(size, mode="RGB", seed=0):
    """Some shapes on a slope of colours."""
    dice = random.Random(seed)
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        pen.ellipse((x, y, x + size[0] // 5, y + size[1] // 4), fill=tuple(dice.randrange(256) for _ in range(3)))
    return picture.convert(mode)


def saved(picture, form, **options):
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def deep_png(size, channels):
    """16 bits a sample, of which Pillow writes grey only."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    dice = random.Random(size[0])
    rows = b"".join(b"\0" + dice.randbytes(size[0] * channels * 2) for _ in range(size[1]))
    head = struct.pack(">IIBBBBB", *size, 16, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def plain():
    for form in TYPES:
        for number, size in enumerate(SIZES):
            yield Picture(f"{form} {size[0]}x{size[1]}", TYPES[form], saved(drawn(size, seed=number), form), True)


def kinds():
    """Other pixels, colours, orders of rows and ways of packing."""
    size, profile = (320, 200), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form, modes in {"JPEG": "L RGB CMYK YCbCr", "PNG": "1 L LA P RGB RGBA I;16", "BMP": "1 L P RGB RGBA",
                        "TIFF": "1 L LA P RGB RGBA CMYK YCbCr LAB I;16 F", "PPM": "L RGB", "WEBP": "RGB RGBA"}.items():
        for mode in modes.split():
            picture = Image.new("I;16", size, 30_000) if mode == "I;16" else drawn(size, mode)
            yield Picture(f"{form} {mode}", TYPES[form], saved(picture, form), mode not in ("LAB", "F", "YCbCr", "CMYK", "I;16", "LA"))
    for channels in (1, 3, 4):
        yield Picture(f"PNG of 16 bits, {channels} channels", "image/png", deep_png((200, 120), channels), True)
    for form in ("JPEG", "PNG", "TIFF", "WEBP"):
        yield Picture(f"{form} with a profile", TYPES[form], saved(drawn(size), form, icc_profile=profile), True)
    yield Picture("JPEG with half a profile", "image/jpeg", saved(drawn(size), "JPEG", icc_profile=profile[:100]), True)
    for name, options in {"progressive": {"progressive": True}, "4:4:4": {"subsampling": 0}, "4:2:2": {"subsampling": 1},
                          "of bad quality": {"quality": 1}, "of quality 100": {"quality": 100}}.items():
        yield Picture(f"JPEG {name}", "image/jpeg", saved(drawn(size), "JPEG", **options), True)
    for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4"):
        picture = drawn(size, "1" if packing == "group4" else "RGB")
        yield Picture(f"TIFF {packing}", "image/tiff", saved(picture, "TIFF", compression=packing), packing not in ("jpeg", "group4"))
    for turn in range(0, 10):
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = turn, "maker" * 40
        for form in ("JPEG", "PNG", "TIFF", "WEBP"):
            yield Picture(f"{form} turned {turn}", TYPES[form], saved(drawn(size), form, exif=exif), True)
    frames = [drawn((120, 90), seed=number) for number in range(4)]
    for form in ("PNG", "WEBP", "TIFF", "GIF"):
        yield Picture(f"{form} animated", TYPES.get(form, "image/png"),
                      saved(frames[0], form, save_all=True, append_images=frames[1:]), form in ("PNG", "TIFF"))


def large():
    for width, height in ((4096, 4096), (5000, 4000), (33_000, 900), (700, 40_000)):
        yield Picture(f"JPEG {width}x{height}", "image/jpeg", saved(drawn((width, height)), "JPEG"), True)
    # More pixels than anybody looks at: 100 megapixels.
    for form in ("JPEG", "PNG"):
        yield Picture(f"{form} 10000x10000", TYPES[form], saved(Image.new("L", (10_000, 10_000), 90), form), False)
    head = b"P6 10000 10000 255\n"
    yield Picture("PPM 10000x10000 without pixels", TYPES["PPM"], head + bytes(1000), False)
    yield Picture("BMP that says it is endless", TYPES["BMP"], saved(drawn((20, 20)), "BMP")[:18] + struct.pack("<ii", 2**31 - 1, 2**31 - 1), False)


def wrong(seed):
    """Cut off, mislabelled, garbled, and what is no picture."""
    dice = random.Random(seed)
    for form in TYPES:
        whole = saved(drawn((300, 200)), form)
        for share in (0, 0.01, 0.1, 0.5, 0.9, 0.99):
            yield Picture(f"{form} cut at {share:.0%}", TYPES[form], whole[:int(len(whole) * share)], False)
        for other in TYPES.values():
            if other != TYPES[form]:
                yield Picture(f"{form} called {other}", other, whole, True)
    for name, data in {"text": b"no picture", "zeros": bytes(5000), "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                       "random": dice.randbytes(20_000), "a JPEG of its first bytes": b"\xff\xd8\xff" * 40}.items():
        yield Picture(name, dice.choice(list(TYPES.values())), data, False)
    while True:
        form = dice.choice(list(TYPES))
        data = bytearray(saved(drawn((200, 150), seed=dice.randrange(100)), form))
        for _ in range(dice.choice((1, 2, 5, 40))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        yield Picture(f"{form} garbled", TYPES[form], bytes(data), False)


def pictures(count, seed=1):
    """So many of them, of each kind some."""
    sources = [plain(), kinds(), large(), wrong(seed)]
    if count < 200:  # a taste: what takes long is left out
        sources = [plain(), kinds(), wrong(seed)]
    dice, found = random.Random(seed), []
    while len(found) < count:
        source = sources[dice.randrange(len(sources))]
        picture = next(source, None)
        if picture is None:
            sources.remove(source)
        else:
            found.append(picture)
    return found
