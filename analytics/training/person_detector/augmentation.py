"""Makes pictures look as cameras see: other scales and places, weather and lamps of video, and what stands in the way.

All functions take a `numpy.random.Generator`, so a sample is repeated by its seed.
"""
import cv2
import numpy
from numpy.random import Generator

from .pictures import UNKNOWN, Pictures

MOSAIC = 0.5  # share of samples made of four pictures
CLOSE_UP = 0.3  # share of single pictures that are enlarged until somebody fills most of the view
GREY = (114, 114, 114)


def sample(pictures: Pictures, index: int, width: int, height: int, random: Generator, mosaic: float = MOSAIC):
    """One training picture `[height, width, 3]` with boxes `[n, 4]` and kinds `[n]`, of which picture `index` is a part."""
    canvas = numpy.empty((height, width, 3), numpy.uint8)
    if random.random() < mosaic:
        x, y = int(width * random.uniform(0.35, 0.65)), int(height * random.uniform(0.35, 0.65))
        tiles = [(0, 0, x, y), (x, 0, width - x, y), (0, y, x, height - y), (x, y, width - x, height - y)]
        members = [index, *random.integers(len(pictures), size=3)]
    else:
        tiles, members = [(0, 0, width, height)], [index]
    parts = [place(pictures, int(i), canvas, tile, random, len(tiles) == 1) for i, tile in zip(members, tiles)]
    boxes, kinds = (numpy.concatenate(values) for values in zip(*parts))
    if random.random() < 0.25:
        boxes, kinds = obstruct(canvas, boxes, kinds, random)
    return as_seen_by_a_camera(canvas, random), boxes, kinds


