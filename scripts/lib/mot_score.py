"""Scores tracks in MOTChallenge rows against ground truth, as a Markdown table.

usage: mot_score.py [--json FILE] GT.txt LABEL=TRACKS.txt[:STEP] …

STEP: only frames 1, 1 + STEP, 1 + 2·STEP … were analysed; ground truth of the others is left out. Boxes match at IoU 0.5, for
HOTA (Luiten et al. 2021) at 0.05, 0.10 … 0.95. Needs the packages of judge_requirements.txt, and trackeval.
"""
import contextlib
import io
import json
import sys

import numpy

numpy.asfarray = numpy.asarray  # motmetrics 1.4 asks for it, NumPy 2 no longer has it
import motmetrics  # noqa: E402

with contextlib.redirect_stdout(io.StringIO()):  # it tells of parts that are not used here
    from trackeval.metrics.hota import HOTA  # noqa: E402

METRICS = ["mota", "idf1", "num_switches", "recall", "precision"]


def load(path, step, confidence=-1):
    rows = motmetrics.io.loadtxt(path, fmt="mot15-2D", min_confidence=confidence)
    return rows[(rows.index.get_level_values("FrameId") - 1) % step == 0]


def count_error(truth, tracks, frames):
    def per_frame(rows):
        return rows.groupby(level="FrameId").size().reindex(frames, fill_value=0)

    return (per_frame(tracks) - per_frame(truth)).abs().mean()


def hota(truth, tracks, frames):
    numbers = [{name: index for index, name in enumerate(sorted(set(rows.index.get_level_values("Id"))))} for rows in (truth, tracks)]
    data = {"gt_ids": [], "tracker_ids": [], "similarity_scores": []}
    grouped = [dict(list(rows.groupby(level="FrameId"))) for rows in (truth, tracks)]
    for frame in frames:
        boxes = []
        for groups, places, key in zip(grouped, numbers, ("gt_ids", "tracker_ids")):
            rows = groups.get(frame)
            data[key].append(numpy.array([] if rows is None else [places[i] for i in rows.index.get_level_values("Id")], int))
            boxes.append(numpy.zeros((0, 4)) if rows is None else rows[["X", "Y", "Width", "Height"]].to_numpy(float))
        data["similarity_scores"].append(1 - motmetrics.distances.iou_matrix(*boxes) if all(map(len, boxes)) else numpy.zeros((len(boxes[0]), len(boxes[1]))))
    data |= {
        "num_timesteps": len(frames), "num_gt_ids": len(numbers[0]), "num_tracker_ids": len(numbers[1]),
        "num_gt_dets": len(truth), "num_tracker_dets": len(tracks),
    }
    with contextlib.redirect_stdout(io.StringIO()):
        return float(HOTA().eval_sequence(data)["HOTA"].mean())


def score(truth_path, path, step):
    truth = load(truth_path, step, confidence=1)
    try:
        tracks = load(path, step)
    except ValueError:  # an empty file has no columns
        tracks = truth.iloc[:0]
    accumulator = motmetrics.utils.compare_to_groundtruth(truth, tracks, "iou", distth=0.5)
    row = motmetrics.metrics.create().compute(accumulator, metrics=METRICS).iloc[0]
    last = max(rows.index.get_level_values("FrameId").max() for rows in (truth, tracks) if len(rows))
    frames = range(1, last + 1, step)
    return {
        "MOTA": float(row.mota), "IDF1": float(row.idf1), "HOTA": hota(truth, tracks, frames), "switches": int(row.num_switches),
        "recall": float(row.recall), "precision": float(row.precision), "count error": float(count_error(truth, tracks, frames)),
        "people per frame": len(truth) / len(frames), "frames": len(frames),
    }


def main():
    arguments = sys.argv[1:]
    kept = None
    if arguments[:1] == ["--json"]:
        kept, arguments = arguments[1], arguments[2:]
    if len(arguments) < 2:
        sys.exit(__doc__)
    rows = {}
    for argument in arguments[1:]:
        label, _, path = argument.partition("=")
        path, _, step = path.partition(":")
        rows[label] = score(arguments[0], path, int(step or 1))
    columns = list(next(iter(rows.values())))
    print(f"| tracks | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for label, row in rows.items():
        print(f"| {label} | {' | '.join(f'{v:.3f}' if isinstance(v, float) else str(v) for v in row.values())} |")
    if kept:
        with open(kept, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
