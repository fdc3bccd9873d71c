"""What scripts/trial/hostile-jobs sends through the doors as pictures, videos and archives."""

import pathlib
import threading

import hostile_files as files
from hostile_stage import case

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURE = (ROOT / "docs/images/output.jpg").read_bytes()


class Once:
    """What is done once for many."""

    def __init__(self, do):
        self.do, self.lock, self.result = do, threading.Lock(), None

    def __call__(self, stage):
        with self.lock:
            if self.result is None:
                self.result = self.do(stage)
        return self.result


def either(good, bad, is_good):
    """What a door says of something that can be shown, cannot, or either."""
    return {True: (good,), False: (bad,), None: (good, bad)}[is_good]


def pictures(dice):
    found = list(files.pictures(PICTURE, dice))

    def look(stage):
        listed = [stage.neighbour.at(f"/picture/{number}.jpg", content) for number, (_, content, _) in enumerate(found)]
        answer = stage.request(use_url=True, images_requested_json_sas=stage.neighbour.put(str(listed).replace("'", '"').encode()))
        end = stage.end_of_batch(answer.json["request_id"])
        status = stage.ask("GET", f"/v4/camera-trap/detection-batch/task/{answer.json['request_id']}").json["Status"]
        images = stage.ask("GET", status["message"]["output_file_urls"]["detections"]).json["images"] if end[0] == "c" else []
        return {image["file"].rsplit("/", 1)[1]: f"failed: {image['failure_reason']}" if "failure" in image else "done" for image in images}
    batch = Once(look)
    for number, (name, content, is_good) in enumerate(found):
        yield case(f"batch: {name}", either("done", "failed: ", is_good),
            lambda stage, n=number: batch(stage).get(f"{n}.jpg", "it is not in the results"))
        yield case(f"tags: {name}", either("200 treated", "200 No Image/Video suitable for tagging analysis ", is_good),
                   lambda stage, c=content: stage.tag(c))
        yield case(f"blob: {name}", either("done:", "failed: ", is_good), lambda stage, c=content: stage.blob(c))
        yield case(f"anonymisation: {name}", either("100 Completed", "200 ", is_good), lambda stage, c=content: stage.anonymise(c))
    for name, content, is_good in found[:24]:
        # A picture is a film of one frame.
        yield case(f"video: {name}", ("400 43003", "400 43004") if is_good is False else ("200 ", "400 43003", "400 43004"), lambda stage, c=content: stage.video(stage.neighbour.put(c, ".mp4")))


def archives(mark, dice):
    """Whatever may become of an archive: each of its files and the whole say why not."""
    def judged(stage, content, name):
        found = stage.anonymise(content, name)
        whole, _, tasks = found.partition(", ")
        code, _, said = whole.partition(" ")
        if code not in ("100", "200") or len(said) < 5 or any(len(task.split(" ", 1)[-1]) < 5 for task in tasks.split("; ") if task):
            return f"wrong: {found}"
        return "said" if "JobFailure" not in found and "Error Domain" not in found else f"wrong: {found}"
    for name, content in files.archives(PICTURE, mark, dice):
        yield case(f"archive: {name}", "said", lambda stage, c=content: judged(stage, c, "a.zip"))
    yield case("tags: an archive", "200 No Image/Video suitable", lambda stage: stage.tag(files.zipped({"a.jpg": PICTURE})))
    yield case("blob: an archive", "failed: ", lambda stage: stage.blob(files.zipped({"a.jpg": PICTURE})))
    yield case("video: an archive", ("400 43003", "400 43004"), lambda stage: stage.video(stage.neighbour.put(files.zipped({"a.jpg": PICTURE}),
        ".mp4")))


def videos(folder, dice):
    for name, content, is_good, ending in files.videos(folder, dice):
        yield case(f"anonymisation: {name}", either("100 Completed", "200 ", is_good),
                   lambda stage, c=content, e=ending: stage.anonymise(c, f"a.{e}"))
        yield case(f"tags: {name}", either("200 treated", "200 No Image/Video suitable", is_good),
                   lambda stage, c=content: stage.tag(c, "mp4"))
        # 413 is due to one that says that it lasts for days.
        yield case(f"video: {name}", ("400 4300", "413 37003") if is_good is False else ("200 ", "400 4300", "413 37003", "400 11027"),
                   lambda stage, c=content, e=ending: stage.video(stage.neighbour.put(c, f".{e}")))
        yield case(f"video that may stop: {name}", ("200 ", "400 4300", "413 37003", "400 11027"),
                   lambda stage, c=content, e=ending: stage.video(stage.neighbour.put(c, f".{e}"), error_handling={"action": "stop"}))
