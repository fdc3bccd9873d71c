"""What generated requests must know of the doors to jobs that their documents cannot say."""
import os
import re

import schemathesis

# A caller that is known, a key, a folder with pictures, and a job that waits for its upload.
CALLER, KEY, FOLDER, JOB = (os.environ[f"FUZZ_{name}"] for name in ("CALLER", "KEY", "FOLDER", "JOB"))
# A name that leads nowhere, whoever asks (RFC 6761).
RECEIVER = "http://receiver.invalid/"
URL = re.compile(r"https?://[^/?#]+", re.IGNORECASE)


def with_a_receiver(members):
    """Tells nobody who is there."""
    if isinstance(members.get("callback_url"), str) and URL.match(members["callback_url"]):
        return {**members, "callback_url": RECEIVER}
    return members


def with_pictures(members):
    """Names places that are there, as long as any are named; every other caller is one that is known."""
    members = dict(members)
    if isinstance(members.get("caller"), str) and len(members["caller"]) % 2:
        members["caller"] = CALLER
    if isinstance(members.get("input_container_sas"), str) and members["input_container_sas"]:
        members["input_container_sas"] = FOLDER
    if isinstance(members.get("images_requested_json_sas"), str) and URL.match(members["images_requested_json_sas"]):
        members["images_requested_json_sas"] = RECEIVER
    return members


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.operation.path
    if isinstance(case.body, dict):
        case.body = with_pictures(case.body) if path == "/request_detections" else with_a_receiver(case.body)
    if isinstance(case.query, dict):
        case.query = with_a_receiver(case.query)
    # Most ids are of nothing; some are of a job that is there.
    for name in ("job_id", "task_id"):
        value = (case.path_parameters or {}).get(name)
        if isinstance(value, str) and len(value) % 3 == 0:
            case.path_parameters[name] = JOB + ("-0" if name == "task_id" else "")
