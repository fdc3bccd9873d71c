"""Scores the counts of `people_count` against ground truth, as a Markdown table.

usage: count_score.py FRAMES_PER_SECOND GT.txt LABEL=EVENTS.jsonl[:STEP] …

The events are one for each analysed frame: threshold 0, probe_count 0, and an event policy whose period is shorter than a frame.
STEP: frames 1, 1 + STEP, 1 + 2·STEP … were analysed.
"""
import csv
import json
import sys
from collections import Counter


def main():
    rate, truth_path, *entries = sys.argv[1:]
    with open(truth_path, newline="") as file:
        rows = [(int(row[0]), float(row[6])) for row in csv.reader(file)]
    truth = Counter(frame for frame, counts in rows if counts > 0)
    print("| counts | mean absolute error | counted | people | frames |\n|---|---|---|---|---|")
    for entry in entries:
        label, _, path = entry.partition("=")
        path, _, step = path.partition(":")
        with open(path) as file:
            events = [json.loads(line)["event"] for line in file]
        found = {round(event["video_segment"]["start_time_offset"] * float(rate)) + 1: event["people_count"] for event in events}
        frames = range(1, max(truth) + 1, int(step or 1))
        missing = [frame for frame in frames if frame not in found]
        if missing:
            sys.exit(f"count_score.py: {path} has {len(events)} events and none for {len(missing)} of the analysed frames, first {missing[0]}")
        error = sum(abs(found[frame] - truth[frame]) for frame in frames) / len(frames)
        counted, people = sum(found[frame] for frame in frames) / len(frames), sum(truth[frame] for frame in frames) / len(frames)
        print(f"| {label} | {error:.3f} | {counted:.3f} | {people:.3f} | {len(frames)} |")


if __name__ == "__main__":
    main()