def place(pictures: Pictures, index: int, canvas: numpy.ndarray, tile: tuple[int, int, int, int], random: Generator, alone: bool):
    """Draws a picture into a tile (x, y, width, height) at a random scale, shape and offset; the boxes that stay in sight."""
    image, boxes, kinds = pictures.picture(index), pictures.boxes[index], pictures.kinds[index]
    left, top, width, height = tile
    h, w = image.shape[:2]
    fit = min(width / w, height / h) if random.random() < 0.5 else max(width / w, height / h)
    scale = fit * numpy.exp(random.uniform(numpy.log(0.4), numpy.log(1.9)))
    if alone and len(boxes) and random.random() < CLOSE_UP:
        tallest = (boxes[:, 3] - boxes[:, 1]).max()
        scale = min(random.uniform(0.5, 1.2) * height / tallest, 4 * fit)
    # Square pictures were squeezed by their sources, most of them from wide ones: more are drawn wider than taller.
    squeezed = random.uniform(-0.1, 0.5) / 2 if abs(w - h) < 4 else 0
    stretch = numpy.exp(random.uniform(-0.12, 0.12) + squeezed)
    sx, sy = scale * stretch, scale / stretch
    room = (width - w * sx, height - h * sy)
    shift = [random.uniform(min(0, room[0]), max(0, room[0])), random.uniform(min(0, room[1]), max(0, room[1]))]
    if len(boxes) and random.random() < 0.7:  # rather a view with somebody in it
        box = boxes[random.integers(len(boxes))]
        middle = ((box[0] + box[2]) / 2 * sx, (box[1] + box[3]) / 2 * sy)
        for axis, side in enumerate((width, height)):
            wanted = random.uniform(0.1, 0.9) * side - middle[axis]
            shift[axis] = min(max(wanted, min(0, room[axis])), max(0, room[axis]))
    flip = random.random() < 0.5
    matrix = numpy.array([[-sx if flip else sx, 0, width - shift[0] if flip else shift[0]], [0, sy, shift[1]]], numpy.float32)
    shrink = 1
    while min(sx, sy) * shrink < 0.6:  # warping skips pixels where a camera would average them
        shrink *= 2
    if shrink > 1:
        image = cv2.resize(image[: h // shrink * shrink, : w // shrink * shrink], (w // shrink, h // shrink), interpolation=cv2.INTER_AREA)
        matrix[:, :2] *= shrink
    view = canvas[top : top + height, left : left + width]
    view[:] = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=GREY)

    moved = boxes * (sx, sy, sx, sy) + (shift[0], shift[1], shift[0], shift[1])
    if flip:
        moved[:, [0, 2]] = width - moved[:, [2, 0]]
    clipped = moved.clip(0, (width, height, width, height))
    share = area(clipped) / numpy.maximum(area(moved), 1e-6)
    sides = clipped[:, 2:] - clipped[:, :2]
    seen = (share > 0) & (sides[:, 0] > 2) & (sides[:, 1] > 3)
    # A sliver of a person, or one of a few pixels, is neither a person to learn nor background.
    kinds = numpy.where((share < 0.3) | (sides[:, 1] < 7) | (sides[:, 0] < 3), UNKNOWN, kinds)
    return (clipped[seen] + (left, top, left, top)).astype(numpy.float32), kinds[seen].astype(numpy.int8)


def area(boxes: numpy.ndarray) -> numpy.ndarray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def obstruct(canvas: numpy.ndarray, boxes: numpy.ndarray, kinds: numpy.ndarray, random: Generator):
    """Puts things before people: desks, posts and walls made of the picture's own texture. Boxes stay whole, as labels are."""
    height, width = canvas.shape[:2]
    for _ in range(random.integers(1, 4)):
        w, h = (int(side * random.uniform(0.04, 0.3)) + 1 for side in (width, height))
        if len(boxes) and random.random() < 0.7:
            box = boxes[random.integers(len(boxes))]
            w = min(w, int(1.4 * (box[2] - box[0])) + 1)
            h = min(h, int(0.5 * (box[3] - box[1])) + 1)
            x = int(random.uniform(box[0] - w / 2, box[2] - w / 2))
            y = int(random.uniform((box[1] + box[3]) / 2, box[3]) - h / 4)  # legs are hidden more often than heads
        else:
            x, y = int(random.uniform(0, width)), int(random.uniform(0, height))
        x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
        w, h = min(w, width - x), min(h, height - y)
        if random.random() < 0.5:
            patch = random.integers(0, 256, 3, numpy.uint8)
        else:
            fx, fy = random.integers(width - w + 1), random.integers(height - h + 1)
            patch = canvas[fy : fy + h, fx : fx + w].copy()
            if len(boxes) and covered(numpy.array([fx, fy, fx + w, fy + h]), boxes).any():
                continue  # not a wall made of somebody
        canvas[y : y + h, x : x + w] = patch
        if len(boxes):
            kinds = numpy.where(covered(numpy.array([x, y, x + w, y + h]), boxes) > 0.65, UNKNOWN, kinds).astype(numpy.int8)
    return boxes, kinds


def covered(cover: numpy.ndarray, boxes: numpy.ndarray) -> numpy.ndarray:
    """How much of each box `[n, 4]` lies under `cover` `[4]`, 0…1."""
    sides = numpy.minimum(boxes[:, 2:], cover[2:]) - numpy.maximum(boxes[:, :2], cover[:2])
    return sides.clip(0).prod(1) / numpy.maximum(area(boxes), 1e-6)


def as_seen_by_a_camera(image: numpy.ndarray, random: Generator) -> numpy.ndarray:
    """Exposure, colour, night, infra-red, blur, noise and compression, each on some of the pictures."""
    levels = numpy.arange(256, dtype=numpy.float32)[:, None]
    mood = random.random()
    if mood < 0.10:  # night: dark, noisy, tinted by its lamps
        gain = random.uniform(0.25, 0.6) * random.uniform(0.75, 1.2, 3)
        curve = 255 * (levels / 255) ** random.uniform(1.0, 1.5) * gain + random.uniform(0, 12)
    elif mood < 0.85:  # exposure and white balance
        curve = levels * random.uniform(0.7, 1.3) * random.uniform(0.9, 1.1, 3) + random.uniform(-25, 25)
        if random.random() < 0.3:
            curve = 255 * (curve.clip(0, 255) / 255) ** random.uniform(0.7, 1.4)
    else:
        curve = numpy.repeat(levels, 3, 1)
    image = cv2.LUT(image, curve.clip(0, 255).astype(numpy.uint8).reshape(1, 256, 3))
    tone = random.random()
    if tone < 0.16:
        # A grey weighting of its own each time; infra-red makes many dyes bright and lights the middle of the view.
        weights = random.dirichlet((2, 4, 3))
        grey = (image @ weights.astype(numpy.float32)).clip(0, 255)
        if tone < 0.07:
            grey = lit_from_the_camera(grey, random)
        image = cv2.cvtColor(grey.astype(numpy.uint8), cv2.COLOR_GRAY2BGR)
    softness = random.random()
    if softness < 0.10:
        image = cv2.blur(image, (3, 3))
    elif softness < 0.16:
        image = moved_while_exposed(image, random)
    elif softness < 0.28:  # a small picture enlarged, as sub-streams are
        height, width = image.shape[:2]
        factor = random.uniform(0.4, 0.8)
        small = cv2.resize(image, (int(width * factor), int(height * factor)), interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if random.random() < (0.6 if mood < 0.10 else 0.12):
        deviation = random.uniform(3, 14)
        noise = numpy.empty(image.shape, numpy.int16)
        cv2.setRNGSeed(int(random.integers(2**31)))
        cv2.randn(noise, 0, deviation)
        image = cv2.add(image, noise, dtype=cv2.CV_8U)
    if random.random() < 0.22:
        quality = int(random.integers(15, 60))
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return image


def lit_from_the_camera(grey: numpy.ndarray, random: Generator) -> numpy.ndarray:
    """Infra-red light falls off towards the edges of the view and flattens contrast."""
    height, width = grey.shape
    y, x = numpy.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 1 - random.uniform(0.2, 0.7) * ((x - random.uniform(-0.3, 0.3)) ** 2 + (y - random.uniform(-0.3, 0.3)) ** 2) / 2
    return ((grey * random.uniform(0.5, 0.9) + random.uniform(20, 80)) * light).clip(0, 255).astype(numpy.float32)


def moved_while_exposed(image: numpy.ndarray, random: Generator) -> numpy.ndarray:
    length = int(random.integers(3, 8))
    kernel = numpy.zeros((length, length), numpy.float32)
    end = (int(random.integers(length)), int(random.integers(length)))
    cv2.line(kernel, (length - 1 - end[0], length - 1 - end[1]), end, 1)
    return cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1))
