"""Sums made right again in bytes that were made wrong, so that what lies behind them is read.

PNG: CRC-32 of each chunk, and the pixels below their compression (Adler-32). MPEG-TS: CRC-32/MPEG-2 of the tables' sections.
"""

import struct
import zlib

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
TS_PACKET = 188


def _png_chunks(data):
    """(name, start of the content, its end) as far as the lengths hold."""
    place = len(PNG_HEAD)
    while place + 12 <= len(data):
        end = place + 8 + struct.unpack_from(">I", data, place)[0]
        if end + 4 > len(data):
            return
        yield bytes(data[place + 4:place + 8]), place + 8, end
        place = end + 4


def seal_png(data):
    data = bytearray(data)
    for _, start, end in _png_chunks(data):
        struct.pack_into(">I", data, end, zlib.crc32(data[start - 4:end]))
    return bytes(data)


def png_with_pixels(data, change):
    """The picture with its pixel data as `change` makes them of what they are, compressed anew; as it was where they cannot be read."""
    chunks = list(_png_chunks(data))
    packed = b"".join(data[start:end] for name, start, end in chunks if name == b"IDAT")
    try:
        pixels = zlib.decompress(packed)
    except zlib.error:
        return data
    made, placed = bytearray(PNG_HEAD), False
    for name, start, end in chunks:
        content = data[start:end]
        if name == b"IDAT":
            if placed:
                continue
            content, placed = zlib.compress(change(pixels)), True
        made += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return bytes(made)


def _mpeg_table():
    table = []
    for value in range(256):
        value <<= 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


MPEG_TABLE = _mpeg_table()


def mpeg_crc(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = (value << 8 ^ MPEG_TABLE[value >> 24 ^ byte]) & 0xFFFFFFFF
    return value


def seal_ts(data):
    """Of sections that lie in one packet, as those of few programmes do."""
    data = bytearray(data)
    for place in range(0, len(data) - TS_PACKET + 1, TS_PACKET):
        if data[place] != 0x47 or not data[place + 1] & 0x40:
            continue
        start = place + 4 + (1 + data[place + 4] if data[place + 3] & 0x20 else 0)
        end = place + TS_PACKET
        if start >= end or data[start:start + 3] == b"\x00\x00\x01":
            continue
        start += 1 + data[start]
        if start + 3 > end:
            continue
        last = start + 3 + (struct.unpack_from(">H", data, start + 1)[0] & 0xFFF)
        if last <= end and last - 4 >= start:
            struct.pack_into(">I", data, last - 4, mpeg_crc(data[start:last - 4]))
    return bytes(data)


SEALS = {"png": seal_png, "ts": seal_ts}
