"""Bytes made wrong in the ways that readers of media stumble over."""

import re
import struct

# Numbers at the edges of what lengths, counts and sizes are kept in.
EDGES = [0, 1, 2, 7, 8, 15, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]
LONGEST = 1 << 20  # what a case may grow to


def mutate(data, others, chance):
    """`data` with one to a few things wrong. `others`: of the same kind, to splice with."""
    data = bytearray(data)
    for _ in range(1 if chance.random() < 0.5 else chance.randint(2, 6)):
        if not data:
            break
        chance.choice(WAYS)(data, others, chance)
    return bytes(data[:LONGEST])


def _place(data, chance):
    """More often in the head, where the structure is."""
    return chance.randrange(min(len(data), 512)) if chance.random() < 0.5 else chance.randrange(len(data))


def flip_bit(data, others, chance):
    data[_place(data, chance)] ^= 1 << chance.randrange(8)


def flip_many(data, others, chance):
    for _ in range(chance.randint(2, max(2, len(data) // 200))):
        data[chance.randrange(len(data))] = chance.randrange(256)


def set_byte(data, others, chance):
    data[_place(data, chance)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def set_number(data, others, chance):
    """Of two, four or eight bytes, of either order."""
    size = chance.choice((2, 4, 4, 8))
    place, value = _place(data, chance), chance.choice(EDGES)
    if chance.random() < 0.3:
        value = -value
    number = (value & (1 << 8 * size) - 1).to_bytes(size, chance.choice(("big", "little")))
    data[place:place + size] = number


def add_number(data, others, chance):
    """A length or a count that is off by little."""
    place = _place(data, chance) & ~3
    if place + 4 <= len(data):
        number = struct.unpack_from(">I", data, place)[0] + chance.choice((-16, -8, -4, -1, 1, 4, 8, 16))
        struct.pack_into(">I", data, place, number & 0xFFFFFFFF)


def cut_end(data, others, chance):
    del data[chance.randrange(len(data)):]


def cut_out(data, others, chance):
    place = chance.randrange(len(data))
    del data[place:place + 1 + int(len(data) * chance.random() ** 3)]


def repeat(data, others, chance):
    place = chance.randrange(len(data))
    part = data[place:place + chance.choice((1, 4, 16, 188, 1024, 8192))]
    times = chance.choice((1, 2, 16, 256))
    data[place:place] = (part * times)[:LONGEST // 4]


def move(data, others, chance):
    place, size = chance.randrange(len(data)), chance.choice((4, 8, 64, 188, 1024))
    part = data[place:place + size]
    del data[place:place + size]
    place = chance.randrange(len(data) + 1)
    data[place:place] = part


def splice(data, others, chance):
    """Goes on as another of its kind."""
    other = chance.choice(others)
    data[chance.randrange(len(data)):] = other[chance.randrange(len(other)):]


def mix(data, others, chance):
    """With a part of another of its kind."""
    other = chance.choice(others)
    place, size = chance.randrange(len(other)), chance.choice((4, 16, 128, 1024, 4096))
    target = chance.randrange(len(data))
    data[target:target + size] = other[place:place + size]


def rename(data, others, chance):
    """One name of four letters, as boxes and chunks have, in another's place."""
    names = [found.start() for found in re.finditer(rb"[A-Za-z0-9 ]{4}", bytes(data[:1 << 16]))]
    if names:
        a, b = chance.choice(names), chance.choice(names)
        data[a:a + 4] = data[b:b + 4]


def start_code(data, others, chance):
    """A unit of H.264 or H.265 of another kind, or one more."""
    codes = [found.end() for found in re.finditer(rb"\x00\x00\x01", bytes(data))]
    if codes and chance.random() < 0.7:
        data[chance.choice(codes) % len(data)] = chance.randrange(256)
    else:
        place = chance.randrange(len(data))
        data[place:place] = b"\x00\x00\x01" + bytes([chance.randrange(256)])


WAYS = [flip_bit, flip_bit, flip_many, set_byte, set_byte, set_number, set_number, add_number, cut_end, cut_out, repeat, move, splice,
        mix, rename, start_code]


def mutate_text(text, chance):
    """A head or a description with something wrong in its lines."""
    if chance.random() < 0.2:
        return mutate(text, [text], chance)
    end = b"\r\n" if b"\r\n" in text else b"\n"
    lines = text.split(end)
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(len(lines))
        line, way = lines[number], chance.randrange(8)
        if way == 0:
            del lines[number]
            if not lines:
                break
        elif way == 1:
            lines[number:number] = [line] * chance.choice((1, 2, 500))
        elif way == 2:  # a number
            value = str(chance.choice((*EDGES, -1, 1 << 63, 10**40, "0x10", "1e9", ""))).encode()
            lines[number] = re.sub(rb"\d+", lambda found: value if chance.random() < 0.5 else found[0], line)
        elif way == 3:
            lines[number] = line[:chance.randrange(len(line) + 1)]
        elif way == 4:
            lines[number] = line + chance.choice((b"A" * 5000, b"%s%n%d" * 20, b"\x00" * 9, b";" * 3000, b"=" * 90, "ä€𝄞".encode()))
        elif way == 5:
            lines[number] = line.replace(chance.choice((b"=", b":", b";", b"/", b" ", b",")), chance.choice((b"", b"==", b"\t", b"\x00")))
        elif way == 6:
            other = chance.randrange(len(lines))
            lines[number], lines[other] = lines[other], line
        else:
            lines[number] = mutate(line, [text], chance) if line else b"a=x"
    return end.join(lines)[:LONGEST]
