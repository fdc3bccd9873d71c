"""Scores tracks in MOTChallenge rows against ground truth, as a Markdown table. Needs the motmetrics package.

usage: mot_score.py GT.txt LABEL=TRACKS.txt[:STEP] …

STEP: only frames 1, 1 + STEP, 1 + 2·STEP … were analysed; ground truth of the others is left out. Boxes match at IoU 0.5.
"""
import sys

import numpy

numpy.asfarray = numpy.asarray  # motmetrics 1.4 asks for it, NumPy 2 no longer has it
import motmetrics  # noqa: E402

METRICS = ["mota", "idf1", "num_switches", "recall", "precision"]


def load(path, step, confidence=-1):
    rows = motmetrics.io.loadtxt(path, fmt="mot15-2D", min_confidence=confidence)
    return rows[(rows.index.get_level_values("FrameId") - 1) % step == 0]


def count_error(truth, tracks, frames):
    def per_frame(rows):
        return rows.groupby(level="FrameId").size().reindex(frames, fill_value=0)

    return (per_frame(tracks) - per_frame(truth)).abs().mean()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    print("| tracks | MOTA | IDF1 | switches | recall | precision | count error | people per frame | frames |")
    print("|---|---|---|---|---|---|---|---|---|")
    for argument in sys.argv[2:]:
        label, _, path = argument.partition("=")
        path, _, step = path.partition(":")
        step = int(step or 1)
        truth = load(sys.argv[1], step, confidence=1)
        try:
            tracks = load(path, step)
        except ValueError:  # an empty file has no columns
            tracks = truth.iloc[:0]
        accumulator = motmetrics.utils.compare_to_groundtruth(truth, tracks, "iou", distth=0.5)
        row = motmetrics.metrics.create().compute(accumulator, metrics=METRICS).iloc[0]
        last = max(rows.index.get_level_values("FrameId").max() for rows in (truth, tracks) if len(rows))
        frames = range(1, last + 1, step)
        print(
            f"| {label} | {row.mota:.3f} | {row.idf1:.3f} | {int(row.num_switches)} | {row.recall:.3f} "
            f"| {row.precision:.3f} | {count_error(truth, tracks, frames):.3f} | {len(truth) / len(frames):.2f} | {len(frames)} |")


main()
