"""Faces that are drawn, so that the tests need no picture of anybody: the detector finds them as it finds those of people."""

import base64

SIDE = 320


def darker(color, share):
    return "#" + "".join(f"{int(int(color[at:at + 2], 16) * share):02x}" for at in (1, 3, 5))


def face(skin, hair, lips, wide=0, long=0, gap=0, smile=0):
    """A face from the front as SVG of `SIDE` pixels. Its width, length and the distance of its eyes are changed by so many pixels."""
    centre = SIDE // 2
    parts = [
        f'<rect width="{SIDE}" height="{SIDE}" fill="#96a0aa"/>',
        f'<ellipse cx="{centre}" cy="{130 + long / 2}" rx="{76 + wide}" ry="{92 + long / 2}" fill="{hair}"/>',
        f'<rect x="{centre - 32}" y="200" width="64" height="90" fill="{darker(skin, 0.82)}"/>',
        f'<ellipse cx="{centre}" cy="345" rx="125" ry="75" fill="#3c466e"/>',
        f'<ellipse cx="{centre}" cy="{152 + long / 2}" rx="{60 + wide}" ry="{88 + long / 2}" fill="url(#skin)"/>',
    ]
    for side in (-1, 1):
        x = centre + side * (27 + gap)
        parts += [
            f'<ellipse cx="{x}" cy="141" rx="19" ry="12" fill="{darker(skin, 0.86)}"/>',
            f'<ellipse cx="{x}" cy="141" rx="13" ry="6.5" fill="#f4f2ee"/><circle cx="{x}" cy="141" r="6" fill="#46301e"/>',
            f'<circle cx="{x}" cy="141" r="3" fill="#0a0a0a"/><circle cx="{x + 2}" cy="139" r="1.2" fill="#fff"/>',
            f'<path d="M{x - 14} 139 Q{x} 128 {x + 14} 139" stroke="#3a281e" stroke-width="2.5" fill="none"/>',
            f'<path d="M{x - 17} 125 Q{x} 114 {x + 17} 124" stroke="{hair}" stroke-width="6" fill="none" stroke-linecap="round"/>',
            f'<ellipse cx="{centre + side * 9}" cy="182" rx="4.5" ry="2.6" fill="{darker(skin, 0.45)}"/>',
        ]
    low = 211 + smile
    parts += [
        f'<path d="M{centre - 6} 140 Q{centre - 10} 165 {centre - 15} 180 Q{centre} 190 {centre + 15} 180 Q{centre + 10} 165 {centre + 6} 140" fill="{darker(skin, 0.93)}"/>',
        f'<path d="M{centre - 4} 150 L{centre - 12} 179" stroke="{darker(skin, 0.75)}" stroke-width="3" fill="none"/>',
        f'<path d="M{centre - 26} 207 Q{centre - 10} 199 {centre} 203 Q{centre + 10} 199 {centre + 26} 207 Q{centre} {low + 11} {centre - 26} 207" fill="{lips}"/>',
        f'<path d="M{centre - 26} 207 Q{centre} {low} {centre + 26} 207" stroke="{darker(lips, 0.5)}" stroke-width="2" fill="none"/>',
    ]
    shades = "".join(f'<stop offset="{offset}" stop-color="{darker(skin, share)}"/>' for offset, share in ((0, 1), (0.7, 0.92), (1, 0.7)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}"><defs><radialGradient id="skin" cx="0.45" cy="0.4" r="0.75">{shades}</radialGradient>'
        f'<filter id="soft"><feGaussianBlur stdDeviation="1.1"/></filter></defs><g filter="url(#soft)">{"".join(parts)}</g></svg>'
    )


ANNA = face("#e2b496", "#32231a", "#be5a5a")
ANNA_LATER = face("#dcae92", "#32231a", "#b85656", smile=3)
BEN = face("#a97b5c", "#141414", "#824040", wide=10, long=14, gap=4)
CLARA = face("#f0cdb6", "#b98a4a", "#c87878", wide=-6, long=6, gap=-3, smile=6)
DAVID = face("#7d5640", "#0c0c0c", "#6a3434", wide=4, long=20, gap=6)


def draw(browser, faces, file):
    """Draws faces beside each other into a PNG file, by a browser that shows some page of the console's."""
    data = browser.driver.execute_async_script("""
        const [faces, side, done] = arguments;
        (async () => {
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [side * faces.length, side];
          for (const [index, face] of faces.entries()) {
            const image = new Image();
            image.src = 'data:image/svg+xml;base64,' + btoa(face);
            await image.decode();
            canvas.getContext('2d').drawImage(image, side * index, 0);
          }
          done(canvas.toDataURL('image/png').split(',')[1]);
        })().catch((error) => done(String(error)));""", list(faces), SIDE)
    file.write_bytes(base64.b64decode(data, validate=True))
    return file
