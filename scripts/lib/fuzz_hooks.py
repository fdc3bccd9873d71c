"""What generated requests must know of this daemon that its document cannot say."""
import os
import re

import schemathesis
from schemathesis.specs.openapi import _auth_retry

# The daemon under test has one analytic that takes any parameters. Which names exist, and what each wants, is in its catalogue
# and not in the document.
ANALYTIC = os.environ["FUZZ_ANALYTIC"]
NAME = re.compile(r"[a-zA-Z0-9_\-]{1,36}")
GROUP_NAME = re.compile(r"[a-zA-Z0-9_\-]{1,128}")
ID = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}")

# An account's id that is none is a bad header (400) by the contract; one of nobody is a wrong credential.
assert hasattr(_auth_retry, "INVALID_CREDENTIAL")
_auth_retry.INVALID_CREDENTIAL = "00000000-0000-4000-8000-000000000000"


def is_text(value, pattern):
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def with_known_names(body):
    """Names only things that exist, wherever the name by itself is a good one; what is wrong stays wrong."""
    body = dict(body)
    if isinstance(body["analytics"], list):
        body["analytics"] = [
            {**item, "analytic_name": ANALYTIC}
            if isinstance(item, dict) and is_text(item.get("analytic_name"), NAME)
            else item
            for item in body["analytics"]
        ]
    if "group_id" not in body and is_text(body.get("group_name"), GROUP_NAME):
        del body["group_name"]
    if "group_name" not in body and is_text(body.get("group_id"), ID):
        del body["group_id"]
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict) and "analytics" in case.body:
        case.body = with_known_names(case.body)
