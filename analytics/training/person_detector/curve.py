"""How accuracy and time grow with the input: one network's weights at many sizes, in 8 bits, as a table and as a drawing.

usage: python -m person_detector.curve --data FOLDER --cache FOLDER --video FILE --truth gt.txt --out FOLDER
       --sizes 320x192,416x256,640x384 [--chosen NAME …] NAME=WEIGHTS.pt …

Points are named `NAME 416x256`; those named by --chosen are marked in the drawing, OUT/curve.svg.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

from .card import described
from .detectors import CardDetector
from .judge import judge_pictures, judge_sequence, show, truth_of
from .pictures import Pictures

WIDTH, HEIGHT, MARGIN = 720, 420, 60
COLOURS = ("#1b6ca8", "#c8553d", "#588157", "#7b5ea7")


def drawing(series: dict[str, list[tuple[float, float, str]]], chosen: list[str], sequence: str) -> str:
    """An SVG of lines through points (milliseconds, AP50, size), one line for each network."""
    points = [point for line in series.values() for point in line]
    right = max(x for x, _, _ in points) * 1.05
    bottom, top = min(y for _, y, _ in points) - 0.02, max(y for _, y, _ in points) + 0.02

    def place(x: float, y: float) -> tuple[float, float]:
        return MARGIN + x / right * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - (y - bottom) / (top - bottom) * (HEIGHT - 2 * MARGIN)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for step in range(int(right) + 1):
        x, y = place(step, bottom)
        lines.append(f'<path d="M{x:.1f} {y:.1f}V{MARGIN}" stroke="#e4e4e4"/><text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{step}</text>')
    for hundredths in range(int(bottom * 50) + 1, int(top * 50) + 1):
        x, y = place(0, hundredths / 50)
        lines.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - MARGIN}" stroke="#e4e4e4"/><text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{hundredths / 50:.2f}</text>')
    for colour, (name, line) in zip(COLOURS, series.items()):
        places = [place(x, y) for x, y, _ in line]
        lines.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for number, ((x, y), (_, _, size)) in enumerate(zip(places, line)):
            below = 15 if number % 2 else -9  # neighbours on different sides
            is_chosen = f"{name} {size}" in chosen
            weight = "bold" if is_chosen else "normal"
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{7 if is_chosen else 3.5}" fill="{colour}"/>')
            lines.append(f'<text x="{x + 9:.1f}" y="{y + below:.1f}" fill="{colour}" font-weight="{weight}">{size}</text>')
        lines.append(f'<text x="{places[-1][0]:.1f}" y="{places[-1][1] - 26:.1f}" text-anchor="end" fill="{colour}">{name}</text>')
    lines.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">milliseconds a picture, one thread</text>')
    lines.append(f'<text x="{MARGIN}" y="{MARGIN - 18}">AP50 on {sequence}</text></svg>')
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "cache", "video", "truth", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--sizes", required=True)
    parser.add_argument("--chosen", action="append", default=[])
    parser.add_argument("weights", nargs="+", help="NAME=WEIGHTS.pt")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    held_out, truth = Pictures(options.data, "val", options.cache), truth_of(options.truth)
    rows, series = {}, {}
    for name, weights in (entry.split("=", 1) for entry in options.weights):
        for size in options.sizes.split(","):
            file = options.out / f"{name}-{size}.onnx"
            subprocess.run(
                [sys.executable, "-m", "person_detector.export", "--data", options.data, "--cache", options.cache, "--weights", weights,
                 "--size", size, "--out", options.out / "fp32.onnx", "--int8", file], check=True, stdout=subprocess.DEVNULL)
            card = file.with_suffix(".json")
            card.write_text(json.dumps(described(f"{name} {size}", file, size)))
            detector, times = CardDetector(card), [CardDetector(card, threads).milliseconds() for threads in (1, 2)]
            pictures, sequence = judge_pictures(detector, held_out)[0], judge_sequence(detector, options.video, truth, 1)
            rows[f"{name} {size}"] = {
                "ms, 1 thread": times[0], "ms, 2 threads": times[1], f"AP50 of {options.video.stem}": sequence["AP50"],
                "AP50 of held-out pictures": pictures["AP50"], "tall: recall at precision 0.8": pictures["tall: recall at precision 0.8"],
            }
            series.setdefault(name, []).append((times[0], sequence["AP50"], size))
            print(name, size, rows[f"{name} {size}"], file=sys.stderr, flush=True)
    show("One network at many sizes, in 8 bits", rows)
    (options.out / "curve.svg").write_text(drawing(series, options.chosen, options.video.stem))


if __name__ == "__main__":
    main()
